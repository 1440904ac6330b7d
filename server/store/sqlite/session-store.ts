// Viewing sessions in SQLite: ended ones by viewer and start, written once as a rule; open ones by device.

import { setImmediate } from 'node:timers/promises';
import { type DeviceState, LONGEST_SESSION_MS, type Orphan } from '../../viewing/derive-sessions.ts';
import type { OpenSession } from '../../viewing/open-session.ts';
import { compareSessions, type EndedSession, type Session, type SessionFlag } from '../../viewing/session.ts';
import type { SessionChange, SessionQuery, SessionStore } from '../../viewing/session-store.ts';
import { pagesByViewer } from '../session-pages.ts';
import type { Database, Row } from './database.ts';

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

const OVERLAPS = 'started_at < ? AND started_at >= ? AND ended_at > ?';
const ORDER = 'ORDER BY started_at, device, service, programme';
/** The rows that are found in an index alone, however many it passes over. */
const rowsOf = (found: string): string =>
  `SELECT session.* FROM (SELECT viewer, started_at, device, service, programme ${found})
   JOIN session USING (viewer, started_at, device, service, programme)`;
const PAGE = 2_000;

export function createSqliteSessionStore(database: Database): SessionStore {
  database.exec(TABLES);
  const insert = database.prepare(PUT);
  const insertOpen = database.prepare(OPEN);
  const removeOpen = database.prepare('DELETE FROM open_session WHERE device = ?');
  const removeSessions = database.prepare('DELETE FROM session WHERE viewer = ? AND started_at >= ? AND device = ?');
  const removeOrphans = database.prepare('DELETE FROM orphan WHERE device = ? AND at >= ?');

  const putOne = ({ device, viewer, replaceFrom, sessions, orphans, state }: SessionChange): void => {
    if (replaceFrom !== undefined) {
      removeSessions.run(viewer, replaceFrom, device);
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
  };

  /** Open sessions that a query asks for; all of them are started before now, few before a window ends. */
  const listOpen = ({ from, to, viewer, services }: Omit<SessionQuery, 'limit' | 'after'>): Session[] => {
    const mine = viewer === undefined ? '' : 'AND viewer = ?';
    const sql = `SELECT state FROM open_session WHERE silent_at IS NOT NULL AND started_at < ? AND started_at >= ? ${mine}`;
    const rows = database.all(sql, to, from - LONGEST_SESSION_MS, ...(viewer === undefined ? [] : [viewer]));
    return rows
      .flatMap((row) => (JSON.parse(String(row.state)) as DeviceState).open?.session ?? [])
      .filter(({ service }) => services === undefined || services.includes(service));
  };

  return {
    async put(changes) {
      // What a power cut takes is derived again: it takes the mark of what was settled, too.
      database.transactionUnflushed(() => {
        for (const change of changes) putOne(change);
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
        conditions.push('(started_at, device, service, programme) > (?, ?, ?, ?)');
        values.push(after.startedAt, after.device, after.service, after.programme);
      }
      const found = `FROM session WHERE ${conditions.join(' AND ')} ${ORDER} LIMIT ?`;
      const sql = viewer === undefined ? `${rowsOf(found)} ${ORDER}` : `SELECT * ${found}`;
      const ended = database.all(sql, ...values, limit).map(sessionOf);
      const open = listOpen(query).filter((session) => after === undefined || compareSessions(after, session) < 0);
      return open.length === 0 ? ended : [...ended, ...open].sort(compareSessions).slice(0, limit);
    },

    async *listByViewer(from, to) {
      const sql = `SELECT * FROM session WHERE ${OVERLAPS} AND quarantine IS NULL
        ORDER BY viewer, started_at, device, service, programme`;
      const ended = database.iterate(sql, to, from - LONGEST_SESSION_MS, from);
      for await (const page of pagesByViewer(Iterator.from(ended).map(sessionOf), listOpen({ from, to }), PAGE)) {
        yield page;
        await setImmediate(); // requests are answered between pages
      }
    },

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
      database.run('DELETE FROM orphan WHERE at < ?', at);
      return database.run('DELETE FROM session WHERE started_at < ? AND ended_at < ?', at, at).changes;
    },

    async removeOfViewer(viewer) {
      database.run('DELETE FROM orphan WHERE viewer = ?', viewer);
      const open = database.run('DELETE FROM open_session WHERE viewer = ?', viewer).changes;
      return open + database.run('DELETE FROM session WHERE viewer = ?', viewer).changes;
    },
  };
}

/** In the order of the table's columns. */
export function valuesOf(session: EndedSession) {
  return [
    session.viewer,
    session.startedAt,
    session.device,
    session.service,
    session.programme,
    session.endedAt,
    session.lastSignAt,
    session.imputedMs,
    session.flags.join(' '),
    session.quarantine ?? null,
    session.timeShiftS ?? null,
    session.access ?? null,
  ];
}

/** The same of an open session's. */
export function openValuesOf(device: number, viewer: number, state: DeviceState, open: OpenSession) {
  const { startedAt, service } = open.session;
  return [device, viewer, startedAt, service, open.isGivenUp === true ? null : open.silentAt, JSON.stringify(state)];
}

export const orphanOf = (row: Row): Orphan => ({
  device: Number(row.device),
  viewer: Number(row.viewer),
  service: String(row.service),
  programme: String(row.programme),
  at: Number(row.at),
});

export function sessionOf(row: Row): Session {
  const flags = String(row.flags);
  const session: Session = {
    device: Number(row.device),
    viewer: Number(row.viewer),
    service: String(row.service),
    programme: String(row.programme),
    startedAt: Number(row.started_at),
    endedAt: Number(row.ended_at),
    lastSignAt: Number(row.last_sign_at),
    flags: flags === '' ? [] : (flags.split(' ') as SessionFlag[]),
    imputedMs: Number(row.imputed_ms),
  };
  if (row.quarantine !== null) session.quarantine = String(row.quarantine) as NonNullable<Session['quarantine']>;
  if (typeof row.time_shift_s === 'number') session.timeShiftS = row.time_shift_s;
  if (row.access !== null) session.access = String(row.access) as NonNullable<Session['access']>;
  return session;
}
