// Back-ups of the embedded store: taken beside a running server, put back when nobody uses the data folder (O7).

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../problem.ts';
import { DATABASE_FILE, useDataFolder } from './sqlite/data-folder.ts';
import { type CopyProgress, checkDatabase, copyDatabase, syncFile } from './sqlite/database-copy.ts';

export interface CopyOptions {
  /** Replaces what is there: a back-up's file; the data, which is moved aside. */
  force: boolean;
  onProgress: CopyProgress;
}

/** A file that holds these is ours, of whatever version. */
const OUR_TABLES = ['account', 'report', 'session'];
const SIDE_FILES = ['', '-wal', '-shm'];

/**
 * Writes the store in `dataDir`, as it stands at this moment, to one file and reads all of it again. The file is there
 * whole or not at all. Problem `not_found` without data, `conflict` when the file is there, `invalid` when it can't be written.
 */
export async function backUp(dataDir: string, file: string, options: CopyOptions): Promise<{ sizeBytes: number }> {
  const from = join(dataDir, DATABASE_FILE);
  if (!existsSync(from)) throw new Problem('not_found', `there is no data in ${dataDir}`);
  if (existsSync(file) && !options.force)
    throw new Problem('conflict', `${file} is there already; --force replaces it`);
  const part = `${file}.part`;
  rmSync(part, { force: true });
  await copyDatabase(from, part, options.onProgress);
  const checked = await checkDatabase(part, OUR_TABLES);
  renameSync(part, file);
  syncFile(dirname(file));
  return checked;
}

/**
 * Makes a back-up the data of `dataDir`, after it was copied there and read whole; `accept` may look at the copy and throw.
 * Answers where the former data is now, if there was any. Problem `conflict` while anybody uses the folder, or when there
 * is data and no force; `not_found` without the file; `invalid` when it is damaged or something else. Then nothing is changed.
 */
export async function restore(
  dataDir: string,
  file: string,
  options: CopyOptions & { now: number; accept(copy: string): Promise<void> },
): Promise<{ sizeBytes: number; formerData?: string }> {
  if (!existsSync(file)) throw new Problem('not_found', `there is no file ${file}`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = useDataFolder(dataDir, 'alone');
  try {
    const path = join(dataDir, DATABASE_FILE);
    const isThere = existsSync(path);
    if (isThere && !options.force) throw new Problem('conflict', `there is data in ${dataDir}; --force moves it aside`);
    const copy = `${path}.restoring`;
    for (const side of SIDE_FILES) rmSync(copy + side, { force: true });
    await copyDatabase(file, copy, options.onProgress);
    let sizeBytes: number;
    try {
      ({ sizeBytes } = await checkDatabase(copy, OUR_TABLES));
      await options.accept(copy);
    } catch (error) {
      for (const side of SIDE_FILES) rmSync(copy + side, { force: true });
      throw error;
    }
    const formerData = `${path}.before-${new Date(options.now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    // The log goes with its database: it would else be taken for that of the new one.
    for (const side of SIDE_FILES) if (existsSync(path + side)) renameSync(path + side, formerData + side);
    renameSync(copy, path);
    syncFile(dataDir);
    return { sizeBytes, ...(isThere ? { formerData } : {}) };
  } finally {
    lock.release();
  }
}
