// The stored stream of events and its cursors in SQLite: the offset is the row's number (G12-G14).

import type { SQLInputValue } from 'node:sqlite';
import type { PushEvent } from '../../push/event.ts';
import type { Addressees, Cursor, EventStore, TimedEvent } from '../../push/event-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS push_epoch (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS push_event (
  place INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, audience TEXT NOT NULL,
  content TEXT NOT NULL, valid_until INTEGER, sender INTEGER, viewer INTEGER, device INTEGER
);
CREATE INDEX IF NOT EXISTS push_event_viewer ON push_event (viewer) WHERE viewer IS NOT NULL;
CREATE INDEX IF NOT EXISTS push_event_device ON push_event (device) WHERE device IS NOT NULL;
-- for listOf: few events have many devices, and all of these are surveys
CREATE INDEX IF NOT EXISTS push_event_survey ON push_event (place) WHERE kind = 'survey';
CREATE INDEX IF NOT EXISTS push_event_sent ON push_event (place) WHERE sender IS NOT NULL;
CREATE TABLE IF NOT EXISTS push_cursor (
  name TEXT PRIMARY KEY, viewer INTEGER NOT NULL, place INTEGER NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS push_cursor_viewer ON push_cursor (viewer);
`;

const COLUMNS = 'place, at, key, kind, audience, content, valid_until, sender';
const AMONG_MANY = `SELECT ${COLUMNS} FROM push_event WHERE kind = 'survey' AND EXISTS (
  SELECT 1 FROM json_each(audience, '$.devices') AS one WHERE one.value IN (SELECT value FROM json_each(?)))`;
const PUT_CURSOR = `INSERT INTO push_cursor VALUES (?, ?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET place = max(place, excluded.place), at = excluded.at`;

export function createSqliteEventStore(database: Database): EventStore {
  database.exec(TABLES);
  const lastPlace = (): number => Number(database.get('SELECT max(place) AS last FROM push_event')?.last ?? 0);

  const rowsOf = ({ viewer, devices }: Addressees): PushEvent[] => {
    const rows = database.all(`SELECT ${COLUMNS} FROM push_event WHERE viewer = ?`, viewer);
    for (const device of devices)
      rows.push(...database.all(`SELECT ${COLUMNS} FROM push_event WHERE device = ?`, device));
    rows.push(...database.all(AMONG_MANY, JSON.stringify(devices)));
    return rows.map(eventOf).sort((a, b) => a.offset - b.offset);
  };

  return {
    async epoch(candidate) {
      database.run('INSERT OR IGNORE INTO push_epoch VALUES (1, ?)', candidate);
      return String(database.get('SELECT epoch FROM push_epoch')?.epoch);
    },

    async renewEpoch(epoch) {
      database.run('INSERT OR REPLACE INTO push_epoch VALUES (1, ?)', epoch);
    },

    async append(events) {
      return database.transaction(() => {
        let last = lastPlace();
        return events.map((event) => {
          const known = database.get(`SELECT ${COLUMNS} FROM push_event WHERE key = ?`, event.key);
          if (known !== undefined) return eventOf(known);
          last += 1;
          database.run('INSERT INTO push_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...eventValuesOf(event, last));
          return { ...event, offset: last };
        });
      });
    },

    async list(after, limit) {
      const sql = `SELECT ${COLUMNS} FROM push_event WHERE place > ? ORDER BY place LIMIT ?`;
      return database.all(sql, after, limit).map(eventOf);
    },

    async listSent(before, limit) {
      const sql = `SELECT ${COLUMNS} FROM push_event WHERE sender IS NOT NULL AND place < ? ORDER BY place DESC LIMIT ?`;
      return database.all(sql, before, limit).map(eventOf);
    },

    async bounds() {
      const row = database.get('SELECT min(place) AS first, max(place) AS last FROM push_event');
      return { first: Number(row?.first ?? 1), last: Number(row?.last ?? 0) };
    },

    async removeOld(at, number) {
      const last = lastPlace();
      // Times may run backwards, by a clock that was set: the first that is young enough ends what is old.
      const young = database.get('SELECT place FROM push_event WHERE at >= ? ORDER BY place LIMIT 1', at)?.place;
      const first = Math.min(Math.max(Number(young ?? last), last - number + 1), last);
      return database.run('DELETE FROM push_event WHERE place < ?', first).changes;
    },

    async listOf(addressees) {
      return rowsOf(addressees);
    },

    async blankOf(addressees) {
      const sql = `UPDATE push_event SET audience = '{"nobody":true}', content = '{}', key = ?, viewer = NULL, device = NULL
        WHERE place = ?`;
      database.transaction(() => {
        for (const { offset, audience } of rowsOf(addressees)) {
          if (!('devices' in audience)) database.run(sql, `erased/${offset}`, offset);
          else {
            const devices = audience.devices.filter((device) => !addressees.devices.includes(device));
            database.run('UPDATE push_event SET audience = ? WHERE place = ?', JSON.stringify({ devices }), offset);
          }
        }
      });
    },

    async putCursors(cursors) {
      database.transactionUnflushed(() => {
        for (const { name, viewer, offset, at } of cursors) database.run(PUT_CURSOR, name, viewer, offset, at);
      });
    },

    async findCursors(names) {
      const found = new Map<string, number>();
      for (const name of names) {
        const row = database.get('SELECT place FROM push_cursor WHERE name = ?', name);
        if (row !== undefined) found.set(name, Number(row.place));
      }
      return found;
    },

    async listCursors(viewer) {
      return database.all('SELECT * FROM push_cursor WHERE viewer = ? ORDER BY name', viewer).map(cursorOf);
    },

    async removeCursors(of) {
      return 'viewer' in of
        ? database.run('DELETE FROM push_cursor WHERE viewer = ?', of.viewer).changes
        : database.run('DELETE FROM push_cursor WHERE at < ?', of.putBefore).changes;
    },
  };
}

export function eventValuesOf(event: TimedEvent, offset: number): SQLInputValue[] {
  const { at, key, kind, audience, content, validUntil = null, sender = null } = event;
  const viewer = 'viewer' in audience ? audience.viewer : null;
  const device = 'device' in audience ? audience.device : null;
  return [offset, at, key, kind, JSON.stringify(audience), JSON.stringify(content), validUntil, sender, viewer, device];
}

export function eventOf(row: Row): PushEvent {
  return {
    offset: Number(row.place),
    at: Number(row.at),
    key: String(row.key),
    kind: row.kind as PushEvent['kind'],
    audience: JSON.parse(String(row.audience)),
    content: JSON.parse(String(row.content)),
    ...(row.valid_until === null ? {} : { validUntil: Number(row.valid_until) }),
    ...(row.sender === null ? {} : { sender: Number(row.sender) }),
  };
}

export const cursorOf = (row: Row): Cursor => ({
  name: String(row.name),
  viewer: Number(row.viewer),
  offset: Number(row.place),
  at: Number(row.at),
});
