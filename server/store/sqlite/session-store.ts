// Viewing sessions in SQLite: ended ones by viewer and start, written once as a rule; open ones by device.

import { setImmediate } from 'node:timers/promises';
import { type DeviceState, LONGEST_SESSION_MS } from '../../viewing/derive-sessions.ts';
import { compareSessions } from '../../viewing/session.ts';
import type { SessionChange, SessionStore } from '../../viewing/session-store.ts';
import type { Database } from './database.ts';
import { countUpHours, forgetHoursBefore, HOUR_TABLE } from './session-hours.ts';
import { listByViewer, listOpen, OVERLAPS, openValuesOf, orphanOf, sessionOf, valuesOf } from './session-rows.ts';

// Two places to write for a report that ends one session and opens the next; an index more costs a tenth of ingest.
const TABLES = `
CREATE TABLE IF NOT EXISTS session (
  viewer INTEGER, started_at INTEGER, device INTEGER, service TEXT, programme TEXT, ended_at INTEGER NOT NULL,
  last_sign_at INTEGER NOT NULL, imputed_ms INTEGER NOT NULL, flags TEXT NOT NULL, quarantine TEXT, time_shift_s INTEGER,
  access TEXT, PRIMARY KEY (viewer, started_at, device, service, programme)
) WITHOUT ROWID;
-- lists and figures of a window; it tells without the row which sessions of the day before reach into it
CREATE INDEX IF NOT EXISTS session_window ON session (started_at, device, service, programme, ended_at);
DROP INDEX IF EXISTS session_started;
-- as many rows as devices watch now: read whole where a window is asked for
CREATE TABLE IF NOT EXISTS open_session (
  device INTEGER PRIMARY KEY, viewer INTEGER NOT NULL, started_at INTEGER NOT NULL, service TEXT NOT NULL,
  silent_at INTEGER, state TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS open_session_viewer ON open_session (viewer);
CREATE TABLE IF NOT EXISTS orphan (
  device INTEGER, at INTEGER, service TEXT, programme TEXT, viewer INTEGER NOT NULL, PRIMARY KEY (device, at, service, programme)
) WITHOUT ROWID;
`;

const PUT = `INSERT OR REPLACE INTO session (viewer, started_at, device, service, programme, ended_at, last_sign_at, imputed_ms, flags,
  quarantine, time_shift_s, access) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const OPEN = `INSERT INTO open_session (device, viewer, started_at, service, silent_at, state) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (device) DO UPDATE SET started_at = excluded.started_at, service = excluded.service,
    silent_at = excluded.silent_at, state = excluded.state`;

const NEXT = '(started_at, device, service, programme) > (?, ?, ?, ?)';
const ORDER = 'ORDER BY started_at, device, service, programme';
/** The rows that are found in an index alone, however many it passes over. */
const rowsOf = (found: string): string =>
  `SELECT session.* FROM (SELECT viewer, started_at, device, service, programme ${found})
   JOIN session USING (viewer, started_at, device, service, programme)`;
const PAGE = 2_000;

export function createSqliteSessionStore(database: Database): SessionStore {
  database.exec(TABLES);
  database.exec(HOUR_TABLE);
  const insert = database.prepare(PUT);
  const insertOpen = database.prepare(OPEN);
  const removeOpen = database.prepare('DELETE FROM open_session WHERE device = ?');
  const removeSessions = database.prepare(
    'DELETE FROM session WHERE viewer = ? AND started_at >= ? AND device = ? RETURNING started_at',
  );
  const removeOrphans = database.prepare('DELETE FROM orphan WHERE device = ? AND at >= ?');

  /** Answers the starts of the sessions that went and came. */
  const putOne = ({ device, viewer, replaceFrom, sessions, orphans, state }: SessionChange): number[] => {
    const starts = sessions.map(({ startedAt }) => startedAt);
    if (replaceFrom !== undefined) {
      const removed = removeSessions.all(viewer, replaceFrom, device);
      starts.push(...removed.map((row) => Number(row.started_at)));
      removeOrphans.run(device, replaceFrom);
    }
    for (const session of sessions) {
      insert.run(...valuesOf({ ...session, viewer, device }));
    }
    for (const { at, service, programme } of orphans) {
      database.run('INSERT OR REPLACE INTO orphan VALUES (?, ?, ?, ?, ?)', device, at, service, programme, viewer);
    }
    const { open } = state;
    if (open === undefined) removeOpen.run(device);
    else insertOpen.run(...openValuesOf(device, viewer, state, open));
    return starts;
  };

  return {
    async put(changes) {
      // What a power cut takes is derived again: it takes the mark of what was settled, too.
      database.transactionUnflushed(() => {
        countUpHours(database, changes.flatMap(putOne));
      });
    },

    async findStates(devices) {
      const states = new Map<number, DeviceState>();
      for (const device of devices) {
        const row = database.get('SELECT state FROM open_session WHERE device = ?', device);
        if (row !== undefined) states.set(device, JSON.parse(String(row.state)));
      }
      return states;
    },

    async list(query) {
      const { from, to, viewer, services, limit, after } = query;
      const conditions = [OVERLAPS];
      const values: (number | string)[] = [to, from - LONGEST_SESSION_MS, from];
      if (viewer !== undefined) {
        conditions.push('viewer = ?');
        values.push(viewer);
      }
      if (services !== undefined) {
        conditions.push(`service IN (${services.map(() => '?').join(', ')})`);
        values.push(...services);
      }
      if (after !== undefined) {
        conditions.push(NEXT);
        values.push(after.startedAt, after.device, after.service, after.programme);
      }
      const found = `FROM session WHERE ${conditions.join(' AND ')} ${ORDER} LIMIT ?`;
      const sql = viewer === undefined ? `${rowsOf(found)} ${ORDER}` : `SELECT * ${found}`;
      const ended = database.all(sql, ...values, limit).map(sessionOf);
      const open = listOpen(database, query).filter(
        (session) => after === undefined || compareSessions(after, session) < 0,
      );
      return open.length === 0 ? ended : [...ended, ...open].sort(compareSessions).slice(0, limit);
    },

    listByViewer: (from, to) => listByViewer(database, from, to, from - LONGEST_SESSION_MS),

    async *listSilentDevices(at) {
      let after = -1;
      for (;;) {
        const rows = database.all(
          'SELECT device, silent_at FROM open_session WHERE device > ? ORDER BY device LIMIT ?',
          after,
          PAGE,
        );
        const silent = rows.filter((row) => row.silent_at !== null && Number(row.silent_at) < at);
        if (silent.length > 0) yield silent.map((row) => Number(row.device));
        if (rows.length < PAGE) return;
        after = Number(rows.at(-1)?.device);
        await setImmediate();
      }
    },

    async *listStarted(from, to) {
      const sql = `${rowsOf(`FROM session WHERE ${NEXT} AND started_at < ? ${ORDER} LIMIT ?`)} ${ORDER}`;
      const open = listOpen(database, { from, to }).filter(({ startedAt }) => startedAt >= from);
      if (open.length > 0) yield open;
      for (let after: [number, number, string, string] = [from, -1, '', '']; ; ) {
        const page = database.all(sql, ...after, to, PAGE).map(sessionOf);
        const last = page.at(-1);
        if (last === undefined) return;
        yield page;
        after = [last.startedAt, last.device, last.service, last.programme];
        await setImmediate();
      }
    },

    async countOrphans(from, to) {
      return Number(database.get('SELECT count(*) AS count FROM orphan WHERE at >= ? AND at < ?', from, to)?.count);
    },

    async listOrphans(from, to, limit) {
      const rows = database.all(
        'SELECT * FROM orphan WHERE at >= ? AND at < ? ORDER BY at, device LIMIT ?',
        from,
        to,
        limit,
      );
      return rows.map(orphanOf);
    },

    async removeEndedBefore(at) {
      return database.transaction(() => {
        database.run('DELETE FROM orphan WHERE at < ?', at);
        forgetHoursBefore(database, at);
        return database.run('DELETE FROM session WHERE started_at < ? AND ended_at < ?', at, at).changes;
      });
    },

    async removeOfViewer(viewer) {
      return database.transaction(() => {
        database.run('DELETE FROM orphan WHERE viewer = ?', viewer);
        const open = database.run('DELETE FROM open_session WHERE viewer = ?', viewer).changes;
        const rows = database.all('DELETE FROM session WHERE viewer = ? RETURNING started_at', viewer);
        const starts = rows.map(({ started_at }) => Number(started_at));
        return { removed: open + rows.length, moves: countUpHours(database, starts) };
      });
    },
  };
}
