// A fleet that is told things while it watches: by streams that drop and resume, or by marks, it gets what is for it (O10, G7, G12-G14, V5).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { playPhases } from '../support/fleet-in-phases.ts';
import { startServer, type TestServer } from '../support/server.ts';

const TURN_MS = 10;
const STEP_MS = 3_000; // by a clock that is moved by hand

describe('a fleet with event streams', function () {
  this.timeout(90_000);
  let server: TestServer;
  const clock = { now: 0 };
  beforeEach(async () => {
    clock.now = Date.UTC(2026, 10, 20, 18);
    server = await startServer({ EVENT_KEEP_ALIVE_S: '1' }, undefined, {}, clock);
  });
  afterEach(() => server.close());

  it('O10, G7, G12-G14, V5: has every event that is for it once, in order, and no other', async () => {
    const { streams, mailboxes, errands, faulty, refused } = await playPhases(
      {
        servers: [server],
        stepMs: STEP_MS,
        living: () => [server],
        now: () => clock.now,
        async until(at) {
          clock.now = Math.max(clock.now, at);
          await sleep(TURN_MS);
        },
        async addAccounts(accounts) {
          for (const account of accounts) await server.products.accounts.add({ ...account, role: 'handset' }, 'test');
        },
      },
      () => sleep(TURN_MS),
    );
    expect({ faulty, refused }).to.deep.equal({ faulty: [], refused: 0 });
    for (const counts of [streams, mailboxes])
      expect(counts).to.include({ missed: 0, unjudged: 0, foreign: 0, outOfOrder: 0, doubles: 0, notRecovered: 0 });
    expect(streams.resumes).to.be.above(streams.handsets);
    expect(mailboxes.unmarked, 'a mark told of each').to.equal(0);
    for (const count of [errands.orders, errands.cancels, errands.keys, errands.guides]) expect(count).to.be.above(0);
  });
});
