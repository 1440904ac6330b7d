// Several servers on one MongoDB act as one (O4, V7, V11, V15, G4, G6). Runs where STORES asks for mongo.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createLog } from '../../server/log.ts';
import { planFleet } from '../../server/simulator/behaviour.ts';
import { runFleet } from '../../server/simulator/fleet.ts';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { simulatedAccounts } from '../../server/simulator/simulated-accounts.ts';
import { serviceTruths } from '../../server/simulator/truth.ts';
import { openMongoDatabase } from '../../server/store/mongo/database.ts';
import { digestAuthorization } from '../support/digest-client.ts';
import { dropDatabase, isMongoAsked, newDatabaseName, uriOfDatabase } from '../support/mongo.ts';
import { logReport } from '../support/reports.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MINUTE_MS = 60_000;
const ONLINE_WITHIN_MS = 3_000;
const iso = (at: number): string => new Date(at).toISOString();

(isMongoAsked ? describe : describe.skip)('two servers on one MongoDB', () => {
  let uri: string;
  let servers: [TestServer, TestServer];
  const clock = { now: 0 };

  beforeEach(async () => {
    clock.now = Date.UTC(2026, 10, 20, 18);
    uri = uriOfDatabase(newDatabaseName());
    const environment = { MONGODB_URI: uri };
    servers = [
      await startServer(environment, undefined, {}, clock),
      await startServer(environment, undefined, {}, clock),
    ];
    await servers[0].products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
  });
  afterEach(async () => {
    for (const server of servers) await server.close();
    await dropDatabase(uri);
  });

  const post = async (server: TestServer, xml: string): Promise<string> => {
    const client = createHandsetClient({
      url: server.url,
      user: 'abc',
      password: 'secret',
      keepAlive: false,
      clock: Date.now,
    });
    const { body } = await client.post({ path: '/', body: () => xml, date: () => new Date(clock.now) });
    client.close();
    return body;
  };
  const listOnline = async (server: TestServer): Promise<unknown[]> =>
    ((await (await server.ask('/online?service=01')).json()) as { items: unknown[] }).items;
  /** What the server answers when it is right, which it is within a moment. */
  const soon = async (look: () => Promise<unknown[]>, length: number): Promise<unknown[]> => {
    let found = await look();
    for (const end = Date.now() + ONLINE_WITHIN_MS; found.length !== length && Date.now() < end; found = await look())
      await sleep(50);
    return found;
  };

  it('V15, V11: a report stream that hops between them is one session, and both know who is online', async () => {
    const [one, other] = servers;
    const start = clock.now;
    expect(await post(one, logReport('LogInInfo', 'abc', '01', '11'))).to.contain('result="recorded"');
    expect(await soon(() => listOnline(other), 1)).to.have.length(1);
    clock.now += 2 * MINUTE_MS;
    await post(other, logReport('LogInInfo', 'abc', '01', '11'));
    await post(other, logReport('LogInInfo', 'abc', '01', '11')); // sent again
    await post(one, logReport('LogInInfo', 'abc', '01', '11')); // and again, to the other
    clock.now += 10 * MINUTE_MS;
    await post(one, logReport('LogOutInfo', 'abc', '01', '11'));
    expect(await soon(() => listOnline(other), 0)).to.deep.equal([]);
    for (const server of servers) {
      const answer = await server.ask(`/sessions?user=abc&from=${iso(start - MINUTE_MS)}&to=${iso(clock.now)}`);
      const { items } = (await answer.json()) as { items: Record<string, unknown>[] };
      expect(items.map(({ service, seconds, flags }) => ({ service, seconds, flags }))).to.deep.equal([
        { service: '01', seconds: 720, flags: [] },
      ]);
    }
  });

  const listAll = async (server: TestServer): Promise<Record<string, unknown>[]> =>
    ((await (await server.ask('/online')).json()) as { items: Record<string, unknown>[] }).items;

  it('V15, G6: who is not measured is online at all of them, and only that is kept, while it is of now', async () => {
    const [one, other] = servers;
    await one.products.accounts.withdrawConsent('abc', 'test');
    const start = clock.now;
    expect(await post(one, logReport('LogInInfo', 'abc', '01', '11'))).to.contain('result="not_measured"');
    expect(await soon(() => listAll(other), 1)).to.have.length(1);
    clock.now += 4 * MINUTE_MS;
    await post(other, logReport('LogInInfo', 'abc', '01', '11'));
    const third = await startServer({ MONGODB_URI: uri }, undefined, {}, clock);
    const shown = {
      user: 'abc',
      since: iso(start),
      lastSignAt: iso(clock.now),
      loginMethod: 'digest',
      subscriptions: [],
    };
    for (const server of [one, other, third]) {
      const isRight = async () => (await listAll(server)).filter(({ lastSignAt }) => lastSignAt === shown.lastSignAt);
      const [{ device, ...rest } = {}] = (await soon(isRight, 1)) as Record<string, unknown>[];
      expect(rest).to.deep.equal(shown);
      expect(await listOnline(server)).to.deep.equal([]);
    }
    const database = await openMongoDatabase(uri, createLog({ level: 'silent' }));
    const kept = await database.db.collection('online_states').find().toArray();
    expect(kept.map((document) => Object.keys(document).sort())).to.deep.equal([
      ['_id', 'expiresAt', 'isOnline', 'putAt', 'receivedAt', 'sentAt', 'since', 'verified', 'viewer'],
    ]);
    expect(await database.db.collection('reports').countDocuments()).to.equal(0);
    await database.close();
    clock.now += MINUTE_MS;
    await post(third, logReport('LogOutInfo', 'abc', '01', '11'));
    for (const server of [one, other, third]) expect(await soon(() => listAll(server), 0)).to.deep.equal([]);
    await third.close();
    const fourth = await startServer({ MONGODB_URI: uri }, undefined, {}, clock);
    expect(await listAll(fourth)).to.deep.equal([]);
    await fourth.close();
  });

  it('O2: what a user watches is off every list when the user withdraws, and is back when the user agrees', async () => {
    const [one, other] = servers;
    await post(one, logReport('LogInInfo', 'abc', '01', '11'));
    expect(await soon(() => listOnline(other), 1)).to.have.length(1);
    await one.products.accounts.withdrawConsent('abc', 'test');
    clock.now += MINUTE_MS;
    await post(other, logReport('LogInInfo', 'abc', '01', '11'));
    expect(await soon(() => listOnline(one), 0)).to.deep.equal([]);
    expect(await listAll(one)).to.have.length(1);
    await one.products.accounts.recordConsent('abc', { version: '1' }, 'test');
    clock.now += MINUTE_MS;
    await post(other, logReport('LogInInfo', 'abc', '01', '11'));
    expect(await soon(() => listOnline(one), 1)).to.have.length(1);
    clock.now += MINUTE_MS;
    await post(one, logReport('LogOutInfo', 'abc', '01', '11'));
    expect(await soon(() => listAll(other), 0)).to.deep.equal([]);
    const third = await startServer({ MONGODB_URI: uri }, undefined, {}, clock);
    expect(await listAll(third), 'the state that is still kept is older than the LogOut').to.deep.equal([]);
    await third.close();
  });

  it('V7: a nonce of one is honoured by the other, and a replay there does no harm', async () => {
    const [one, other] = servers;
    const body = logReport('LogInInfo', 'abc', '01', '11');
    const headers = { 'content-type': 'text/xml', date: new Date(clock.now).toUTCString() };
    const asked = await fetch(one.url, { method: 'POST', body, headers });
    const challenge = (asked.headers.get('www-authenticate') ?? '').split(/, (?=Digest )/);
    const authorization = digestAuthorization({
      challenge,
      user: 'abc',
      password: 'secret',
      method: 'POST',
      uri: '/',
      nc: 1,
      cnonce: '0a4f113b',
    });
    for (const server of [other, one]) {
      const answer = await fetch(server.url, { method: 'POST', body, headers: { ...headers, authorization } });
      expect(answer.status).to.equal(200);
    }
    const { items } = (await (await one.ask('/sessions?user=abc')).json()) as { items: unknown[] };
    expect(items.length).to.be.at.most(1);
  });

  it('O4, G4, G6: a guide changed at one is the same at both, and so are its marks', async () => {
    const [one, other] = servers;
    const [before, same] = await Promise.all(servers.map((server) => server.ask('/sg')));
    expect(before?.headers.get('etag')).to.equal(same?.headers.get('etag')).and.not.to.equal(null);
    expect(await before?.text()).to.equal(await same?.text());
    const [now, sameNow] = await Promise.all(servers.map((server) => server.ask('/sg/now')));
    expect(now?.headers.get('etag')).to.equal(sameNow?.headers.get('etag'));
    expect(await post(other, logReport('LogInInfo', 'abc', '01', '11'))).to.contain('result="recorded"');
    const marked = await one.ask('/sg/services/01/measured-windows', {
      method: 'PUT',
      body: JSON.stringify({ marks: ['TRUE 2026-11-20T20:00Z~21:00'] }),
      headers: { 'content-type': 'application/json' },
    });
    expect(marked.status).to.equal(200);
    const version = /version="(\d+)"/.exec(await (await other.ask('/sg')).text())?.[1];
    expect(await (await other.ask(`/sg?since=${Number(version) - 1}`)).text()).to.contain(
      'TRUE 2026-11-20T20:00Z~21:00',
    );
    clock.now += 1_000; // so late a change elsewhere is seen
    expect(await post(other, logReport('LogInInfo', 'abc', '01', '12'))).to.contain('result="not_measured"');
    expect(await post(one, logReport('LogInInfo', 'abc', '01', '12'))).to.contain('result="not_measured"');
  });

  it('O4, O10: a fleet over both, one of which dies, is measured as it was', async () => {
    const [one, other] = servers;
    const hours = 3;
    const startAt = clock.now - hours * 60 * MINUTE_MS;
    const known = await one.products.guide.listServices();
    const programmes = await one.products.guide.listProgrammes({ from: startAt, to: clock.now });
    const services = known.map(({ id }) => ({ id, programmes: programmes.filter(({ service }) => service === id) }));
    const accounts = simulatedAccounts(30, 5);
    for (const account of accounts) await one.products.accounts.add({ ...account, role: 'handset' }, 'test');
    const options = { crashRate: 0, badClockShare: 0 };
    const plan = planFleet({ handsets: 30, hours, seed: 5, startAt, services, options });
    const half = plan.handsets.length / 2;
    const play = (server: TestServer, handsets: typeof plan.handsets) =>
      runFleet({
        url: server.url,
        plan: { ...plan, handsets },
        accounts,
        speed: 0,
        concurrency: 4,
        clock: () => clock.now,
      });
    const results = await Promise.all([
      play(one, plan.handsets.slice(0, half)),
      play(other, plan.handsets.slice(half)),
    ]);
    expect(results.map(({ refused }) => refused)).to.deep.equal([0, 0]);
    await one.close();
    clock.now += 11_000; // the turn to settle that it had runs out, were it not given back
    const path = `/reports/ratings?by=service&from=${iso(startAt)}&to=${iso(clock.now)}`;
    const { items } = (await (await other.ask(path)).json()) as { items: Record<string, unknown>[] };
    for (const truth of serviceTruths(plan)) {
      const row = items.find((item) => item.channelId === truth.service);
      expect(row?.viewerSeconds, truth.service).to.equal(truth.viewerSeconds);
      expect(row?.reach, truth.service).to.equal(truth.reach);
    }
    servers = [other, other];
  });
});
