// What every command stands on: the configured store and its products, progress on a terminal, answers as text or JSON.

import { setTimeout } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';
import { type Config, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
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

const SERVER_SETTLES_MS = 2_000;

/** Runs work on the configured store, also beside a running server, and closes it. */
export async function atDesk<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
  const config = readConfig();
  const log = createLog({ level: 'silent' });
  const store = await openStore(config, { log, clock: Date.now });
  try {
    const products = await createProducts({ store, config, key: readSecretKey(config), clock: Date.now, log });
    return await work({ ...products, store, config });
  } finally {
    await store.close();
  }
}

/** Leaves settling to a running server, which does it within moments; without one the command itself settles when it reads. */
export async function waitForServer(store: Store): Promise<void> {
  for (const end = Date.now() + SERVER_SETTLES_MS; Date.now() < end; await setTimeout(50)) {
    if ((await store.reports.listUnsettled(1)).length === 0) return;
  }
}

export interface Progress {
  update(done: number, total?: number): void;
  stop(): void;
}

/** A bar on standard error when that is a terminal; nothing otherwise. */
export function showProgress(what: string, total: number): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const format = `${what} {bar} {value}/{total} | {duration_formatted}`;
  const bar = new SingleBar({ format, stream: process.stderr }, Presets.shades_classic);
  bar.start(total, 0);
  return {
    update(done, of) {
      if (of !== undefined) bar.setTotal(of);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

/** Prints what was done: JSON when it was asked for, else the text. */
export function tell(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(value, null, 2) : text}\n`);
}
