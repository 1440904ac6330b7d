// Readers that never read, beside some that do: the server's memory stays bounded, the others get everything, and all come back for it (G16).

import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { makeData, passwordOf, userNames } from '../support/reporting-handsets.ts';
import { type Environment, type ServerProcess, spawnServer } from '../support/server-process.ts';
import { openSse, openWebSocket, type StreamClient } from '../support/stream-client.ts';

const STUCK = 60;
const WARM_UP = 1_500; // beyond what the newest events and garbage take
const PUSHES = 4_000;
const AT_ONCE = 20;
const XML = `<a>${'x'.repeat(30_000)}</a>`; // 120 MB in all, once for Server-Sent Events and once for WebSocket
const MOST_GROWTH_BYTES = 100 * 1_048_576; // the bounds of all who do not read are 15 MB; without them it would be 240 MB
const WITHIN_MS = 60_000;

describe(`${STUCK} readers that never read`, () => {
  const users = userNames(STUCK + 2);
  let environment: Environment;
  let server: ServerProcess;
  const clients: StreamClient[] = [];
  before(async () => {
    environment = await makeData(users, { SAMPLE_GUIDE: 'false' });
    server = spawnServer(environment);
  });
  after(async () => {
    for (const client of clients) client.close();
    server.kill('SIGKILL');
    await server.ended;
    await rm(environment.DATA_DIR, { recursive: true });
  });

  it('G16: are cut off within bounds of memory; who reads gets everything, and they do when they come back', async () => {
    const url = `http://127.0.0.1:${await server.ready()}`;
    const open = async (index: number, since = ''): Promise<StreamClient> => {
      const user = users[index] ?? '';
      const opening = { url, user, password: passwordOf(user), path: `/events${since}` };
      const client = await (index % 2 === 0 ? openSse : openWebSocket)(opening);
      clients.push(client);
      return client;
    };
    let most = 0;
    let pushed = 0;
    const push = async (): Promise<void> => {
      const body = JSON.stringify({ audience: { all: true }, content: { xml: XML }, id: `push-${pushed}` });
      pushed += 1;
      const headers = { 'content-type': 'application/json' };
      expect((await server.ask('/pushes', { method: 'POST', headers, body })).status).to.equal(201);
    };
    const pushUntil = async (number: number, meanwhile: () => void): Promise<void> => {
      while (pushed < number) {
        await Promise.all(Array.from({ length: AT_ONCE }, push));
        meanwhile();
        most = Math.max(most, server.rssBytes() ?? 0);
      }
    };
    /** The places of the events that come, without keeping what is in them. */
    const readOn = (client: StreamClient, into: number[]): void => {
      for (const { data } of client.events.splice(0)) into.push(Number(String(data.id).split(':')[1]));
    };
    const readAll = async (client: StreamClient, into: number[], number: number): Promise<void> => {
      for (const end = Date.now() + WITHIN_MS; into.length < number && Date.now() < end; await sleep(20))
        readOn(client, into);
    };

    const quick = [await open(STUCK), await open(STUCK + 1)];
    const seen = quick.map((): number[] => []);
    const readBoth = (): void => {
      for (const [index, client] of quick.entries()) readOn(client, seen[index] ?? []);
    };
    await server.ask('/jobs'); // the administrator's password is checked once
    await pushUntil(WARM_UP, readBoth);
    const warm = most;
    const stuck = await Promise.all(Array.from({ length: STUCK }, (_, index) => open(index)));
    for (const client of stuck) client.pause();
    await pushUntil(WARM_UP + PUSHES, readBoth);
    for (const [index, client] of quick.entries()) await readAll(client, seen[index] ?? [], WARM_UP + PUSHES);
    const places = Array.from({ length: WARM_UP + PUSHES }, (_, place) => place + 1);
    expect(seen).to.deep.equal([places, places]);
    const cut = /_streams_cut_total (\d+)/.exec(await (await server.ask('/metrics')).text())?.[1];
    expect(Number(cut)).to.equal(STUCK);
    console.log(`      memory grew by ${Math.round((most - warm) / 1_048_576)} MiB at most`);
    expect(most - warm).to.be.below(MOST_GROWTH_BYTES);

    for (const index of [0, 1]) {
      const again = await open(index, `?since=${stuck[index]?.lastId()}`);
      expect(again.start).to.include({ recovered: true });
      const missed: number[] = [];
      await readAll(again, missed, PUSHES);
      expect(missed).to.deep.equal(places.slice(WARM_UP));
    }
  });
});
