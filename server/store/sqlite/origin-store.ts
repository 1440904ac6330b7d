// The sealed identities behind terminals in SQLite, apart from viewing data (O2).

import type { Origin, OriginStore } from '../../accounts/account-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS origin (
  no INTEGER PRIMARY KEY, device INTEGER NOT NULL, viewer INTEGER NOT NULL, sealed_identity TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS origin_viewer ON origin (viewer);
`;

export function createSqliteOriginStore(database: Database): OriginStore {
  database.exec(TABLES);
  const insert = database.prepare('INSERT OR IGNORE INTO origin VALUES (?, ?, ?, ?)');
  return {
    async put(origins) {
      database.transactionUnflushed(() => {
        for (const { no, device, viewer, sealedIdentity } of origins) insert.run(no, device, viewer, sealedIdentity);
      });
      await database.flush();
    },
    async list(viewer) {
      return database.all('SELECT * FROM origin WHERE viewer = ? ORDER BY no', viewer).map(originOf);
    },
    async removeOfViewer(viewer) {
      database.run('DELETE FROM origin WHERE viewer = ?', viewer);
    },
  };
}

export const originOf = (row: Row): Origin => ({
  no: Number(row.no),
  device: Number(row.device),
  viewer: Number(row.viewer),
  sealedIdentity: String(row.sealed_identity),
});
