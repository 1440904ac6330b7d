// The log of reports in SQLite: append-only when they come; by device and time once they are enrolled.

import type { Arrival, PackedDocument, QuarantineReason, StoredReport } from '../../viewing/report.ts';
import type { Receipt, ReportLog } from '../../viewing/report-log.ts';
import type { Database, Row } from './database.ts';
import { rowsOfViewer, rowsReceived } from './report-rows.ts';

// `report` has no index but its order of arrival: an index written at ingest costs half the throughput.
const TABLES = `
CREATE TABLE IF NOT EXISTS report (
  arrival INTEGER PRIMARY KEY, device INTEGER NOT NULL, viewer INTEGER NOT NULL, type INTEGER NOT NULL, service TEXT NOT NULL,
  programme TEXT NOT NULL, sent_at INTEGER NOT NULL, received_at INTEGER NOT NULL, key INTEGER NOT NULL,
  verified INTEGER NOT NULL, origin INTEGER NOT NULL, template INTEGER NOT NULL, rest TEXT NOT NULL,
  quarantine TEXT, more TEXT
);
CREATE TABLE IF NOT EXISTS report_of_device (
  device INTEGER, sent_at INTEGER, key INTEGER, arrival INTEGER NOT NULL, PRIMARY KEY (device, sent_at, key)
) WITHOUT ROWID;
-- a report sent again is one report, also when the clock it is dated by was judged anew in between
CREATE UNIQUE INDEX IF NOT EXISTS report_once ON report_of_device (device, key);
CREATE TABLE IF NOT EXISTS report_template (template INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS report_settled (one INTEGER PRIMARY KEY CHECK (one = 1), through INTEGER NOT NULL);
INSERT OR IGNORE INTO report_settled VALUES (1, 0);
`;

const APPEND = `INSERT INTO report (arrival, device, viewer, type, service, programme, sent_at, received_at, key, verified, origin,
  template, rest, quarantine, more) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const ENROL = 'INSERT OR IGNORE INTO report_of_device VALUES (?, ?, ?, ?)';
const SETTLE = 'UPDATE report_settled SET through = max(through, ?)';

const PAGE = 1_000;

/** The rare fields, kept as one JSON text. */
type More = Pick<StoredReport, 'onlineState' | 'reportId' | 'sequence' | 'endReason' | 'access' | 'timeShiftS'>;

export function createSqliteReportLog(database: Database): ReportLog {
  database.exec(TABLES);
  const insert = database.prepare(APPEND);
  const settledThrough = (): number => throughOf(database);

  return {
    async append(reports) {
      database.transactionUnflushed(() => {
        let arrival = lastArrival(database);
        for (const report of reports) {
          arrival += 1;
          insert.run(arrival, ...valuesOf(report));
        }
      });
      await database.flush();
    },

    async listUnsettled(limit) {
      const rows = database.all(
        'SELECT * FROM report WHERE arrival > ? ORDER BY arrival LIMIT ?',
        settledThrough(),
        limit,
      );
      return rows.map((row) => ({ arrival: Number(row.arrival), report: reportOf(row) }));
    },

    async enrol(arrivals: readonly Arrival<number>[]) {
      return database.transactionUnflushed(() => arrivals.map((arrival) => enrolOne(database, arrival)));
    },

    async markSettled(arrivals: readonly Arrival<number>[]) {
      const through = Math.max(...arrivals.map((each) => each.arrival));
      database.transactionUnflushed(() => database.run(SETTLE, through));
    },

    async listOfDevices(owners, from) {
      const found = owners.flatMap(({ device }) =>
        database.all(
          `SELECT report.* FROM report_of_device AS d JOIN report ON report.arrival = d.arrival
           WHERE d.device = ? AND d.sent_at >= ?`,
          device,
          from,
        ),
      );
      return found.map(reportOf).sort((one, other) => one.sentAt - other.sentAt || one.key - other.key);
    },

    async listReceivedSince(at) {
      // Arrival follows the time of receipt, so the newest rows are read back until they are too old.
      const found: StoredReport[] = [];
      let before = Number.MAX_SAFE_INTEGER;
      for (;;) {
        const rows = database.all('SELECT * FROM report WHERE arrival < ? ORDER BY arrival DESC LIMIT ?', before, PAGE);
        for (const row of rows) {
          if (Number(row.received_at) < at) return found.reverse();
          found.push(reportOf(row));
          before = Number(row.arrival);
        }
        if (rows.length < PAGE) return found.reverse();
      }
    },

    async listReceivedByOthers() {
      return []; // commands read; the server alone appends
    },

    async findLastReceivedAt() {
      const row = database.get('SELECT received_at FROM report ORDER BY arrival DESC LIMIT 1');
      return row === undefined ? undefined : Number(row.received_at);
    },

    async putTemplate(template, text) {
      database.run('INSERT OR IGNORE INTO report_template VALUES (?, ?)', template, text);
    },

    async listTemplates() {
      const rows = database.all('SELECT template, text FROM report_template');
      return rows.map((row) => ({ template: Number(row.template), text: String(row.text) }));
    },

    async *listOfViewer(viewer) {
      for await (const rows of rowsOfViewer(database, viewer)) yield rows.map(reportOf);
    },

    async *listReceipts(from, to) {
      for await (const rows of rowsReceived(database, from, to, settledThrough())) yield rows.map(receiptOf);
    },

    async removeReceivedBefore(at) {
      let removed = 0;
      for (;;) {
        const rows = database.all(
          'SELECT arrival, device, sent_at, key, received_at FROM report WHERE arrival <= ? ORDER BY arrival LIMIT ?',
          settledThrough(),
          PAGE,
        );
        const old = rows.filter((row) => Number(row.received_at) < at);
        database.transaction(() => {
          for (const row of old) remove(database, row);
        });
        removed += old.length;
        if (old.length < PAGE) return removed;
      }
    },

    async removeOfViewer(viewer) {
      let removed = 0;
      for await (const rows of rowsOfViewer(database, viewer)) {
        database.transaction(() => {
          for (const row of rows) remove(database, row);
        });
        removed += rows.length;
      }
      return removed;
    },
  };
}

const throughOf = (database: Database): number =>
  Number(database.get('SELECT through FROM report_settled')?.through ?? 0);

/** A double that was removed may have been the last: its number must not come again below what is settled. */
function lastArrival(database: Database): number {
  const last = Number(database.get('SELECT max(arrival) AS last FROM report')?.last ?? 0);
  return Math.max(last, throughOf(database));
}

/** Puts a report behind all others, enrolled and settled, if it is the first of its (device, key). All others are settled. */
export function putSettled(database: Database, report: StoredReport): void {
  const { device, sentAt, key } = report;
  const arrival = lastArrival(database) + 1;
  if (database.run(ENROL, device, sentAt, key, arrival).changes === 0) return;
  database.run(APPEND, arrival, ...valuesOf(report));
  database.run(SETTLE, arrival);
}

function enrolOne(database: Database, { arrival, report }: Arrival<number>): boolean {
  const { device, sentAt, key } = report;
  if (database.run(ENROL, device, sentAt, key, arrival).changes === 1) return true;
  const first = database.get('SELECT arrival FROM report_of_device WHERE device = ? AND key = ?', device, key);
  return first?.arrival === arrival || forget(database, arrival);
}

function forget(database: Database, arrival: number): false {
  database.run('DELETE FROM report WHERE arrival = ?', arrival);
  return false;
}

function remove(database: Database, row: Row): void {
  const { arrival, device, sent_at: sentAt, key } = row;
  if (arrival === undefined || device === undefined || sentAt === undefined || key === undefined) return;
  database.run('DELETE FROM report_of_device WHERE device = ? AND sent_at = ? AND key = ?', device, sentAt, key);
  database.run('DELETE FROM report WHERE arrival = ?', arrival);
}

function valuesOf(report: StoredReport) {
  return [
    report.device,
    report.viewer,
    report.type === 'LogInInfo' ? 1 : 0,
    report.service,
    report.programme,
    report.sentAt,
    report.receivedAt,
    report.key,
    report.verified ? 1 : 0,
    report.origin,
    report.document.template,
    report.document.rest,
    report.quarantine ?? null,
    moreOf(report),
  ];
}

function moreOf(report: StoredReport): string | null {
  const { onlineState, reportId, sequence, endReason, access, timeShiftS } = report;
  if ((onlineState ?? reportId ?? sequence ?? endReason ?? access ?? timeShiftS) === undefined) return null;
  return JSON.stringify({ onlineState, reportId, sequence, endReason, access, timeShiftS });
}

export function reportOf(row: Row): StoredReport {
  const document: PackedDocument = { template: Number(row.template), rest: String(row.rest) };
  const more: More = row.more === null ? {} : JSON.parse(String(row.more));
  const report: StoredReport = {
    device: Number(row.device),
    viewer: Number(row.viewer),
    type: typeOf(row),
    service: String(row.service),
    programme: String(row.programme),
    sentAt: Number(row.sent_at),
    receivedAt: Number(row.received_at),
    key: Number(row.key),
    verified: row.verified === 1,
    origin: Number(row.origin),
    document,
    ...more,
  };
  if (row.quarantine !== null) report.quarantine = String(row.quarantine) as QuarantineReason;
  return report;
}

const typeOf = (row: Row): StoredReport['type'] => (row.type === 1 ? 'LogInInfo' : 'LogOutInfo');

const receiptOf = (row: Row): Receipt => ({
  device: Number(row.device),
  viewer: Number(row.viewer),
  type: typeOf(row),
  sentAt: Number(row.sent_at),
  receivedAt: Number(row.received_at),
  ...(row.quarantine === null ? {} : { quarantine: String(row.quarantine) as QuarantineReason }),
});
