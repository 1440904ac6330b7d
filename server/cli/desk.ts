// What every command stands on: the configured store and its products, files, progress on a terminal, answers as text or JSON.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Presets, SingleBar } from 'cli-progress';
import { type Config, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { Problem } from '../problem.ts';
import { createProducts, type Products } from '../products.ts';
import { readSecretKey } from '../secret-key.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';

export interface Desk extends Products {
  store: Store;
  config: Config;
}

/** Who the audit log says it was. */
export const BY = 'command line';

/** Runs work on the configured store, also beside a running server, and closes it. */
export async function atDesk<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
  const config = readConfig();
  const log = createLog({ level: 'silent' });
  return await withStore(await openStore(config, { log, clock: Date.now }), config, work);
}

/** The same on a store that is open already. */
export async function withStore<T>(store: Store, config: Config, work: (desk: Desk) => Promise<T>): Promise<T> {
  try {
    const key = readSecretKey(config);
    const log = createLog({ level: 'silent' });
    const products = await createProducts({ store, config, key, clock: Date.now, log, besideOthers: true });
    return await work({ ...products, store, config });
  } finally {
    await store.close();
  }
}

export interface Progress {
  update(done: number, total?: number): void;
}

/** Runs work with a bar on standard error when that is a terminal, without one otherwise. */
export async function withProgress<T>(what: string, work: (progress: Progress) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return await work({ update() {} });
  const format = `${what} {bar} {value}/{total} | {duration_formatted}`;
  const bar = new SingleBar({ format, stream: process.stderr }, Presets.shades_classic);
  bar.start(1, 0);
  const update = (done: number, total?: number): void => {
    if (total !== undefined) bar.setTotal(total);
    bar.update(done);
  };
  try {
    return await work({ update });
  } finally {
    bar.stop();
  }
}

/** An input file as a stream, with its size in bytes. Problem `not_found`. */
export async function openInput(file: string): Promise<{ stream: ReturnType<typeof createReadStream>; size: number }> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new Problem('not_found', `there is no file ${file}`);
  return { stream: createReadStream(file), size: found.size };
}

/** Prints what was done: JSON when it was asked for, else the text; nothing for an empty list. */
export function tell(json: boolean | undefined, value: unknown, text: string): void {
  if (json === true) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  else if (text !== '') process.stdout.write(`${text}\n`);
}

export const iso = (at: number): string => new Date(at).toISOString();
