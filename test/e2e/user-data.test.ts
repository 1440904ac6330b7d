// What is kept about one user: told whole, erased to the last byte (O2).

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { createUserData } from '../../server/user-data.ts';
import { contentsOfDatabase, dropDatabase, isMongoAsked, newDatabaseName, uriOfDatabase } from '../support/mongo.ts';
import { startServer, type TestServer } from '../support/server.ts';

const USER = 'grace-hopper';
const MINUTE_MS = 60_000;
const json = (body: object): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});
const TRACES = [USER, 'service-of-hopper', 'r-of-hopper', 'message-of-hopper', 'Nokia N92'];
const document = (type: string, service: string, id: string): string =>
  `<LogReport><Message_Type Message_Type_Type="${type}"/><User_ID User_ID_Type="${USER}"/><Service_ID
 Service_ID_Type="${service}"/><Program_ID Program_ID_Type="11"/><IMSI IMSI_Type="460001234567890"/><r:Report
 xmlns:r="urn:pocketmeter:report:1" id="${id}" deviceId="phone-seven" deviceModel="Nokia N92"/></LogReport>`;

describe('user data', () => {
  let folder: string;
  let uri: string | undefined;
  let server: TestServer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
    uri = isMongoAsked ? uriOfDatabase(newDatabaseName()) : undefined;
    server = await (uri === undefined
      ? startServer({}, join(folder, 'pocketmeter.db'))
      : startServer({ MONGODB_URI: uri }));
    await addUser();
  });
  afterEach(async () => {
    await server.close();
    if (uri !== undefined) await dropDatabase(uri);
    rmSync(folder, { recursive: true });
  });
  const addUser = () => server.products.accounts.add({ user: USER, password: 'secret', role: 'handset' }, 'test');
  const post = async (xml: string): Promise<void> => {
    const client = createHandsetClient({
      url: server.url,
      user: USER,
      password: 'secret',
      keepAlive: false,
      clock: Date.now,
    });
    const answer = await client.post({ path: '/', body: () => xml, date: () => new Date(server.clock.now) });
    client.close();
    expect(answer.body).to.contain('result="recorded"');
    server.clock.now += 5 * MINUTE_MS;
  };
  const pushTo = async (en: string): Promise<void> => {
    const body = JSON.stringify({ audience: { user: USER }, content: { text: { en } } });
    const answer = await server.ask('/pushes', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).to.equal(201);
  };
  /** Fetches what there is, and says that it has it; answers what it has. */
  const acknowledge = async (): Promise<string> => {
    const { mailbox } = server.products.push;
    const { viewer } = await server.products.accounts.get(USER);
    const { id } = await mailbox.list({ viewer }, { limit: 100 });
    await mailbox.list({ viewer }, { limit: 100, since: id });
    await sleep(600); // what is acknowledged is kept soon
    return id;
  };
  const sessions = async (): Promise<{ viewer: number; user?: string }[]> =>
    ((await (await server.ask('/sessions')).json()) as { items: { viewer: number; user?: string }[] }).items;

  it('the export holds the account, its terminals, each report as it was sent, and the sessions', async () => {
    const sent = [document('LogInInfo', '01', 'r-1'), document('LogInInfo', '02', 'r-2')];
    for (const xml of sent) await post(xml);
    await pushTo('Hello Grace');
    const acknowledged = await acknowledge();
    const answer = await server.ask(`/accounts/${USER}/export`);
    expect(answer.headers.get('content-type')).to.contain('application/json');
    const { account, viewing, push } = (await answer.json()) as {
      account: { user: string; devices: object[] };
      viewing: {
        reports: { document: string; service: string; sentAt: string }[];
        sessions: { service: string }[];
        models: object[];
      };
      push: { events: { content: object }[]; acknowledged: { id: string }[] };
    };
    expect(push.events.map(({ content }) => content)).to.deep.equal([{ text: { en: 'Hello Grace' } }]);
    expect(push.acknowledged.map(({ id }) => id)).to.deep.equal([acknowledged]);
    expect(account.user).to.equal(USER);
    expect(account.devices).to.have.length(1);
    expect(account.devices[0]).to.include({
      user: USER,
      deviceId: 'phone-seven',
      imsi: '460001234567890',
      model: 'Nokia N92',
    });
    expect(viewing.reports.map((report) => report.document)).to.deep.equal(sent);
    expect(viewing.reports[1]).to.include({ service: '02', sentAt: '2026-11-20T18:05:00.000Z' });
    expect(viewing.models).to.have.length(1);
    expect(viewing.models[0]).to.include({ model: 'Nokia N92' });
    expect(viewing.sessions.map((session) => session.service)).to.deep.equal(['01', '02']);
    expect((await server.ask('/accounts/nobody/export')).status).to.equal(404);
  });

  it('after an erasure no file or collection of the store holds the name, the programme watched, or the report id', async () => {
    await post(document('LogInInfo', 'service-of-hopper', 'r-of-hopper'));
    expect(await sessions()).to.have.length(1);
    await pushTo('message-of-hopper');
    await acknowledge();
    await sleep(200); // so that the model of its device is kept
    const { viewer } = await server.products.accounts.get(USER);
    server.clock.now += 12 * 60 * MINUTE_MS;
    await (await server.products.jobs.runNow('close-silent-sessions', 'test')).ended; // if settling did not before
    expect(await (await server.products.jobs.runNow('seal-viewing-hours', 'test')).ended).to.include({ rows: 1 });
    const sealedViewer = `[${viewer},0,1]`; // the only one of a block
    await (await server.products.jobs.runNow('preferences', 'test', server.clock.now + 86_400_000)).ended;
    expect((await server.products.preferences.view(viewer)).viewedSeconds).to.be.greaterThan(0);
    const bytes = async (): Promise<string> =>
      uri === undefined
        ? readdirSync(folder)
            .map((name) => readFileSync(join(folder, name), 'latin1'))
            .join()
        : await contentsOfDatabase(uri);
    for (const trace of TRACES) expect(await bytes()).to.contain(trace);
    if (uri === undefined) expect(await bytes()).to.contain(sealedViewer);
    expect((await server.ask(`/accounts/${USER}/erasure`, { method: 'POST' })).status).to.equal(204);
    for (const trace of TRACES) expect(await bytes()).not.to.contain(trace);
    expect(await bytes()).not.to.contain(`viewer/${viewer}`);
    expect(await bytes()).not.to.contain(sealedViewer);
    expect(((await (await server.ask('/online')).json()) as { total: number }).total).to.equal(0);
  });

  it('O2, G13: a subscription that ends while its user is erased is told to nobody', async () => {
    const { products, clock } = server;
    const { accounts, origins, viewing, push, subscriptions, preferences } = products;
    const item = { names: { en: 'X' }, services: ['01'], price: { amount: '1', currency: 'EUR' }, period: 'PT1H' };
    await server.ask('/sg/services/01', { method: 'PUT', ...json({ names: { en: 'One' } }) });
    expect((await server.ask('/sg/purchase-items/x', { method: 'PUT', ...json(item) })).status).to.equal(201);
    const { viewer } = await accounts.get(USER);
    await subscriptions.order(viewer, { item: 'x', bought: 'operator' });
    clock.now += 120 * MINUTE_MS;
    const userData = createUserData({
      ...{ accounts, origins, push, subscriptions, preferences },
      surveys: products.surveying.surveys,
      viewing: {
        ...viewing,
        async eraseViewer(erased) {
          await subscriptions.settleDue(); // the job's turn comes just now
          await viewing.eraseViewer(erased);
        },
      },
      listTemplates: async () => [],
      open: (sealed) => sealed,
      purge: async () => undefined,
      clock: () => clock.now,
      graceMs: 0,
      wait: async () => undefined,
    });
    await userData.erase(USER, 'test');
    expect(await push.exportOf({ viewer, devices: [] })).to.deep.equal({ events: [], acknowledged: [] });
  });

  it('V11: who comes back after an erasure goes on with nothing from before', async () => {
    await post(document('LogInInfo', '01', 'r-1'));
    expect(await sessions()).to.have.length(1);
    await server.ask(`/accounts/${USER}/erasure`, { method: 'POST' });
    await addUser();
    await post(document('LogInInfo', '02', 'r-2'));
    const found = await sessions();
    expect(found.map(({ user }) => user)).to.deep.equal([USER]);
  });
});
