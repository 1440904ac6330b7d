// Servers on one MongoDB, behind a line that can fail, under a load whose truth is known (O3, O5, O10, V17).

import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { planFleet } from '../../server/simulator/behaviour.ts';
import { type FleetResult, runFleet } from '../../server/simulator/fleet.ts';
import type { FleetPlan } from '../../server/simulator/plan.ts';
import { simulatedAccounts } from '../../server/simulator/simulated-accounts.ts';
import { serviceTruths } from '../../server/simulator/truth.ts';
import { type Line, startProxy } from './listening.ts';
import { newDatabaseName, openScratchDatabase, uriOfDatabase } from './mongo.ts';
import { makeData, type Reporting, startReporting, userNames } from './reporting-handsets.ts';
import { type Environment, onData, type ServerProcess, spawnServer } from './server-process.ts';
import { askUntilServed, deriveAnew, expectEachOnce, listSessions } from './store-check.ts';

export interface FaultStage {
  /** Between the servers and the database. */
  line: Line;
  servers: readonly ServerProcess[];
  reporting: Reporting;
  /** Starts a server that ended again, where handsets look for it. */
  restart(index: number): Promise<void>;
  /** Ends the load and holds what every server tells against what was acknowledged and what is true. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const FLEET_HOURS = 3;
const FLEET_HANDSETS = 24; // some of them the second device of a user
const FLEET_SEED = 5;
const FLEET_AT_ONCE = 16;
const REPORTING_HANDSETS = 40;
const PAUSE_MS = 150; // between two reports of a handset: the machine is not to be the fault
const iso = (at: number): string => new Date(at).toISOString();

/** The load goes on for `loadMs` at least and until `check`: a simulated fleet, and handsets that count what was acknowledged. */
export async function openFaultStage(deps: { servers: number; loadMs: number }): Promise<FaultStage> {
  const uri = uriOfDatabase(newDatabaseName());
  const { line, through } = await layLine(uri);
  const users = userNames(REPORTING_HANDSETS);
  const environment = await makeData(users, { MONGODB_URI: through, SUPPRESS_BELOW: '0' });
  const servers: ServerProcess[] = [];
  const ports: number[] = [];
  const start = async (index: number): Promise<void> => {
    const server = spawnServer({ ...environment, PORT: String(ports[index] ?? 0) });
    servers[index] = server;
    ports[index] = await server.ready();
  };
  for (let index = 0; index < deps.servers; index += 1) await start(index);

  const plan = await planOn(environment);
  const fleets = ports.map((port, index) =>
    runFleet({
      url: `http://127.0.0.1:${port}`,
      plan: { ...plan, handsets: plan.handsets.filter((_, number) => number % ports.length === index) },
      accounts: simulatedAccounts(FLEET_HANDSETS, FLEET_SEED),
      speed: (FLEET_HOURS * HOUR_MS) / deps.loadMs,
      concurrency: FLEET_AT_ONCE,
      clock: Date.now,
    }),
  );
  const played: Promise<PromiseSettledResult<FleetResult>[]> = Promise.allSettled(fleets);
  const reporting = startReporting({ users, port: (index) => ports[index % ports.length], pauseMs: () => PAUSE_MS });

  return {
    line,
    servers,
    reporting,
    restart: start,
    async check() {
      const results = await played;
      expect(results.map((each) => (each.status === 'fulfilled' ? each.value.refusals : each.reason))).to.deep.equal(
        results.map(() => ({})),
      );
      await reporting.stop();
      await expectEachOnce(environment, reporting);
      const derived = await deriveAnew(environment);
      for (const server of servers) {
        const listed = await listSessions(server);
        expect(listed).to.deep.equal(derived);
        expectTruth(listed as ListedSession[], plan);
        await expectFigures(server, plan);
      }
    },
    async close() {
      for (const server of servers) if (server.isAlive()) server.kill('SIGKILL');
      await Promise.all([reporting.stop(), ...servers.map(({ ended }) => ended)]);
      line.mend();
      await line.close();
      await (await openScratchDatabase(uri)).close();
      await rm(environment.DATA_DIR, { recursive: true });
    },
  };
}

/** A line to the database, and the URI that leads through it. */
export async function layLine(uri: string): Promise<{ line: Line; through: string }> {
  const address = new URL(uri);
  const line = await startProxy(address.hostname, Number(address.port || 27_017));
  address.host = `127.0.0.1:${line.port}`;
  address.searchParams.set('directConnection', 'true');
  return { line, through: address.href };
}

/** A plan over the sample guide, and the accounts that it needs. Nothing in it is beyond what a server can know. */
async function planOn(environment: Environment): Promise<FleetPlan> {
  return onData(environment, async ({ guide, accounts }) => {
    const endAt = Date.now();
    const startAt = endAt - FLEET_HOURS * HOUR_MS;
    while ((await guide.revision()) === 0) await sleep(50); // a server answers before it has loaded its sample
    const known = await guide.listServices();
    const programmes = await guide.listProgrammes({ from: startAt, to: endAt });
    const services = known.map(({ id }) => ({ id, programmes: programmes.filter(({ service }) => service === id) }));
    async function* rows() {
      for (const account of simulatedAccounts(FLEET_HANDSETS, FLEET_SEED))
        yield { line: 1, entry: { ...account, role: 'handset' as const } };
    }
    await accounts.import(rows(), { by: 'test' });
    const options = { crashRate: 0, badClockShare: 0, visitsPerDay: 36 };
    return planFleet({
      handsets: FLEET_HANDSETS,
      hours: FLEET_HOURS,
      seed: FLEET_SEED,
      startAt,
      services,
      options,
    });
  });
}

interface ListedSession {
  user: string;
  service: string;
  programme: string;
  startedAt: string;
  endedAt?: string;
}

function expectTruth(listed: readonly ListedSession[], plan: FleetPlan): void {
  const users = new Set(plan.handsets.map(({ handset }) => handset.user));
  const told = listed
    .filter(({ user }) => users.has(user))
    .map(({ user, service, programme, startedAt, endedAt }) =>
      [user, service, programme, startedAt, endedAt].join(' '),
    );
  const truth = plan.handsets
    .flatMap(({ expected }) => expected)
    .map(({ user, service, programme, from, to }) => [user, service, programme, iso(from), iso(to)].join(' '));
  expect(told.sort()).to.deep.equal(truth.sort());
}

async function expectFigures(server: ServerProcess, plan: FleetPlan): Promise<void> {
  const path = `/reports/ratings?by=service&from=${iso(plan.from)}&to=${iso(plan.to)}`;
  const { items } = (await askUntilServed(server, path)) as {
    items: { channelId: string; viewerSeconds: number; reach: number }[];
  };
  for (const truth of serviceTruths(plan)) {
    const row = items.find(({ channelId }) => channelId === truth.service);
    const figures = { viewerSeconds: row?.viewerSeconds, reach: row?.reach };
    expect(figures, truth.service).to.deep.equal({ viewerSeconds: truth.viewerSeconds, reach: truth.reach });
  }
}
