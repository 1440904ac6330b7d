// The jobs' leases and runs in SQLite (R15).

import type { JobRun, JobStore } from '../../job-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS job_lease (
  name TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS job_run (
  name TEXT NOT NULL, due_at INTEGER NOT NULL, started_at INTEGER NOT NULL, asked_by TEXT NOT NULL, holder TEXT NOT NULL,
  fence INTEGER NOT NULL, attempts INTEGER NOT NULL, ended_at INTEGER, row_count INTEGER, error TEXT, PRIMARY KEY (name, due_at)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS job_run_due ON job_run (due_at);
`;

const ACQUIRE = `INSERT INTO job_lease (name, holder, fence, expires_at) VALUES (?, ?, 1, ?)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = fence + 1, expires_at = excluded.expires_at
  WHERE expires_at <= ? RETURNING fence`;

const BEGIN = `INSERT INTO job_run (name, due_at, started_at, asked_by, holder, fence, attempts) VALUES (?, ?, ?, ?, ?, ?, 1)
  ON CONFLICT (name, due_at) DO UPDATE SET started_at = excluded.started_at, asked_by = excluded.asked_by,
    holder = excluded.holder, fence = excluded.fence, attempts = attempts + 1, ended_at = NULL, row_count = NULL, error = NULL
  WHERE (ended_at IS NULL OR error IS NOT NULL) AND fence < excluded.fence AND attempts < ? RETURNING attempts`;

export function createSqliteJobStore(database: Database): JobStore {
  database.exec(TABLES);
  return {
    async acquire(name, holder, now, expiresAt) {
      const row = database.all(ACQUIRE, name, holder, expiresAt, now)[0];
      return row === undefined ? undefined : Number(row.fence);
    },

    async renew(name, fence, expiresAt) {
      return (
        database.run('UPDATE job_lease SET expires_at = ? WHERE name = ? AND fence = ?', expiresAt, name, fence)
          .changes > 0
      );
    },

    async begin({ name, dueAt, startedAt, by, holder, fence }, maxAttempts) {
      const row = database.all(BEGIN, name, dueAt, startedAt, by, holder, fence, maxAttempts)[0];
      return row === undefined ? undefined : Number(row.attempts);
    },

    async finish({ name, dueAt, fence, endedAt, rows, error }) {
      const sql = `UPDATE job_run SET ended_at = ?, row_count = ?, error = ?
        WHERE name = ? AND due_at = ? AND fence = ? AND ended_at IS NULL`;
      return database.run(sql, endedAt, rows ?? null, error ?? null, name, dueAt, fence).changes > 0;
    },

    async listRuns(name, limit, before = Number.MAX_SAFE_INTEGER) {
      const sql = 'SELECT * FROM job_run WHERE name = ? AND due_at < ? ORDER BY due_at DESC LIMIT ?';
      return database.all(sql, name, before, limit).map(runOf);
    },

    async removeRunsBefore(at) {
      return database.run('DELETE FROM job_run WHERE due_at < ?', at).changes;
    },
  };
}

export function runOf(row: Row): JobRun {
  const run: JobRun = {
    name: String(row.name),
    dueAt: Number(row.due_at),
    startedAt: Number(row.started_at),
    by: String(row.asked_by),
    holder: String(row.holder),
    fence: Number(row.fence),
    attempts: Number(row.attempts),
  };
  if (row.ended_at !== null) run.endedAt = Number(row.ended_at);
  if (row.row_count !== null) run.rows = Number(row.row_count);
  if (row.error !== null) run.error = String(row.error);
  return run;
}
