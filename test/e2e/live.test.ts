// GET /reports/live: who watches now, of the whole server (R9, R14, V9).

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { logReport } from '../support/reports.ts';
import { startServer } from '../support/server.ts';

interface Live {
  at: string;
  minutes: string[];
  items: { service: string; audience?: number; byMinute: (number | null)[] }[];
  total?: { audience: number; byMinute: number[] };
}

const MINUTE_MS = 60_000;

describe('the live audience', () => {
  let world: ApiWorld;
  const live = async (user: string): Promise<Live> => {
    const answer = await world.as(user, 'GET', '/reports/live');
    expect(answer.headers.get('cache-control')).to.equal('private, max-age=1');
    return (await answer.json()) as Live;
  };
  const report = async (user: string, type: string, service: string): Promise<void> => {
    const body = logReport(type, user, service, '');
    expect((await world.as(user, 'POST', '/', { body, type: 'text/xml' })).status).to.equal(200);
  };
  afterEach(() => world.close());

  it('R9: follows who comes and goes, and forgets who fell silent', async () => {
    world = await startApiWorld(); // both began to watch a second ago
    world.clock.now += MINUTE_MS - 1_000;
    let seen = await live('ops');
    expect(seen.at).to.equal('2026-11-21T06:01:00.000Z');
    expect(seen.minutes).to.have.length(30);
    expect(seen.minutes.at(-1)).to.equal('2026-11-21T06:00:00.000Z');
    expect(
      seen.items.map(({ service, audience, byMinute }) => [service, audience, ...byMinute.slice(-2)]),
    ).to.deep.equal([
      ['01', 1, 0, 1],
      ['02', 1, 0, 1],
    ]);
    await report('other', 'LogInInfo', '01');
    world.clock.now += 30_000;
    await report('other', 'LogOutInfo', '01');
    world.clock.now += 30_000;
    seen = await live('admin');
    expect(seen.items.map(({ audience, byMinute }) => [audience, ...byMinute.slice(-2)])).to.deep.equal([
      [1, 1, 1.5],
      [0, 1, 0],
    ]);
    expect([seen.total?.audience, ...(seen.total?.byMinute.slice(-2) ?? [])]).to.deep.equal([1, 2, 1.5]);
    world.clock.now += 10 * MINUTE_MS;
    expect((await live('ops')).total?.audience).to.equal(0);
  });

  it('R14: a provider sees its own services, and nothing of few', async () => {
    world = await startApiWorld({}, { SUPPRESS_BELOW: '2' });
    world.clock.now += MINUTE_MS;
    await report('other', 'LogInInfo', '01');
    const { items, ...rest } = await live('news');
    expect(rest).not.to.have.property('total');
    expect(items.map(({ service, audience, byMinute }) => [service, audience, byMinute.at(-1)])).to.deep.equal([
      ['01', 2, null],
    ]);
    expect((await live('film')).items.map(({ service, audience }) => [service, audience])).to.deep.equal([
      ['02', undefined],
    ]);
  });
});

describe('the live audience of a server that starts', () => {
  it('R9: has who was on before, and no minute that it did not see', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
    try {
      const file = join(folder, 'data.db');
      const first = await startServer({}, file);
      const { clock, url } = first;
      await first.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
      const client = createHandsetClient({ url, user: 'abc', password: 'secret', keepAlive: false, clock: Date.now });
      const body = (): string => logReport('LogInInfo', 'abc', '01', '');
      await client.post({ path: '/', body, date: () => new Date(clock.now) });
      client.close();
      await first.close();
      clock.now += 30_000;
      const second = await startServer({}, file, {}, clock);
      clock.now += 90_000;
      const { total } = (await (await second.ask('/reports/live')).json()) as Live;
      await second.close();
      expect(total).to.deep.include({ audience: 1, byMinute: [1] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
