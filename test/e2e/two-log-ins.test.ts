// One device logs in to two services at once: one session stays open, and no second counts twice (V11, V12).

import { expect } from 'chai';
import { createHandsetClient, type HandsetClient } from '../../server/simulator/handset-client.ts';
import type { Handset } from '../../server/simulator/plan.ts';
import { writeReport } from '../../server/simulator/report-xml.ts';
import type { Session } from '../../server/viewing/session.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MINUTE_MS = 60_000;
const ROUNDS = 12;

describe('two LogIns at once', () => {
  let server: TestServer;
  let viewer: number;
  let clients: HandsetClient[];
  beforeEach(async () => {
    server = await startServer();
    ({ viewer } = await server.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test'));
    const { url } = server;
    const connection = { url, user: 'abc', password: 'secret', keepAlive: true, clock: Date.now };
    clients = [createHandsetClient(connection), createHandsetClient(connection)];
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    await server.close();
  });

  const handset = (modern: boolean): Handset => ({
    number: 1,
    user: 'abc',
    modern,
    clockErrorMs: 0,
    knowsGuide: false,
    logsOutOnZap: false,
    ...(modern ? { deviceId: 'tv' } : {}),
  });
  /** Both in flight at the same time, each on a connection of its own. */
  const logInTwice = async (modern: boolean, services: [string, string], apartMs: number): Promise<void> => {
    const answers = await Promise.all(
      clients.map((client, index) => {
        const at = server.clock.now + index * apartMs;
        const act = { at, type: 'LogInInfo' as const, service: services[index] ?? '', programme: '1' };
        return client.post({ path: '/', body: () => writeReport(act, handset(modern)), date: () => new Date(at) });
      }),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200]);
  };
  const sessions = (): Promise<Session[]> =>
    server.products.viewing.listSessions({ from: 0, to: server.clock.now + MINUTE_MS, viewer, limit: 1_000 });

  for (const modern of [false, true]) {
    for (const apartMs of [0, 1, 1_000]) {
      it(`V11: ${modern ? 'with' : 'without'} the extension, ${apartMs} ms apart, leave one session open`, async () => {
        const begunAt = server.clock.now;
        for (let round = 0; round < ROUNDS; round += 1) {
          await logInTwice(modern, round % 2 === 0 ? ['01', '02'] : ['02', '01'], apartMs);
          const all = await sessions();
          expect(all.filter(({ endedAt }) => endedAt === undefined)).to.have.length(1);
          expect(server.products.viewing.online.size()).to.equal(1);
          server.clock.now += 2 * MINUTE_MS;
        }
        const all = await sessions();
        const lengths = all.map(({ startedAt, endedAt = server.clock.now }) => endedAt - startedAt);
        expect(lengths.reduce((sum, length) => sum + length)).to.equal(server.clock.now - begunAt);
        for (const [index, { endedAt = Number.POSITIVE_INFINITY }] of all.slice(0, -1).entries()) {
          expect(endedAt).to.be.at.most(all[index + 1]?.startedAt ?? 0);
        }
      });
    }
  }
});
