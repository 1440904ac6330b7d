// Reads of the log of reports in SQLite for which it has no index: in pieces, and others get their turn between them (O2, R16).

import { setImmediate } from 'node:timers/promises';
import type { Database, Row } from './database.ts';

const SCANNED = 10_000; // rows read in one go in search of a viewer's: some 5 ms
const PAGE = 2_000;
/** Reports of one moment share a commit in any order, and a clock is set right by seconds. */
const OUT_OF_ORDER_MS = 60_000;

/** A viewer's reports, in order of arrival: the whole log is read. */
export async function* rowsOfViewer(database: Database, viewer: number): AsyncGenerator<Row[]> {
  const ends = database.get(
    'SELECT (SELECT min(arrival) FROM report) AS first, (SELECT max(arrival) FROM report) AS last',
  );
  for (let from = Number(ends?.first ?? 1); from <= Number(ends?.last ?? 0); from += SCANNED) {
    const sql = 'SELECT * FROM report WHERE arrival >= ? AND arrival < ? AND viewer = ? ORDER BY arrival';
    const rows = database.all(sql, from, from + SCANNED, viewer);
    if (rows.length > 0) yield rows;
    await setImmediate();
  }
}

/** What was received in [from, to), epoch ms, through an arrival: since arrival follows receipt, the beginning is looked for by halves. */
export async function* rowsReceived(
  database: Database,
  from: number,
  to: number,
  through: number,
): AsyncGenerator<Row[]> {
  const sql = `SELECT arrival, device, viewer, type, sent_at, received_at, quarantine FROM report
    WHERE arrival >= ? AND arrival <= ? ORDER BY arrival LIMIT ?`;
  for (let next = firstReceivedAt(database, from - OUT_OF_ORDER_MS, through); ; ) {
    const rows = database.all(sql, next, through, PAGE);
    const found = rows.filter((row) => Number(row.received_at) >= from && Number(row.received_at) < to);
    if (found.length > 0) yield found;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE || Number(last.received_at) >= to + OUT_OF_ORDER_MS) return;
    next = Number(last.arrival) + 1;
    await setImmediate();
  }
}

function firstReceivedAt(database: Database, at: number, through: number): number {
  const sql = 'SELECT arrival, received_at FROM report WHERE arrival >= ? ORDER BY arrival LIMIT 1';
  let [low, high] = [Number(database.get(sql, 0)?.arrival ?? 0), through + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = database.get(sql, middle);
    if (row === undefined || Number(row.received_at) >= at) high = middle;
    else low = Number(row.arrival) + 1;
  }
  return low;
}
