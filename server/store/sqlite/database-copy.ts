// Copies a database file as it stands at one moment, also while others write to it, and checks a copy (O7).

import { closeSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { Problem } from '../../problem.ts';

/** Bytes copied, and bytes in all. */
export type CopyProgress = (doneBytes: number, totalBytes: number) => void;

const PAGES_AT_ONCE = 1_024; // 4 MiB: some 10 ms, then progress is told
const OWNER_ONLY = 0o600;
const BUSY_TIMEOUT_MS = 5_000;

// SQLite's result codes that say something of the file rather than of this program.
const TOLD = new Map([
  [10, 'it cannot be read or written'],
  [11, 'it is damaged'],
  [13, 'the disk is full'],
  [14, 'it cannot be opened'],
  [26, 'it is not a SQLite database'],
]);

/**
 * Writes what `from` holds at this moment to the new file `to`, which must not be there. The copy is durable, readable by
 * its owner only, and whole in one file without a write-ahead log. Problem `invalid` when a file is no database, is damaged,
 * or can't be written; then `to` is gone again.
 */
export async function copyDatabase(from: string, to: string, onProgress: CopyProgress): Promise<void> {
  closeSync(openSync(to, 'wx', OWNER_ONLY)); // SQLite itself would let everybody read it
  try {
    await toldOf(`${from} to ${to}`, async () => {
      using source = new DatabaseSync(from, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
      // One read transaction from first to last: each commit of another process would else begin the copy anew.
      source.exec('BEGIN');
      const pageBytes = Number(source.prepare('PRAGMA page_size').get()?.page_size);
      source.prepare('SELECT count(*) FROM sqlite_master').get();
      await backup(source, to, {
        rate: PAGES_AT_ONCE,
        progress: ({ totalPages, remainingPages }) =>
          onProgress((totalPages - remainingPages) * pageBytes, totalPages * pageBytes),
      });
    });
    await toldOf(to, async () => {
      using copy = new DatabaseSync(to);
      copy.exec('PRAGMA journal_mode = DELETE');
    });
    syncFile(to);
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}

/**
 * Reads every page and index of a database that nobody writes to. Problem `invalid` when something is wrong with it or one
 * of `tables` is missing. Answers its size.
 */
export async function checkDatabase(file: string, tables: readonly string[]): Promise<{ sizeBytes: number }> {
  await toldOf(file, async () => {
    using database = new DatabaseSync(file, { readOnly: true });
    const told = database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
    if (told !== 'ok') throw new Problem('invalid', `${file}: it is damaged: ${String(told)}`);
    const names = new Set(
      database
        .prepare('SELECT name FROM sqlite_master')
        .all()
        .map(({ name }) => name),
    );
    const missing = tables.filter((name) => !names.has(name));
    if (missing.length > 0) throw new Problem('invalid', `${file}: it is not a back-up of pocketmeter`);
  });
  return { sizeBytes: statSync(file).size };
}

/** Makes a file or the names in a folder outlive a power cut. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

async function toldOf(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : undefined;
    const told = code === undefined ? undefined : TOLD.get(code);
    if (told === undefined) throw cause;
    throw new Problem('invalid', `${file}: ${told}`, { cause });
  }
}
