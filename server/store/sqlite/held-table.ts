// How a table of a SQLite store is read and written as a whole (O3).

import type { SQLInputValue } from 'node:sqlite';
import type { Database, Row } from './database.ts';

export interface Held<T> {
  table: string;
  /** The primary key, by which it is read. */
  key: readonly string[];
  where?: string;
  /** How many are a piece, where they are large. */
  atOnce?: number;
  itemOf(row: Row): T;
  write(database: Database, item: T): void;
}

/** Rows whose key is there already stay as they are. */
export const insertInto =
  <T>(table: string, valuesOf: (item: T) => SQLInputValue[]) =>
  (database: Database, item: T): void => {
    const values = valuesOf(item);
    database.run(`INSERT OR IGNORE INTO ${table} VALUES (${values.map(() => '?').join(', ')})`, ...values);
  };
