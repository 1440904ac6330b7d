// Many rounds of kill -9 at random moments, also while the server starts (V11, V17). ROUNDS and SEED repeat a run.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createRandom } from '../../server/simulator/random.ts';
import { type CrashStage, openCrashStage } from '../support/crash-stage.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 24);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const HANDSETS = 60;
const START_UP_SHARE = 0.4;
const START_UP_MS = 900; // about what a start takes
const WORK_MOST_MS = 1_200;

describe(`kill -9, ${ROUNDS} rounds, SEED=${SEED}`, () => {
  let stage: CrashStage;
  before(async () => {
    stage = await openCrashStage(HANDSETS);
  });
  after(() => stage.close());

  it('V11, V17: loses nothing acknowledged and doubles nothing', async () => {
    const random = createRandom(SEED, 0);
    let duringStart = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(random.integer(1, WORK_MOST_MS));
      await stage.kill('SIGKILL');
      while (random.chance(START_UP_SHARE)) {
        const starting = stage.spawn();
        await sleep(random.integer(0, START_UP_MS));
        starting.kill('SIGKILL');
        await starting.ended;
        duringStart += 1;
      }
      stage.spawn();
      await stage.admit();
    }
    const acknowledged = await stage.check();
    console.log(`      ${ROUNDS} kills at work, ${duringStart} at start-up, ${acknowledged} reports acknowledged`);
    expect(acknowledged).to.be.above(ROUNDS * HANDSETS);
  });
});
