// What is reported outside measured windows, or by users who see no marks, is not kept beyond the online state (G5, G6).

import { expect } from 'chai';
import { planFleet } from '../../server/simulator/behaviour.ts';
import { runFleet } from '../../server/simulator/fleet.ts';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { simulatedAccounts } from '../../server/simulator/simulated-accounts.ts';
import { logReport } from '../support/reports.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MINUTE_MS = 60_000;
/** The server's clock begins there. */
const SIX = Date.UTC(2026, 10, 20, 18);

describe('measured windows', () => {
  let server: TestServer;
  const begin = async (environment: Record<string, string> = {}): Promise<void> => {
    server = await startServer(environment);
    await server.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
  };
  afterEach(() => server.close());

  /** Service 01 is measured from 18:10 to 18:40. */
  const mark = async (...marks: string[]): Promise<void> => {
    const path = '/sg/services/01/measured-windows';
    const body = JSON.stringify({ marks: marks.length > 0 ? marks : ['TRUE 2026-11-20T18:10Z~18:40'] });
    const answer = await server.ask(path, { method: 'PUT', body, headers: { 'content-type': 'application/json' } });
    expect(answer.status, await answer.text()).to.equal(200);
  };
  const handset = (user: string) =>
    createHandsetClient({ url: server.url, user, password: 'secret', keepAlive: false, clock: Date.now });
  const send = async (minute: number, type: string, service = '01', user = 'abc'): Promise<string> => {
    server.clock.now = SIX + minute * MINUTE_MS;
    const client = handset(user);
    const date = new Date(server.clock.now);
    const answer = await client.post({ path: '/', body: () => logReport(type, user, service, '1'), date: () => date });
    client.close();
    expect(answer.status, answer.body).to.equal(200);
    return /result="(\w+)"/.exec(answer.body)?.[1] ?? '';
  };
  const kept = async (user = 'abc'): Promise<number> => {
    const account = await server.products.accounts.get(user);
    let count = 0;
    for await (const page of server.products.viewing.exportViewer(account.viewer)) count += page.length;
    return count;
  };
  const sessions = async (): Promise<string[]> => {
    const found = await server.products.viewing.listSessions({ from: 0, to: server.clock.now + MINUTE_MS, limit: 100 });
    const minuteOf = (at?: number): string => (at === undefined ? '' : String((at - SIX) / MINUTE_MS));
    return found.map(({ service, startedAt, endedAt }) => `${service} ${minuteOf(startedAt)}-${minuteOf(endedAt)}`);
  };
  const watching = (): string[] =>
    server.products.viewing.online.list({ limit: 9 }).map((device) => device.watching?.service ?? '-');

  it('G6: before and after the window only who is online is known', async () => {
    await begin();
    await mark();
    expect(await send(0, 'LogInInfo')).to.equal('not_measured');
    expect(watching()).to.deep.equal(['01']);
    expect(await send(5, 'LogOutInfo')).to.equal('not_measured');
    expect(watching()).to.deep.equal([]);
    expect(await send(50, 'LogInInfo')).to.equal('not_measured');
    expect([await kept(), await sessions()]).to.deep.equal([0, []]);
  });

  it('G6: of viewing across the end of the window only what lies in it is kept', async () => {
    await begin();
    await mark();
    expect(await send(20, 'LogInInfo')).to.equal('recorded');
    expect(await send(50, 'LogOutInfo')).to.equal('not_measured');
    expect(await kept()).to.equal(1);
    server.clock.now = SIX + 60 * MINUTE_MS;
    await server.products.viewing.closeSilentSessions();
    expect(await sessions()).to.deep.equal(['01 20-40']);
  });

  it('G6: a LogIn as the window opens and a LogOut as it closes are in it, by clocks that are a second off', async () => {
    await begin();
    await mark();
    expect(await send(10 - 1 / 60, 'LogInInfo')).to.equal('recorded');
    expect(await send(40, 'LogOutInfo')).to.equal('recorded');
    expect(await sessions()).to.deep.equal(['01 10-40']);
  });

  it('G5, G6: a change of the marks holds at once; other services go by policy', async () => {
    await begin({ MEASURE: 'none' });
    await mark('TRUE 2026-11-20T18:00Z~18:40');
    expect(await send(10, 'LogInInfo')).to.equal('recorded');
    expect(await send(11, 'LogInInfo', '02')).to.equal('not_measured');
    await mark('TRUE 2026-11-20T19:00Z~19:40');
    expect(await send(12, 'LogInInfo')).to.equal('not_measured');
  });

  it('G6: who is not in the sample is online and no more, and the universe is the sample', async () => {
    await begin({ MEASURE_PERCENT: '50', SUPPRESS_BELOW: '0' });
    const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
    for (const user of users) await server.products.accounts.add({ user, password: 'secret', role: 'handset' }, 'test');
    const { isSampled } = server.products.markClasses;
    const sample = users.filter(isSampled);
    expect(sample.length).to.be.within(1, 11);
    for (const user of users) {
      expect(await send(1, 'LogInInfo', '01', user), user).to.equal(isSampled(user) ? 'recorded' : 'not_measured');
      expect(await kept(user), user).to.equal(isSampled(user) ? 1 : 0);
      const client = handset(user);
      const guide = await client.get({ path: '/sg?service=01' });
      client.close();
      expect(guide.body).to.contain(`Channel_stat_Type="${isSampled(user) ? 'TRUE' : 'FALSE'}"`);
    }
    expect(watching()).to.have.length(9);
    server.clock.now = SIX + 30 * MINUTE_MS;
    const report = await server.ask('/reports/ratings?from=2026-11-20T18:00Z&to=2026-11-20T18:20Z&format=json');
    const all = sample.length + (isSampled('abc') ? 1 : 0);
    expect(((await report.json()) as { criteria: { universe: number } }).criteria.universe).to.equal(all);
  });

  it('G6, O10: simulated handsets obey the marks, and what is kept is what they did in measured time', async () => {
    await begin({ MEASURE: 'none', CONSENT_VERSION: '1', SAMPLE_GUIDE: 'true' });
    const { accounts, guide, viewing } = server.products;
    const hours = 6;
    const startAt = SIX - hours * 60 * MINUTE_MS;
    await mark('TRUE 2026-11-20T13:00Z~15:00', 'TRUE 2026-11-20T16:30Z~17:50');
    const path = '/sg/services/02/measured-windows';
    const body = JSON.stringify({ marks: ['TRUE 2026-11-20T12:00Z~18:00', 'FALSE 2026-11-20T14:00Z~14:30'] });
    await server.ask(path, { method: 'PUT', body, headers: { 'content-type': 'application/json' } });
    const known = await guide.listServices();
    const programmes = await guide.listProgrammes({ from: startAt, to: SIX });
    const services = known.map(({ id, measured }) => ({
      ...{ id, measured },
      programmes: programmes.filter(({ service }) => service === id),
    }));
    const fleet = simulatedAccounts(60, 3);
    for (const [index, account] of fleet.entries()) {
      await accounts.add({ ...account, role: 'handset' }, 'test');
      if (index % 5 > 0) await accounts.recordConsent(account.user, { version: '1' }, 'test');
    }
    const plan = planFleet({ handsets: 60, hours, seed: 3, startAt, services, options: { badClockShare: 0 } });
    const clock = (): number => server.clock.now;
    const played = await runFleet({
      ...{ url: server.url, plan, accounts: fleet, speed: 0, concurrency: 8, obeysMarks: true, clock },
    });
    expect(played).to.include({ refused: 0 });
    expect(played.unmeasured, 'of those who did not agree').to.be.greaterThan(10);
    expect(played.results).to.have.keys('recorded', 'duplicate');
    server.clock.now += 12 * 60 * MINUTE_MS;
    await viewing.closeSilentSessions();
    const found = await viewing.listSessions({ from: startAt, to: server.clock.now, limit: 10_000 });
    const agreed = new Set(fleet.filter((_, index) => index % 5 > 0).map(({ user }) => user));
    const expected = plan.handsets.flatMap((each) => each.expected).filter(({ user }) => agreed.has(user));
    const tell = (service: string, from: number, to: number | undefined): string =>
      `${service} ${new Date(from).toISOString()} ${to === undefined ? '' : new Date(to).toISOString()}`;
    expect(expected.length).to.be.greaterThan(50);
    expect(found.map(({ service, startedAt, endedAt }) => tell(service, startedAt, endedAt)).sort()).to.deep.equal(
      expected.map(({ service, from, to }) => tell(service, from, to)).sort(),
    );
    for (const { service, startedAt, endedAt = 0 } of found) {
      const windows = known.find(({ id }) => id === service)?.measured ?? [];
      expect(
        windows.some((one) => one.from <= startedAt && endedAt <= one.to),
        tell(service, startedAt, endedAt),
      ).to.equal(true);
    }
  });
});
