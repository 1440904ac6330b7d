// The value by which a SQLite store knows its secret key: one row (O4).

import type { KeyCheckStore } from '../../key-check.ts';
import type { Database } from './database.ts';

export function createSqliteKeyCheckStore(database: Database): KeyCheckStore {
  database.exec('CREATE TABLE IF NOT EXISTS key_check (one INTEGER PRIMARY KEY CHECK (one = 1), value TEXT NOT NULL)');
  return {
    async find() {
      const row = database.get('SELECT value FROM key_check');
      return row === undefined ? undefined : String(row.value);
    },
    async putFirst(check) {
      database.run('INSERT OR IGNORE INTO key_check VALUES (1, ?)', check);
    },
  };
}
