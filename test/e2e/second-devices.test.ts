// Users with two devices, often on two services at once: each of their seconds counts once (R2, R7, V11, V12).

import { expect } from 'chai';
import { planFleet } from '../../server/simulator/behaviour.ts';
import { runFleet } from '../../server/simulator/fleet.ts';
import type { FleetPlan } from '../../server/simulator/plan.ts';
import { simulatedAccounts } from '../../server/simulator/simulated-accounts.ts';
import { serviceTruths } from '../../server/simulator/truth.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { listSessions } from '../support/store-check.ts';

interface Row {
  channelId: string;
  viewerSeconds: number;
  reach: number;
}

const HOURS = 3;
const HANDSETS = 400; // of which 20 are the second device of a user
const SEEDS = [3, 7]; // in both, services are turned to at once
const iso = (at: number): string => new Date(at).toISOString();

describe('users with two devices', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.close());

  for (const seed of SEEDS) {
    it(`R2, R7, V12: sessions and figures are those of the truth to the second, and add up (seed ${seed})`, async () => {
      const plan = await planOn(server, seed);
      const accounts = simulatedAccounts(HANDSETS, seed);
      const users = new Set(plan.handsets.map(({ handset }) => handset.user));
      for (const account of accounts) {
        if (users.has(account.user)) await server.products.accounts.add({ ...account, role: 'handset' }, 'test');
      }
      const clock = (): number => server.clock.now;
      const result = await runFleet({ url: server.url, plan, accounts, speed: 0, concurrency: 8, clock });
      expect(result.refusals).to.deep.equal({});

      await server.products.viewing.closeSilentSessions();

      const listed = (await listSessions(server)) as Record<string, string>[];
      expect(
        listed.map(({ user, service, startedAt, endedAt }) => [user, service, startedAt, endedAt].join(' ')).sort(),
      ).to.deep.equal(
        plan.handsets
          .flatMap(({ expected }) => expected)
          .map(({ user, service, from, to }) => [user, service, iso(from), iso(to)].join(' '))
          .sort(),
      );

      const path = `/reports/ratings?by=service&from=${iso(plan.from)}&to=${iso(plan.to)}`;
      const { items, total } = await ask<{ items: Row[]; total: Row }>(server, path);
      const truths = serviceTruths(plan);
      const figures = items.filter(({ viewerSeconds }) => viewerSeconds > 0);
      expect(
        figures.map(({ channelId, viewerSeconds, reach }) => ({ service: channelId, viewerSeconds, reach })),
      ).to.deep.equal(
        truths
          .filter(({ viewerSeconds }) => viewerSeconds > 0)
          .map(({ service, viewerSeconds, reach }) => ({ service, viewerSeconds, reach })),
      );
      expect(total.viewerSeconds).to.equal(truths.reduce((sum, { viewerSeconds }) => sum + viewerSeconds, 0));
    });
  }
});

async function ask<T>(server: TestServer, path: string): Promise<T> {
  return (await (await server.ask(path)).json()) as T;
}

/** Both devices of those who have two. */
async function planOn({ products, clock }: TestServer, seed: number): Promise<FleetPlan> {
  const startAt = clock.now - HOURS * 3_600_000;
  const programmes = await products.guide.listProgrammes({ from: startAt, to: clock.now });
  const services = (await products.guide.listServices()).map(({ id }) => ({
    id,
    programmes: programmes.filter(({ service }) => service === id),
  }));
  const options = { crashRate: 0.1, badClockShare: 0, visitsPerDay: 48 };
  const plan = planFleet({ handsets: HANDSETS, hours: HOURS, seed, startAt, services, options });
  const byUser = Map.groupBy(plan.handsets, ({ handset }) => handset.user);
  return { ...plan, handsets: plan.handsets.filter(({ handset }) => (byUser.get(handset.user)?.length ?? 0) > 1) };
}
