// A survey between servers on one MongoDB: begun at one, asked and answered at the other (R10, R11, R15, O4). Runs where STORES asks for mongo.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { readQuestions } from '../../server/simulator/handset-survey.ts';
import { dropDatabase, isMongoAsked, newDatabaseName, uriOfDatabase } from '../support/mongo.ts';
import { logReport } from '../support/reports.ts';
import { startServer, type TestServer } from '../support/server.ts';

const SOON_MS = 5_000;

(isMongoAsked ? describe : describe.skip)('surveys of two servers on one MongoDB', () => {
  let uri: string;
  let servers: [TestServer, TestServer];
  const clock = { now: Date.UTC(2026, 10, 20, 18) };
  before(async () => {
    uri = uriOfDatabase(newDatabaseName());
    const start = () => startServer({ MONGODB_URI: uri }, undefined, {}, clock);
    servers = [await start(), await start()];
    await servers[0].products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
  });
  after(async () => {
    for (const server of servers) await server.close();
    await dropDatabase(uri);
  });

  const soon = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
    for (const end = Date.now() + SOON_MS; !(await isSo()); await sleep(20))
      if (Date.now() > end) throw new Error(`it is not so within ${SOON_MS} ms`);
  };
  const handsetAt = ({ url }: TestServer) =>
    createHandsetClient({ url, user: 'abc', password: 'secret', keepAlive: false, clock: Date.now });

  it('R10, R11: who reports to one is asked by the other, at once or by the clock, and one answer counts', async () => {
    const [here, there] = servers;
    const client = handsetAt(here);
    const date = () => new Date(clock.now);
    await client.post({ path: '/', body: () => logReport('LogInInfo', 'abc', '01', '011'), date });
    await soon(() => there.products.viewing.online.size() === 1);
    const schedule = {
      id: 'by-clock',
      at: new Date(clock.now).toISOString(),
      survey: { service: '01', to: { sample: 1 } },
    };
    const body = JSON.stringify(schedule);
    const headers = { 'content-type': 'application/json' };
    expect((await there.ask('/surveys/schedules', { method: 'POST', body, headers })).status).to.equal(201);
    await Promise.all(servers.map(({ products }) => products.surveying.schedules.startDue()));
    const { items } = (await (await here.ask('/surveys')).json()) as { items: { id: string; asked: number }[] };
    expect(items.map(({ id, asked }) => [id, asked])).to.deep.equal([['by-clock', 1]]);
    const asked = async () => readQuestions((await client.get({ path: '/updates' })).body);
    await soon(async () => (await asked()).length === 1);
    const other = handsetAt(there);
    const answer = {
      path: '/surveys/by-clock/answers',
      body: () => '<SurveyAnswer xmlns="urn:pocketmeter:survey:1"/>',
      date,
    };
    const answers = await Promise.all([client.post(answer), other.post(answer)]);
    const results = answers.map(({ body: told }) => /result="(\w+)"/.exec(told)?.[1]);
    expect(results.sort()).to.deep.equal(['counted', 'repeated']);
    const told = (await (await there.ask('/surveys/by-clock')).json()) as { result: object };
    expect(told.result).to.include({ asked: 1, answered: 1, none: 1, repeated: 1 });
    for (const each of [client, other]) each.close();
  });
});
