// Reports on data quality in SQLite: one row a day (R16).

import type { DayQuality } from '../../../reports/quality/day-quality.ts';
import type { QualityStore } from '../../../reports/quality/quality-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = 'CREATE TABLE IF NOT EXISTS data_quality (date TEXT PRIMARY KEY, quality TEXT NOT NULL) WITHOUT ROWID';

export function createSqliteQualityStore(database: Database): QualityStore {
  database.exec(TABLES);
  return {
    async put(quality) {
      database.run('INSERT OR REPLACE INTO data_quality VALUES (?, ?)', ...valuesOf(quality));
    },
    async find(date) {
      const row = database.get('SELECT quality FROM data_quality WHERE date = ?', date);
      return row === undefined ? undefined : qualityOf(row);
    },
    async findLastDate() {
      const row = database.get('SELECT date FROM data_quality ORDER BY date DESC LIMIT 1');
      return row === undefined ? undefined : String(row.date);
    },
    async removeBefore(date) {
      return database.run('DELETE FROM data_quality WHERE date < ?', date).changes;
    },
  };
}

/** In the order of the table's columns. */
export const valuesOf = (quality: DayQuality): [string, string] => [quality.date, JSON.stringify(quality)];

export const qualityOf = (row: Row): DayQuality => JSON.parse(String(row.quality));
