// Viewing sessions as rows of SQLite, and how they are read in order of viewers (V12, V13).

import { setImmediate } from 'node:timers/promises';
import { type DeviceState, LONGEST_SESSION_MS, type Orphan } from '../../viewing/derive-sessions.ts';
import type { OpenSession } from '../../viewing/open-session.ts';
import type { EndedSession, Session, SessionFlag } from '../../viewing/session.ts';
import type { SessionQuery } from '../../viewing/session-store.ts';
import { pagesByViewer } from '../session-pages.ts';
import type { Database, Row } from './database.ts';

export const OVERLAPS = 'started_at < ? AND started_at >= ? AND ended_at > ?';
const PAGE = 2_000;

/** Open sessions that a query asks for; all of them are started before now, few before a window ends. */
export function listOpen(
  database: Database,
  { from, to, viewer, services }: Omit<SessionQuery, 'limit' | 'after'>,
): Session[] {
  const mine = viewer === undefined ? '' : 'AND viewer = ?';
  const sql = `SELECT state FROM open_session WHERE silent_at IS NOT NULL AND started_at < ? AND started_at >= ? ${mine}`;
  const rows = database.all(sql, to, from - LONGEST_SESSION_MS, ...(viewer === undefined ? [] : [viewer]));
  return rows
    .flatMap((row) => (JSON.parse(String(row.state)) as DeviceState).open?.session ?? [])
    .filter(({ service }) => services === undefined || services.includes(service));
}

/** Those that overlap [from, to) and started at `startedFrom` or later, without quarantined ones, open ones in their places. */
export async function* listByViewer(
  database: Database,
  from: number,
  to: number,
  startedFrom: number,
): AsyncGenerator<Session[]> {
  const sql = `SELECT * FROM session WHERE ${OVERLAPS} AND quarantine IS NULL
    ORDER BY viewer, started_at, device, service, programme`;
  const ended = database.iterate(sql, to, startedFrom, from);
  const open = listOpen(database, { from, to }).filter(({ startedAt }) => startedAt >= startedFrom);
  for await (const page of pagesByViewer(Iterator.from(ended).map(sessionOf), open, PAGE)) {
    yield page;
    await setImmediate(); // requests are answered between pages
  }
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
