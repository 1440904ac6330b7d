// Opens the store that the configuration names (O3).

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { openMongoStore } from './mongo/open-mongo-store.ts';
import { openSqliteStore } from './sqlite/open-sqlite-store.ts';
import type { Store } from './store.ts';

/** MongoDB where `mongodbUri` is set; else the embedded store in `dataDir`, made when it is not there. */
export async function openStore(
  config: { dataDir: string; mongodbUri?: string },
  deps: { log: Log; clock: () => number },
): Promise<Store> {
  if (config.mongodbUri !== undefined) return await openMongoStore(config.mongodbUri, deps);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  return openSqliteStore(join(config.dataDir, 'pocketmeter.db'));
}
