// kill -9 while many event streams are open and updates flow: each device has every event that is for it, once and in order (G12-G14).

import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../server/simulator/random.ts';
import { type Holding, holdStreams } from '../support/holding-handsets.ts';
import { makeData, userNames } from '../support/reporting-handsets.ts';
import { type Environment, type ServerProcess, spawnServer } from '../support/server-process.ts';

const STREAMS = Number(process.env.STREAMS ?? 5_000);
const ROUNDS = Number(process.env.ROUNDS ?? 2);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const OF_ONE_USER = 10;
const WORK_MS = 1_500;
const PAUSE_MS = 15; // between pushes

describe(`kill -9 under ${STREAMS} event streams, ${ROUNDS} rounds, SEED=${SEED}`, () => {
  const users = userNames(STREAMS / OF_ONE_USER);
  const random = createRandom(SEED, 0);
  let environment: Environment;
  let server: ServerProcess;
  let url: string;
  let holding: Holding;

  const startServer = async (): Promise<void> => {
    server = spawnServer(environment);
    url = `http://127.0.0.1:${await server.ready()}`;
  };
  before(async () => {
    environment = await makeData(users, { EVENT_RETRY_S: '1' });
    await startServer();
    holding = holdStreams({
      users,
      streams: STREAMS,
      urlOf: () => url,
      ask: (path, init) => server.ask(path, init),
      random: (bound) => random.integer(0, bound - 1),
    });
  });
  after(async () => {
    holding.close();
    if (server.isAlive()) server.kill('SIGKILL');
    await server.ended;
    await rm(environment.DATA_DIR, { recursive: true });
  });

  it('G14: nothing is missed, doubled, out of order, or meant for another', async () => {
    await holding.logInAll();
    await holding.connectAll();
    let isPushing = true;
    const pushing = (async () => {
      for (; isPushing; await sleep(PAUSE_MS)) await holding.push();
    })();
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(random.integer(WORK_MS / 3, WORK_MS));
      server.kill('SIGKILL');
      await server.ended;
      await startServer();
      await holding.connectAll();
    }
    await sleep(WORK_MS);
    isPushing = false;
    await pushing;
    const { pushes, doubles } = await holding.check();
    console.log(`      ${pushes} pushes, ${ROUNDS} kills, ${STREAMS} streams; ${doubles} doubles dropped by id`);
  });
});
