// Preferences in SQLite: one row a user, and notes (R12, R13).

import type { PreferenceStore } from '../../../reports/preferences/preference-store.ts';
import type { PreferenceRecord } from '../../../reports/preferences/preference-sums.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS preference (viewer INTEGER PRIMARY KEY, version INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS preference_note (name TEXT PRIMARY KEY, note TEXT NOT NULL) WITHOUT ROWID;
`;

const INSERT = 'INSERT INTO preference (record, version, viewer) VALUES (?, ?, ?) ON CONFLICT (viewer) DO NOTHING';
const UPDATE = 'UPDATE preference SET record = ?, version = ? WHERE viewer = ? AND version = ?';
const AT_ONCE = 500; // values in one statement

export function createSqlitePreferenceStore(database: Database): PreferenceStore {
  database.exec(TABLES);
  return {
    async find(viewers) {
      const found: PreferenceRecord[] = [];
      for (let start = 0; start < viewers.length; start += AT_ONCE) {
        const some = viewers.slice(start, start + AT_ONCE);
        const query = `SELECT * FROM preference WHERE viewer IN (${some.map(() => '?').join(', ')})`;
        found.push(...database.all(query, ...some).map(preferenceOf));
      }
      return found;
    },
    async put(records) {
      if (records.length === 0) return [];
      return database.transaction(() =>
        records.flatMap((record) => {
          const { viewer, version } = record;
          const values = preferenceValuesOf(record).reverse();
          const { changes } =
            version === 1 ? database.run(INSERT, ...values) : database.run(UPDATE, ...values, version - 1);
          return changes === 1 ? [] : [viewer];
        }),
      );
    },
    async list(after, limit) {
      const query = 'SELECT * FROM preference WHERE viewer > ? ORDER BY viewer LIMIT ?';
      return database.all(query, after ?? -1, limit).map(preferenceOf);
    },
    async remove(viewer) {
      database.run('DELETE FROM preference WHERE viewer = ?', viewer);
    },
    async findNote(name) {
      const row = database.get('SELECT note FROM preference_note WHERE name = ?', name);
      return row === undefined ? undefined : JSON.parse(String(row.note));
    },
    async putNote(name, note) {
      database.run('INSERT OR REPLACE INTO preference_note VALUES (?, ?)', name, JSON.stringify(note));
    },
  };
}

export function preferenceOf(row: Row): PreferenceRecord {
  return { ...JSON.parse(String(row.record)), viewer: Number(row.viewer), version: Number(row.version) };
}

export const preferenceValuesOf = ({ viewer, version, ...record }: PreferenceRecord) => [
  viewer,
  version,
  JSON.stringify(record),
];
