// The keys of services in SQLite, sealed: one row a service and period (G11).

import type { KeyStore, StoredKey } from '../../keys/key-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS service_key (
  starts_at INTEGER NOT NULL, service TEXT NOT NULL, ends_at INTEGER NOT NULL, sealed_key TEXT NOT NULL,
  PRIMARY KEY (starts_at, service)
) WITHOUT ROWID;
-- for removeEndedBefore
CREATE INDEX IF NOT EXISTS service_key_end ON service_key (ends_at);
`;

export function createSqliteKeyStore(database: Database): KeyStore {
  database.exec(TABLES);
  return {
    async putFirst(keys) {
      const insert = 'INSERT INTO service_key VALUES (?, ?, ?, ?) ON CONFLICT (starts_at, service) DO NOTHING';
      database.transaction(() => {
        for (const { service, from, to, sealedKey } of keys) database.run(insert, from, service, to, sealedKey);
      });
    },
    async list(services, from) {
      const query = `SELECT * FROM service_key
        WHERE starts_at = ? AND service IN (SELECT value FROM json_each(?))`;
      return database.all(query, from, JSON.stringify(services)).map(keyOf);
    },
    async removeEndedBefore(before) {
      return database.run('DELETE FROM service_key WHERE ends_at <= ?', before).changes;
    },
  };
}

export function keyOf(row: Row): StoredKey {
  return {
    service: String(row.service),
    from: Number(row.starts_at),
    to: Number(row.ends_at),
    sealedKey: String(row.sealed_key),
  };
}
