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
  /** Resolves when the store takes writes; rejects when it does not. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** The embedded store in `dataDir`, made when it is not there. */
export function openStore(config: { dataDir: string; mongodbUri?: string }): Store {
  if (config.mongodbUri !== undefined) {
    throw new Problem('unsupported', 'MONGODB_URI is set, but this version has the embedded store only: unset it');
  }
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  return openSqliteStore(join(config.dataDir, 'pocketmeter.db'));
}

/** The embedded store in one file, or ':memory:'. */
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
    settlingTurn: { isShared: false, claim: async () => 1, release: async () => undefined },
    async ready() {
      database.proveWritable();
    },
    async close() {
      database.close();
    },
  };
}
