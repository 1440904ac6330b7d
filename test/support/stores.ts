// The stores over which every contract suite runs; STORES=sqlite,mongo picks, and one that is asked for must be there.

import { openDatabase } from '../../server/store/sqlite/database.ts';
import { createSqliteReportLog } from '../../server/store/sqlite/report-log.ts';
import { createSqliteSessionStore } from '../../server/store/sqlite/session-store.ts';
import type { ReportLog } from '../../server/viewing/report-log.ts';
import type { SessionStore } from '../../server/viewing/session-store.ts';

/** The ports of one empty store. */
export interface Ports {
  reports: ReportLog;
  sessions: SessionStore;
  close(): Promise<void>;
}

interface StoreUnderTest {
  name: string;
  open(): Promise<Ports>;
}

const KNOWN: StoreUnderTest[] = [
  {
    name: 'sqlite',
    async open() {
      const database = openDatabase(':memory:');
      return {
        reports: createSqliteReportLog(database),
        sessions: createSqliteSessionStore(database),
        close: async () => database.close(),
      };
    },
  },
];

export const STORES: StoreUnderTest[] = (process.env.STORES ?? 'sqlite').split(',').map((name) => {
  const store = KNOWN.find((known) => known.name === name);
  if (store === undefined) throw new Error(`STORES asks for ${name}, which is not there`);
  return store;
});
