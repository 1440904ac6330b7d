// Opens the store that the configuration names (O3).

import type { Log } from '../log.ts';
import { openMongoStore } from './mongo/open-mongo-store.ts';
import { openDataFolder } from './sqlite/data-folder.ts';
import type { Store } from './store.ts';

/** MongoDB where `mongodbUri` is set; else the embedded store in `dataDir`. */
export async function openStore(
  config: { dataDir: string; mongodbUri?: string },
  deps: { log: Log; clock: () => number },
): Promise<Store> {
  return config.mongodbUri === undefined ? openDataFolder(config.dataDir) : openMongoStore(config.mongodbUri, deps);
}
