// Event streams of servers on one MongoDB while a server or the database fails: no device misses anything (G14, G15, O4, O5).

import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createRandom } from '../../server/simulator/random.ts';
import { layLine } from '../support/fault-stage.ts';
import { type Holding, holdStreams } from '../support/holding-handsets.ts';
import type { Line } from '../support/listening.ts';
import { dropDatabase, newDatabaseName, uriOfDatabase } from '../support/mongo.ts';
import { makeData, userNames } from '../support/reporting-handsets.ts';
import { type Environment, type ServerProcess, spawnServer } from '../support/server-process.ts';

const USERS = 20;
const STREAMS = 100;
const ROUNDS = 4;
const WORK_MS = 1_500;
const PAUSE_MS = 15; // between pushes
const FROZEN_MS = 20_000; // beyond what a call waits
const ERROR = 50;
const OF_REQUESTS = /^a request/; // one for each that waited when it began
const MOST_ERROR_LINES = 6; // one of the outage, and one of each that looks into the database by itself

describe('event streams of servers on one MongoDB', () => {
  const users = userNames(USERS);
  let uri: string;
  let line: Line;
  let environment: Environment;
  let holding: Holding;
  let servers: ServerProcess[];
  let ports: number[];
  let pushing: Promise<void>;
  let isPushing: boolean;

  const start = async (index: number): Promise<void> => {
    const server = spawnServer(environment);
    servers[index] = server;
    ports[index] = await server.ready();
  };
  /** The device's own server, or another while that is dead. */
  const placeOf = (device: number): number => {
    const own = device % servers.length;
    return servers[own]?.isAlive() === true ? own : servers.findIndex((server) => server.isAlive());
  };
  const open = async (count: number): Promise<void> => {
    servers = [];
    ports = [];
    for (let index = 0; index < count; index += 1) await start(index);
    const random = createRandom(1, 0);
    holding = holdStreams({
      users,
      streams: STREAMS,
      urlOf: (device) => `http://127.0.0.1:${ports[placeOf(device)]}`,
      ask: (path, init) => (servers[placeOf(random.integer(0, 9))] as ServerProcess).ask(path, init),
      random: (bound) => random.integer(0, bound - 1),
    });
    await holding.logInAll();
    await sleep(1_000); // until each server has seen who watches what through the others
    await holding.connectAll();
    isPushing = true;
    pushing = (async () => {
      for (; isPushing; await sleep(PAUSE_MS)) await holding.push();
    })();
  };
  const endPushing = (): Promise<void> => {
    isPushing = false;
    return pushing;
  };

  beforeEach(async () => {
    uri = uriOfDatabase(newDatabaseName());
    const { through, ...laid } = await layLine(uri);
    line = laid.line;
    environment = await makeData(users, { MONGODB_URI: through, EVENT_RETRY_S: '1' });
  });
  afterEach(async () => {
    line.mend();
    isPushing = false;
    holding.close();
    for (const server of servers) if (server.isAlive()) server.kill('SIGKILL');
    await Promise.all(servers.map(({ ended }) => ended));
    await line.close();
    await dropDatabase(uri);
    await rm(environment.DATA_DIR, { recursive: true });
  });

  it('G14, G15, O4: kill -9 of one: its devices go on at the other, where nothing is lost, and come back', async () => {
    await open(2);
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(WORK_MS);
      const index = round % servers.length;
      servers[index]?.kill('SIGKILL');
      await servers[index]?.ended;
      await holding.connectAll();
      await start(index);
    }
    await endPushing();
    const { pushes, doubles } = await holding.check();
    console.log(`      ${pushes} pushes, ${ROUNDS} kills, ${STREAMS} streams; ${doubles} doubles dropped by id`);
    expect(pushes).to.be.above(ROUNDS);
  });

  it('O5, G12: a database that is frozen ends no stream; who comes is put off; events flow after, one line tells', async () => {
    await open(1);
    const [server] = servers;
    await sleep(WORK_MS);
    line.hold();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ audience: { user: 'nobody' }, content: { en: 'x' } });
    const refused = await server?.ask('/pushes', { method: 'POST', headers, body });
    expect(refused?.status).to.equal(503);
    expect(Number(refused?.headers.get('retry-after'))).to.be.at.least(1);
    await sleep(FROZEN_MS);
    expect(holding.countOver()).to.equal(0);
    line.mend();
    await sleep(WORK_MS);
    await endPushing();
    const { pushes } = await holding.check();
    expect(holding.countOver(), 'streams that ended').to.equal(0);
    expect(pushes).to.be.above(1);
    const told = (server?.logLines() ?? []).filter(({ level, msg }) => level >= ERROR && !OF_REQUESTS.test(msg));
    const messages = told.map(({ msg }) => msg);
    expect(messages).to.include('the store does not answer');
    expect(messages, 'whatever waited when it began tells so once').to.have.length(new Set(messages).size);
    expect(messages.length).to.be.at.most(MOST_ERROR_LINES);
  });
});
