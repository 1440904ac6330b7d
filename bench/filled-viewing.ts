// A day of viewing sessions, the same for the same seed, written to a store's table without the way through reports.

import type { ViewingRow } from '../reports/viewing/batch-rows.ts';
import { createRandom } from '../server/simulator/random.ts';
import type { DataSet } from '../server/store/data-set.ts';
import { openDatabase } from '../server/store/sqlite/database.ts';
import { openSqliteStore } from '../server/store/sqlite/open-sqlite-store.ts';
import type { EndedSession } from '../server/viewing/session.ts';

const DAY_MS = 86_400_000;
const A_VIEWER = 5; // sessions, one in each fifth of the day
const SLOT_MS = DAY_MS / A_VIEWER;
/** Of a day, equally long. */
export const PROGRAMMES_A_SERVICE = 30;
const OVERLAPPING = 0.02; // of the sessions: on the viewer's other device, into the next one and into the next day
const IMPUTED = 0.1;
const SHIFTED = 0.05;

export interface FilledDay {
  sessions: number;
  services: number;
  /** Epoch ms of a UTC midnight. */
  day: number;
  seed: number;
}

/** Service `number` of the day, from 0. */
export const serviceOf = (number: number): string => `s${String(number).padStart(3, '0')}`;

/** By (viewer, startedAt); the same object each time. A fifth as many viewers as sessions. */
export function* sessionsOfDay({ sessions, services, day, seed }: FilledDay): Generator<ViewingRow> {
  const random = createRandom(seed, 0);
  const names = Array.from({ length: services }, (_, number) => serviceOf(number));
  const apart = Math.floor(2 ** 52 / Math.ceil(sessions / A_VIEWER)); // pseudonyms are anywhere below 2^52
  const row: ViewingRow = {
    ...{ viewer: 0, device: 0, service: '', programme: '', startedAt: 0, endedAt: 0, imputedMs: 0, timeShiftS: 0 },
  };
  for (let number = 0; number < sessions; number++) {
    const slot = number % A_VIEWER;
    if (slot === 0) row.viewer = Math.floor(number / A_VIEWER) * apart + Math.floor(random.next() * apart);
    const isLong = random.chance(OVERLAPPING);
    const service = Math.floor(random.next() ** 2 * services); // some are watched more
    row.device = (row.viewer * 3 + (isLong ? 1 : 0)) % 2 ** 52;
    row.service = names[service] as string;
    row.startedAt = day + slot * SLOT_MS + Math.floor(random.next() * (SLOT_MS - 3_600_000));
    row.endedAt = row.startedAt + 30_000 + Math.floor(random.next() * 3_500_000) + (isLong ? SLOT_MS : 0);
    row.programme = `${row.service}-${Math.floor((row.startedAt - day) / (DAY_MS / PROGRAMMES_A_SERVICE))}`;
    row.imputedMs = random.chance(IMPUTED) ? Math.floor(random.next() * 120_000) : 0;
    row.timeShiftS = random.chance(SHIFTED) ? Math.floor(random.next() * 7_200) : -1;
    yield row;
  }
}

/** Into the file of an embedded store, made when it is not there. */
export function fillSqlite(file: string, filled: FilledDay): void {
  void openSqliteStore(file).close(); // makes the tables
  const database = openDatabase(file);
  const index = String(database.get("SELECT sql FROM sqlite_schema WHERE name = 'session_window'")?.sql);
  database.exec('DROP INDEX session_window');
  const insert = database.prepare('INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, NULL)');
  database.transaction(() => {
    for (const row of sessionsOfDay(filled)) {
      const shift = row.timeShiftS === -1 ? null : (row.timeShiftS ?? null);
      insert.run(
        ...[row.viewer, row.startedAt, row.device, row.service, row.programme, row.endedAt, row.endedAt, row.imputedMs],
        '',
        shift,
      );
    }
  });
  database.exec(index);
  database.emptyLog();
  database.close();
}

const AT_ONCE = 5_000;

/** The same through the port to all that a store holds. */
export async function fillDataSet(dataSet: DataSet, filled: FilledDay): Promise<void> {
  let piece: EndedSession[] = [];
  for (const { timeShiftS = -1, ...row } of sessionsOfDay(filled)) {
    piece.push({ ...row, lastSignAt: row.endedAt, flags: [], ...(timeShiftS < 0 ? {} : { timeShiftS }) });
    if (piece.length < AT_ONCE) continue;
    await dataSet.write('sessions', piece);
    piece = [];
  }
  await dataSet.write('sessions', piece);
}
