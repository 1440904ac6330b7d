// Tables of subscriptions in SQLite: one row a user (G7-G9).

import type { SubscriptionTable } from '../../subscriptions/subscription.ts';
import type { SubscriptionStore } from '../../subscriptions/subscription-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS subscription_table (
  viewer INTEGER PRIMARY KEY, version INTEGER NOT NULL, due_at INTEGER, held TEXT NOT NULL, changes TEXT NOT NULL,
  forgotten INTEGER NOT NULL, told INTEGER NOT NULL
);
-- for listDue; what never ends is not in it
CREATE INDEX IF NOT EXISTS subscription_due ON subscription_table (due_at, viewer) WHERE due_at IS NOT NULL;
`;

const INSERT = `INSERT INTO subscription_table (version, due_at, held, changes, forgotten, told, viewer)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (viewer) DO NOTHING`;
const UPDATE = `UPDATE subscription_table SET version = ?, due_at = ?, held = ?, changes = ?, forgotten = ?, told = ?
  WHERE viewer = ? AND version = ?`;

export function createSqliteSubscriptionStore(database: Database): SubscriptionStore {
  database.exec(TABLES);
  return {
    async find(viewer) {
      const row = database.get('SELECT * FROM subscription_table WHERE viewer = ?', viewer);
      return row === undefined ? undefined : tableOf(row);
    },
    async put({ viewer, version, dueAt, held, changes, forgotten, told }, expected) {
      const values = [version, dueAt ?? null, JSON.stringify(held), JSON.stringify(changes), forgotten, told, viewer];
      const { changes: written } =
        expected === 0 ? database.run(INSERT, ...values) : database.run(UPDATE, ...values, expected);
      return written === 1;
    },
    async listDue(at, limit) {
      const query = 'SELECT * FROM subscription_table WHERE due_at <= ? ORDER BY due_at, viewer LIMIT ?';
      return database.all(query, at, limit).map(tableOf);
    },
    async remove(viewer) {
      database.run('DELETE FROM subscription_table WHERE viewer = ?', viewer);
    },
  };
}

export function tableOf(row: Row): SubscriptionTable {
  return {
    viewer: Number(row.viewer),
    version: Number(row.version),
    held: JSON.parse(String(row.held)),
    changes: JSON.parse(String(row.changes)),
    forgotten: Number(row.forgotten),
    told: Number(row.told),
    ...(row.due_at === null ? {} : { dueAt: Number(row.due_at) }),
  };
}
