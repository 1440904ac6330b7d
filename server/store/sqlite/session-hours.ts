// Sessions by the hour of their start in SQLite, and the versions of these hours (ratings R18).

import { setImmediate } from 'node:timers/promises';
import { hourOf, type SessionHours, type VersionMove } from '../../../reports/viewing/session-hours.ts';
import { LONGEST_SESSION_MS } from '../../viewing/derive-sessions.ts';
import type { EndedSession } from '../../viewing/session.ts';
import type { Database, Row } from './database.ts';
import { listByViewer, listOpen, sessionOf } from './session-rows.ts';

export const HOUR_TABLE = `
-- counted up with each change of an hour's ended sessions, in its transaction
CREATE TABLE IF NOT EXISTS session_hour (hour INTEGER PRIMARY KEY, version INTEGER NOT NULL);
`;

const COUNT_UP = `INSERT INTO session_hour VALUES (?, 1) ON CONFLICT (hour) DO UPDATE SET version = version + 1
  RETURNING version`;

/** Within the transaction of the change; `starts` are those of sessions that came, changed or went. */
export function countUpHours(database: Database, starts: Iterable<number>): VersionMove[] {
  return [...new Set([...starts].map(hourOf))].map((hour) => {
    const after = Number(database.get(COUNT_UP, hour)?.version);
    return { hour, before: after - 1, after };
  });
}

const PAGE = 2_000; // some 20 ms
const BEHIND = 'AND (started_at, device, service, programme) > (?, ?, ?, ?)';
const listSql = (behind: string): string => `SELECT session.* FROM (
    SELECT viewer, started_at, device, service, programme FROM session WHERE started_at >= ? AND started_at < ? ${behind}
    ORDER BY started_at, device, service, programme LIMIT ${PAGE}
  ) JOIN session USING (viewer, started_at, device, service, programme) ORDER BY started_at, device, service, programme`;

export function createSqliteSessionHours(database: Database): SessionHours {
  return {
    async versions(from, to) {
      const rows = database.all('SELECT hour, version FROM session_hour WHERE hour >= ? AND hour < ?', from, to);
      return new Map(rows.map(({ hour, version }) => [Number(hour), Number(version)]));
    },

    async *listStarted(from, to) {
      for (let last: Row | undefined; ; ) {
        const rows: Row[] =
          last === undefined
            ? database.all(listSql(''), from, to)
            : database.all(
                listSql(BEHIND),
                ...[Number(last.started_at), to],
                ...[Number(last.started_at), Number(last.device), String(last.service), String(last.programme)],
              );
        yield rows.filter(({ quarantine }) => quarantine === null).map((row) => sessionOf(row) as EndedSession);
        last = rows.at(-1);
        if (rows.length < PAGE) return;
        await setImmediate();
      }
    },

    listOpen: async (from, to) => listOpen(database, { from, to }),

    listByViewer: (from, to, startedFrom) => listByViewer(database, from, to, startedFrom),
  };
}

/** Nothing can be sealed of hours a day before `at`. */
export function forgetHoursBefore(database: Database, at: number): void {
  database.run('DELETE FROM session_hour WHERE hour < ?', hourOf(at - LONGEST_SESSION_MS));
}
