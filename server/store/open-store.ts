// Opens the store that the configuration names and hands out its ports (O3).

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GuideStore } from '../../sg/guide-store.ts';
import type { AccountStore, AuditStore, OriginStore, TokenStore } from '../accounts/account-store.ts';
import type { JobStore } from '../job-store.ts';
import { Problem } from '../problem.ts';
import type { ReportLog } from '../viewing/report-log.ts';
import type { SessionStore } from '../viewing/session-store.ts';
import type { SettlingTurn } from '../viewing/settling-turn.ts';
import { createSqliteAccountStore } from './sqlite/account-store.ts';
import { createSqliteAuditStore } from './sqlite/audit-store.ts';
import { openDatabase } from './sqlite/database.ts';
import { createSqliteGuideStore } from './sqlite/guide-store.ts';
import { createSqliteJobStore } from './sqlite/job-store.ts';
import { createSqliteOriginStore } from './sqlite/origin-store.ts';
import { createSqliteReportLog } from './sqlite/report-log.ts';
import { createSqliteSessionStore } from './sqlite/session-store.ts';
import { createSqliteTokenStore } from './sqlite/token-store.ts';
import { takeUseLock, type UseLock } from './sqlite/use-lock.ts';

/** The name of the embedded store in its folder. */
export const DATABASE_FILE = 'pocketmeter.db';

/** Every product's port on one store. */
export interface Store {
  reports: ReportLog;
  sessions: SessionStore;
  guide: GuideStore;
  accounts: AccountStore;
  tokens: TokenStore;
  origins: OriginStore;
  audit: AuditStore;
  jobs: JobStore;
  settlingTurn: SettlingTurn;
  /** Resolves when the store answers. Problem `unavailable` when it does not. */
  ready(): Promise<void>;
  /** Takes what was removed out of the files as well, as far as nobody else reads them just now; else the next writes do. */
  purge(): Promise<void>;
  close(): Promise<void>;
}

/** The embedded store in `dataDir`, made when it is not there. Problem `conflict` while a back-up is being restored to it. */
export function openStore(config: { dataDir: string; mongodbUri?: string }): Store {
  if (config.mongodbUri !== undefined) {
    throw new Problem('unsupported', 'MONGODB_URI is set, but this version has the embedded store only: unset it');
  }
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = useDataFolder(config.dataDir, 'together');
  const store = openSqliteStore(join(config.dataDir, DATABASE_FILE));
  const settlingTurn = createLockedTurn(join(config.dataDir, 'settling.lock'));
  return {
    ...store,
    settlingTurn,
    async close() {
      await store.close();
      await settlingTurn.release();
      lock.release();
    },
  };
}

/** Says that this process uses the data folder. Problem `conflict` when others use it in a way that excludes this. */
export function useDataFolder(dataDir: string, use: 'together' | 'alone'): UseLock {
  const lock = takeUseLock(join(dataDir, 'in-use.lock'), use);
  if (lock !== undefined) return lock;
  const told = use === 'alone' ? 'a server or another command uses it: stop that first' : 'a back-up is being restored';
  throw new Problem('conflict', `${dataDir}: ${told}`);
}

/** Whoever settles first goes on until it closes the store or ends, however it ends. */
function createLockedTurn(file: string): SettlingTurn {
  let lock: UseLock | undefined;
  return {
    isShared: false,
    async claim() {
      lock ??= takeUseLock(file, 'alone');
      return lock === undefined ? undefined : 1;
    },
    async release() {
      lock?.release();
      lock = undefined;
    },
  };
}

const alwaysOurs: SettlingTurn = { isShared: false, claim: async () => 1, release: async () => undefined };

/** The embedded store in one file, or ':memory:', which no other process uses. */
export function openSqliteStore(file: string): Store {
  const database = openDatabase(file);
  return {
    reports: createSqliteReportLog(database),
    sessions: createSqliteSessionStore(database),
    guide: createSqliteGuideStore(database),
    accounts: createSqliteAccountStore(database),
    tokens: createSqliteTokenStore(database),
    origins: createSqliteOriginStore(database),
    audit: createSqliteAuditStore(database),
    jobs: createSqliteJobStore(database),
    settlingTurn: alwaysOurs,
    async ready() {
      database.get('SELECT 1');
    },
    async purge() {
      database.emptyLog();
    },
    async close() {
      database.close();
    },
  };
}
