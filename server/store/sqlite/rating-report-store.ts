// Rating reports as they were made, in SQLite (R5, R6).

import { setImmediate } from 'node:timers/promises';
import type { ReportStore, StoredReport } from '../../../reports/ratings/report-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS rating_report (
  asked TEXT NOT NULL, revision INTEGER NOT NULL, hash TEXT NOT NULL, status TEXT NOT NULL, window_end INTEGER NOT NULL,
  made_at INTEGER NOT NULL, schedule TEXT NOT NULL, data_revision TEXT NOT NULL, criteria TEXT NOT NULL, content TEXT NOT NULL,
  UNIQUE (asked, revision)
);
-- for listPreliminary and removeEndedBefore
CREATE INDEX IF NOT EXISTS rating_report_status ON rating_report (status, asked, revision);
CREATE INDEX IF NOT EXISTS rating_report_end ON rating_report (window_end);
`;

const PAGE = 200;
const HEAD = 'asked, revision, hash, status, window_end, made_at, schedule, data_revision, criteria';

export function createSqliteRatingReportStore(database: Database): ReportStore {
  database.exec(TABLES);
  return {
    async findLatest(asked) {
      const row = database.get('SELECT * FROM rating_report WHERE asked = ? ORDER BY revision DESC LIMIT 1', asked);
      return row === undefined ? undefined : ratingReportOf(row);
    },
    async find(asked, revision) {
      const row = database.get('SELECT * FROM rating_report WHERE asked = ? AND revision = ?', asked, revision);
      return row === undefined ? undefined : ratingReportOf(row);
    },
    async add(report) {
      const sql =
        'INSERT INTO rating_report VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (asked, revision) DO NOTHING';
      return database.run(sql, ...ratingReportValuesOf(report)).changes === 1;
    },
    async confirm(asked, revision, { schedule, dataRevision }) {
      const sql = 'UPDATE rating_report SET schedule = ?, data_revision = ? WHERE asked = ? AND revision = ?';
      database.run(sql, schedule, dataRevision, asked, revision);
    },
    async *listPreliminary() {
      const sql = `SELECT ${HEAD} FROM rating_report AS own WHERE status = 'preliminary' AND asked > ? AND NOT EXISTS
        (SELECT 1 FROM rating_report WHERE asked = own.asked AND revision > own.revision) ORDER BY asked LIMIT ?`;
      for (let after = ''; ; ) {
        const rows = database.all(sql, after, PAGE);
        if (rows.length > 0) yield rows.map(headOf);
        if (rows.length < PAGE) return;
        after = String(rows.at(-1)?.asked);
        await setImmediate();
      }
    },
    async removeEndedBefore(at) {
      return database.run('DELETE FROM rating_report WHERE window_end < ?', at).changes;
    },
  };
}

/** In the order of the table's columns. */
export const ratingReportValuesOf = (report: StoredReport) => [
  report.asked,
  report.revision,
  report.hash,
  report.status,
  report.to,
  report.madeAt,
  report.schedule,
  report.dataRevision,
  report.criteria,
  report.content,
];

const headOf = (row: Row): Omit<StoredReport, 'content'> => ({
  asked: String(row.asked),
  revision: Number(row.revision),
  hash: String(row.hash),
  status: row.status === 'final' ? 'final' : 'preliminary',
  to: Number(row.window_end),
  madeAt: Number(row.made_at),
  schedule: String(row.schedule),
  dataRevision: String(row.data_revision),
  criteria: String(row.criteria),
});

export const ratingReportOf = (row: Row): StoredReport => ({ ...headOf(row), content: String(row.content) });
