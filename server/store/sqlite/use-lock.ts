// Who uses a data folder: any number of processes together, or one alone that replaces what is in it (O7).

import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** SQLITE_BUSY: another process holds the lock in a way that excludes this one. */
const BUSY = 5;

export interface UseLock {
  release(): void;
}

/**
 * Takes the lock in an empty file of its own, made when it is not there; undefined when another process excludes it. The
 * system gives the lock back when the process ends, however it ends: nothing is ever left to be cleaned up, and no
 * process number can be mistaken for another's.
 */
export function takeUseLock(file: string, use: 'together' | 'alone'): UseLock | undefined {
  closeSync(openSync(file, 'a', 0o600));
  const connection = new DatabaseSync(file, { timeout: 0 });
  try {
    if (use === 'alone') connection.exec('BEGIN EXCLUSIVE');
    else {
      connection.exec('BEGIN');
      connection.prepare('SELECT count(*) FROM sqlite_master').get(); // SQLite locks when it first reads
    }
    return { release: () => connection.close() };
  } catch (error) {
    connection.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return undefined;
    throw error;
  }
}
