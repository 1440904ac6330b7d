// The server killed and stopped in the midst of its work: what it acknowledged is there, once (V11, V17, O7).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type CrashStage, openCrashStage } from '../support/crash-stage.ts';

const HANDSETS = 15;
const STOPS_WITHIN_MS = 5_000; // the bound that main.ts sets to a connection; containers are killed after 10 s

describe('a server that dies or stops under load', () => {
  let stage: CrashStage;
  beforeEach(async () => {
    stage = await openCrashStage(HANDSETS);
  });
  afterEach(() => stage.close());

  it('V11, V17: kill -9 loses nothing acknowledged and doubles nothing', async () => {
    await sleep(300 + Math.random() * 300); // test/long does it many times, and while it starts
    expect(await stage.kill('SIGKILL')).to.deep.equal({ code: null, signal: 'SIGKILL' });
    stage.spawn();
    await stage.admit();
    await sleep(200);
    expect(await stage.check()).to.be.above(HANDSETS);
  });

  it('V17, O7: SIGTERM answers what was taken, ends within seconds with 0, and loses nothing', async () => {
    await sleep(400);
    const stoppedAt = performance.now();
    expect(await stage.kill('SIGTERM')).to.deep.equal({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).to.be.below(STOPS_WITHIN_MS);
    expect(await stage.check()).to.be.above(HANDSETS);
    expect(stage.reporting.broken).to.deep.equal([]);
    expect([...stage.reporting.statuses.keys()].sort()).to.deep.equal([0, 200]);
  });
});
