// Viewing sessions in SQLite, by device and start; figures read them by start and sort by viewer.

import { setImmediate } from 'node:timers/promises';
import { LONGEST_SESSION_MS } from '../../viewing/derive-sessions.ts';
import type { Session, SessionFlag } from '../../viewing/session.ts';
import type { SessionChange, SessionStore } from '../../viewing/session-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS session (
  device INTEGER, started_at INTEGER, service TEXT, programme TEXT, viewer INTEGER NOT NULL, ended_at INTEGER,
  last_sign_at INTEGER NOT NULL, imputed_ms INTEGER NOT NULL, fresh INTEGER NOT NULL, flags TEXT NOT NULL, quarantine TEXT,
  time_shift_s INTEGER, access TEXT, PRIMARY KEY (device, started_at, service, programme)
) WITHOUT ROWID;
-- lists and figures of a window
CREATE INDEX IF NOT EXISTS session_started ON session (started_at);
-- the job that closes silent sessions; small, since few are open
CREATE INDEX IF NOT EXISTS session_open ON session (last_sign_at) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS orphan (
  device INTEGER, at INTEGER, service TEXT, programme TEXT, viewer INTEGER NOT NULL, PRIMARY KEY (device, at, service, programme)
) WITHOUT ROWID;
`;

const PUT = `INSERT OR REPLACE INTO session (device, started_at, service, programme, viewer, ended_at, last_sign_at, imputed_ms,
  fresh, flags, quarantine, time_shift_s, access) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const OVERLAPS = 'started_at < ? AND started_at >= ? AND (ended_at IS NULL OR ended_at > ?)';
const PAGE = 2_000;

export function createSqliteSessionStore(database: Database): SessionStore {
  database.exec(TABLES);
  const insert = database.prepare(PUT);

  const putOne = (change: SessionChange): void => {
    const { device, replaceFrom } = change;
    if (replaceFrom !== undefined) {
      database.run('DELETE FROM session WHERE device = ? AND started_at >= ?', device, replaceFrom);
      database.run('DELETE FROM orphan WHERE device = ? AND at >= ?', device, replaceFrom);
    }
    for (const session of change.sessions) {
      insert.run(
        device,
        session.startedAt,
        session.service,
        session.programme,
        session.viewer,
        session.endedAt ?? null,
        session.lastSignAt,
        session.imputedMs,
        session.fresh ? 1 : 0,
        session.flags.join(' '),
        session.quarantine ?? null,
        session.timeShiftS ?? null,
        session.access ?? null,
      );
    }
    for (const { at, service, programme, viewer } of change.orphans) {
      database.run('INSERT OR REPLACE INTO orphan VALUES (?, ?, ?, ?, ?)', device, at, service, programme, viewer);
    }
  };

  return {
    async put(changes) {
      database.transaction(() => {
        for (const change of changes) putOne(change);
      });
    },

    async findFreshStart(device, at) {
      const row = database.get(
        'SELECT max(started_at) AS start FROM session WHERE device = ? AND started_at < ? AND fresh = 1',
        device,
        at,
      );
      return typeof row?.start === 'number' ? row.start : undefined;
    },

    async list({ from, to, viewer, services, limit, after }) {
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
      const sql = `SELECT * FROM session WHERE ${conditions.join(' AND ')}
        ORDER BY started_at, device, service, programme LIMIT ?`;
      return database.all(sql, ...values, limit).map(sessionOf);
    },

    async *listByViewer(from, to) {
      const sql = `SELECT * FROM session WHERE ${OVERLAPS} AND quarantine IS NULL
        ORDER BY viewer, started_at, device, service, programme`;
      let page: Session[] = [];
      for (const row of database.iterate(sql, to, from - LONGEST_SESSION_MS, from)) {
        page.push(sessionOf(row));
        if (page.length < PAGE) continue;
        yield page;
        page = [];
        await setImmediate(); // requests are answered between pages
      }
      if (page.length > 0) yield page;
    },

    async listSilentDevices(at, limit) {
      const sql = 'SELECT DISTINCT device FROM session WHERE ended_at IS NULL AND last_sign_at < ? LIMIT ?';
      return database.all(sql, at, limit).map((row) => Number(row.device));
    },

    async listOrphans(from, to, limit) {
      const rows = database.all(
        'SELECT * FROM orphan WHERE at >= ? AND at < ? ORDER BY at, device LIMIT ?',
        from,
        to,
        limit,
      );
      return rows.map((row) => ({
        device: Number(row.device),
        viewer: Number(row.viewer),
        service: String(row.service),
        programme: String(row.programme),
        at: Number(row.at),
      }));
    },

    async removeEndedBefore(at) {
      database.run('DELETE FROM orphan WHERE at < ?', at);
      return database.run('DELETE FROM session WHERE started_at < ? AND ended_at < ?', at, at).changes;
    },

    async removeOfViewer(viewer) {
      database.run('DELETE FROM orphan WHERE viewer = ?', viewer);
      // All is read through before anything is locked: who writes from another process does not wait for that.
      const devices = database.all('SELECT DISTINCT device FROM session WHERE viewer = ?', viewer);
      return database.transaction(() => {
        const sql = 'DELETE FROM session WHERE device = ? AND viewer = ?';
        return devices.reduce((sum, { device }) => sum + database.run(sql, Number(device), viewer).changes, 0);
      });
    },
  };
}

function sessionOf(row: Row): Session {
  const flags = String(row.flags);
  const session: Session = {
    device: Number(row.device),
    viewer: Number(row.viewer),
    service: String(row.service),
    programme: String(row.programme),
    startedAt: Number(row.started_at),
    lastSignAt: Number(row.last_sign_at),
    flags: flags === '' ? [] : (flags.split(' ') as SessionFlag[]),
    imputedMs: Number(row.imputed_ms),
    fresh: row.fresh === 1,
  };
  if (typeof row.ended_at === 'number') session.endedAt = row.ended_at;
  if (row.quarantine !== null) session.quarantine = String(row.quarantine) as NonNullable<Session['quarantine']>;
  if (typeof row.time_shift_s === 'number') session.timeShiftS = row.time_shift_s;
  if (row.access !== null) session.access = String(row.access) as NonNullable<Session['access']>;
  return session;
}
