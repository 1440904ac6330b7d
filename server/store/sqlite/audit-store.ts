// The audit log in SQLite, by an id that sorts by time (O1).

import type { AuditEntry, AuditStore } from '../../accounts/account-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS audit (
  id TEXT PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL
) WITHOUT ROWID;
`;

export function createSqliteAuditStore(database: Database): AuditStore {
  database.exec(TABLES);
  return {
    async append({ id, at, by, action, subject, detail }) {
      const text = JSON.stringify(detail);
      database.run('INSERT OR IGNORE INTO audit VALUES (?, ?, ?, ?, ?, ?)', id, at, by, action, subject, text);
    },
    async list({ before, limit }) {
      const [where, values] = before === undefined ? ['', []] : ['WHERE id < ?', [before]];
      return database.all(`SELECT * FROM audit ${where} ORDER BY id DESC LIMIT ?`, ...values, limit).map(entryOf);
    },
    async replaceName(name, substitute) {
      const sql = `UPDATE audit SET by = iif(by = ?1, ?2, by), subject = iif(subject = ?1, ?2, subject)
        WHERE by = ?1 OR subject = ?1`;
      database.run(sql, name, substitute);
    },
  };
}

export const entryOf = (row: Row): AuditEntry => ({
  id: String(row.id),
  at: Number(row.at),
  by: String(row.by),
  action: String(row.action),
  subject: String(row.subject),
  detail: JSON.parse(String(row.detail)),
});
