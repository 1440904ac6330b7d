// A fleet over two processes on one MongoDB, one of which is killed amid pushes: every handset has what is for it (O10, G12-G15). Runs where STORES asks for mongo.

import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { PHASES, playPhases } from '../support/fleet-in-phases.ts';
import { dropDatabase, isMongoAsked, newDatabaseName, uriOfDatabase } from '../support/mongo.ts';
import { makeData } from '../support/reporting-handsets.ts';
import { type Environment, onData, type ServerProcess, spawnServer } from '../support/server-process.ts';

const STEP_MS = 6_000; // in which two processes and a database on a busy machine take in what 24 handsets report

(isMongoAsked ? describe : describe.skip)('a fleet over two processes on one MongoDB', function () {
  this.timeout(120_000);
  let environment: Environment;
  let uri: string;
  let servers: ServerProcess[];
  beforeEach(async () => {
    uri = uriOfDatabase(newDatabaseName());
    environment = await makeData([], { MONGODB_URI: uri, EVENT_KEEP_ALIVE_S: '1' });
    servers = [];
  });
  afterEach(async () => {
    for (const server of servers) {
      if (server.isAlive()) server.kill('SIGKILL');
      await server.ended;
    }
    await dropDatabase(uri);
    await rm(environment.DATA_DIR, { recursive: true });
  });

  it('O10, G14, G15: one is killed, and nothing is missed, out of order, or for another', async () => {
    const ports: number[] = [];
    for (const _ of [1, 2]) {
      const server = spawnServer(environment);
      servers.push(server);
      ports.push(await server.ready());
    }
    const addressed = servers.map((server, index) => ({
      server,
      ask: server.ask,
      url: `http://127.0.0.1:${ports[index]}`,
    }));
    const { streams, mailboxes, errands, faulty, refused } = await playPhases(
      {
        servers: addressed,
        stepMs: STEP_MS,
        living: () => addressed.filter(({ server }) => server.isAlive()),
        now: Date.now,
        until: (at) => sleep(Math.max(0, at - Date.now())),
        addAccounts: (accounts) =>
          onData(environment, async ({ accounts: known }) => {
            for (const account of accounts) await known.add({ ...account, role: 'handset' }, 'test');
          }),
      },
      async (phase) => {
        // In the last: sessions, and so what a report leads to, wait up to 10 s for the turn to settle that the killed one held.
        if (phase !== PHASES - 1) return;
        servers[0]?.kill('SIGKILL');
        await servers[0]?.ended;
      },
    );
    expect({ faulty, refused }).to.deep.equal({ faulty: [], refused: 0 });
    for (const counts of [streams, mailboxes])
      expect(counts).to.include({ missed: 0, unjudged: 0, foreign: 0, outOfOrder: 0, doubles: 0, notRecovered: 0 });
    expect(streams.resumes).to.be.above(streams.handsets);
    for (const count of [errands.orders, errands.cancels, errands.guides]) expect(count).to.be.above(0);
  });
});
