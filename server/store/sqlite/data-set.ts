// All that a SQLite store holds, read by primary key and written row by row (O3).

import type { SQLInputValue } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { DataSet } from '../data-set.ts';
import type { Database, Row } from './database.ts';
import { HELD_TABLES, LEFT_OUT } from './held-tables.ts';

const ITEMS_AT_ONCE = 1_000;

const TABLE = 'CREATE TABLE IF NOT EXISTS migration (one INTEGER PRIMARY KEY CHECK (one = 1), migration TEXT NOT NULL)';

/** The file's other tables are there. */
export function createSqliteDataSet(database: Database, place: string): DataSet {
  database.exec(TABLE);
  return {
    place,

    async listUnknown() {
      const known = new Set([
        ...Object.keys(LEFT_OUT),
        ...Object.values(HELD_TABLES).flatMap(({ table }) => table.match(/\w+/g)),
      ]);
      const rows = database.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
      return rows.map(({ name }) => String(name)).filter((name) => !known.has(name));
    },

    async count(kind) {
      const { table, where = 'true' } = HELD_TABLES[kind];
      return Number(database.get(`SELECT count(*) AS count FROM ${table} WHERE ${where}`)?.count);
    },

    async *read(kind, position) {
      const { table, key, where = 'true', atOnce = ITEMS_AT_ONCE, itemOf } = HELD_TABLES[kind];
      const columns = key.join(', ');
      const select = (behind: string): string =>
        `SELECT * FROM ${table} WHERE ${where} ${behind} ORDER BY ${columns} LIMIT ${atOnce}`;
      const onward = select(`AND (${columns}) > (${key.map(() => '?').join(', ')})`);
      for (let after: SQLInputValue[] | undefined = position === undefined ? undefined : JSON.parse(position); ; ) {
        const rows: Row[] = after === undefined ? database.all(select('')) : database.all(onward, ...after);
        const last = rows.at(-1);
        if (last === undefined) return;
        after = key.map((column) => last[column] ?? null);
        yield { items: rows.map(itemOf), position: JSON.stringify(after) };
        await setImmediate();
      }
    },

    async write(kind, items) {
      const { write } = HELD_TABLES[kind];
      database.transaction(() => {
        for (const item of items) write(database, item);
      });
    },

    async findMigration() {
      const row = database.get('SELECT migration FROM migration');
      return row === undefined ? undefined : JSON.parse(String(row.migration));
    },

    async putMigration(migration) {
      database.run('INSERT OR REPLACE INTO migration VALUES (1, ?)', JSON.stringify(migration));
    },
  };
}
