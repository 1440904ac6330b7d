// A server under the load of reporting handsets that is killed, stopped and started again on the same data (V11, V17).

import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { makeData, type Reporting, startReporting, userNames } from './reporting-handsets.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';
import { deriveAnew, expectEachOnce, listSessions } from './store-check.ts';

export interface CrashStage {
  reporting: Reporting;
  server(): ServerProcess;
  /** Starts a server on the data and does not wait for it. */
  spawn(): ServerProcess;
  /** From now on the handsets find the server that was spawned last. */
  admit(): Promise<void>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<{ code: number | null; signal: string | null }>;
  /** Ends the load and holds what is stored against what was acknowledged. Answers how many reports that were. */
  check(): Promise<number>;
  close(): Promise<void>;
}

/** The data is in a new temporary folder, or in `folder`, which is removed at the end. */
export async function openCrashStage(handsets: number, folder?: string): Promise<CrashStage> {
  const users = userNames(handsets);
  const environment = await makeData(users, folder === undefined ? {} : { DATA_DIR: folder });
  let port: number | undefined;
  let server = spawnServer(environment);
  const admit = async (): Promise<void> => {
    port = await server.ready();
  };
  await admit();
  const reporting = startReporting({ users, port: () => port });

  const kill: CrashStage['kill'] = (signal) => {
    if (signal === 'SIGKILL') port = undefined; // at SIGTERM handsets come until nobody answers
    server.kill(signal);
    return server.ended.finally(() => {
      port = undefined;
    });
  };

  return {
    reporting,
    server: () => server,
    spawn() {
      server = spawnServer(environment);
      return server;
    },
    admit,
    kill,
    async check() {
      await reporting.stop();
      if (!server.isAlive()) {
        server = spawnServer(environment);
        await server.ready();
      }
      const listed = await listSessions(server);
      expect(await kill('SIGTERM')).to.deep.equal({ code: 0, signal: null });
      await expectEachOnce(environment, reporting);
      expect(listed).to.deep.equal(await deriveAnew(environment));
      return reporting.acknowledged();
    },
    async close() {
      port = undefined;
      if (server.isAlive()) server.kill('SIGKILL');
      await Promise.all([reporting.stop(), server.ended]);
      await rm(environment.DATA_DIR, { recursive: true });
    },
  };
}
