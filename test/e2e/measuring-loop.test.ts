// From a handset's report to a provider's figures, over real HTTP (V3-V5, V8, V13, V15; R14).

import { expect } from 'chai';
import { planFleet } from '../../server/simulator/behaviour.ts';
import { runFleet } from '../../server/simulator/fleet.ts';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { simulatedAccounts } from '../../server/simulator/simulated-accounts.ts';
import { serviceTruths } from '../../server/simulator/truth.ts';
import { logReport } from '../support/reports.ts';
import { startServer, type TestServer } from '../support/server.ts';

type Item = Record<string, unknown>;

const MINUTE_MS = 60_000;
const iso = (at: number): string => new Date(at).toISOString();
describe('the measuring loop', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer();
    await server.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
  });
  afterEach(() => server.close());

  const list = async (path: string): Promise<{ items: Item[] }> => {
    const body: unknown = await (await server.ask(path)).json();
    return body as { items: Item[] };
  };
  /** Posts as the handset `abc`, dated by its clock. */
  const post = async (path: string, xml: string, at = server.clock.now): Promise<{ status: number; body: string }> => {
    const client = createHandsetClient({
      url: server.url,
      user: 'abc',
      password: 'secret',
      keepAlive: false,
      clock: Date.now,
    });
    const answer = await client.post({ path, body: () => xml, date: () => new Date(at) });
    client.close();
    return answer;
  };

  it('V3, V5, V13, V15: a LogIn and a LogOut become an online viewer, then a session in three forms', async () => {
    const start = server.clock.now;
    const first = await post('/', logReport('LogInInfo', 'abc', '01', '11'));
    expect(first.status).to.equal(200);
    expect(first.body).to.contain('result="recorded"');
    const online = await list('/online?service=01');
    expect(online.items).to.have.length(1);
    expect(online.items[0]?.watching).to.include({ service: '01', programme: '11', since: iso(start) });

    const again = await post('/', logReport('LogInInfo', 'abc', '01', '11'), start);
    expect(again.body).to.contain('result="duplicate"');

    server.clock.now += 25 * MINUTE_MS;
    const last = await post('/reports', logReport('LogOutInfo', 'abc', '01', '11'));
    expect(last.status).to.equal(200);
    expect((await list('/online?service=01')).items).to.deep.equal([]);

    const window = `from=${iso(start - MINUTE_MS)}&to=${iso(server.clock.now)}`;
    const { items } = await list(`/sessions?user=abc&${window}`);
    expect(items).to.have.length(1);
    expect(items[0]).to.include({ user: 'abc', service: '01', programme: '11', startedAt: iso(start), seconds: 1_500 });
    const csv = await (await server.ask(`/sessions?format=csv&${window}`)).text();
    expect(csv).to.contain(`abc,${items[0]?.device},01,11,${iso(start)},${iso(server.clock.now)},1500,,0\r\n`);
    const xml = await (await server.ask(`/sessions?format=xml&${window}`)).text();
    expect(xml).to.contain('<User_ID>abc</User_ID>').and.contain('<Time>1500</Time>');
  });

  it('V8: a report in another user’s name is refused and not stored', async () => {
    const answer = await post('/', logReport('LogInInfo', 'other', '01', '11'));
    expect(answer.status).to.equal(403);
    expect(answer.body).to.contain('<code>forbidden</code>');
    expect((await list('/online')).items).to.deep.equal([]);
  });

  it('V4: a report from the future is quarantined with its reason', async () => {
    const ahead = server.clock.now + 60 * MINUTE_MS;
    const answer = await post('/', logReport('LogInInfo', 'abc', '01', '11'), ahead);
    expect(answer.body).to.contain('result="quarantined"').and.contain('reason="future"');
    expect((await list('/sessions')).items).to.deep.equal([]);
  });

  it('V15: who fell silent goes off the online list though nobody asks for it', async () => {
    await post('/', logReport('LogInInfo', 'abc', '01', '11'));
    server.clock.now += 6 * MINUTE_MS;
    await server.products.viewing.closeSilentSessions();
    expect(server.products.viewing.online.size()).to.equal(0);
  });

  it('O2: who objected is online and nothing else', async () => {
    await server.products.accounts.withdrawConsent('abc', 'abc');
    const answer = await post('/', logReport('LogInInfo', 'abc', '01', '11'));
    expect(answer.body).to.contain('result="not_measured"');
    expect((await list('/sessions')).items).to.deep.equal([]);
    const { items } = await list('/online');
    expect(items).to.have.length(1);
    expect(items[0]).not.to.have.property('watching');
  });

  it('O10, R2: the figures of a simulated fleet are those of its truth', async () => {
    const hours = 4;
    const startAt = server.clock.now - hours * 60 * MINUTE_MS;
    const known = await server.products.guide.listServices();
    const programmes = await server.products.guide.listProgrammes({ from: startAt, to: server.clock.now });
    const services = known.map(({ id }) => ({ id, programmes: programmes.filter(({ service }) => service === id) }));
    const handsets = 80; // so many that users watch two services at once
    const accounts = simulatedAccounts(handsets, 5);
    for (const account of accounts) await server.products.accounts.add({ ...account, role: 'handset' }, 'test');
    const options = { crashRate: 0, badClockShare: 0 }; // what nobody can know exactly is another test's
    const plan = planFleet({ handsets, hours, seed: 5, startAt, services, options });
    const clock = (): number => server.clock.now;
    const result = await runFleet({ url: server.url, plan, accounts, speed: 0, concurrency: 8, clock });
    expect(result.refused).to.equal(0);
    const path = `/reports/ratings?by=service&from=${iso(startAt)}&to=${iso(server.clock.now)}`;
    const report = await list(path);
    for (const truth of serviceTruths(plan)) {
      const row = report.items.find((item) => item.channelId === truth.service);
      expect(row?.viewerSeconds, truth.service).to.equal(truth.viewerSeconds);
      expect(row?.reach, truth.service).to.equal(truth.reach);
    }
  });
});
