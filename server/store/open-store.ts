// Opens the store that the configuration names (O3).

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../problem.ts';
import { openSqliteStore } from './sqlite/open-sqlite-store.ts';
import type { Store } from './store.ts';

/** The embedded store in `dataDir`, made when it is not there. */
export async function openStore(config: { dataDir: string; mongodbUri?: string }): Promise<Store> {
  if (config.mongodbUri !== undefined) {
    throw new Problem('unsupported', 'MONGODB_URI is set, but this version has the embedded store only: unset it');
  }
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  return openSqliteStore(join(config.dataDir, 'pocketmeter.db'));
}
