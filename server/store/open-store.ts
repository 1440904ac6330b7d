// Opens the store that the configuration or a command names (O3).

import type { Log } from '../log.ts';
import { refuseUnfinished } from './migrate.ts';
import { openDataFolder } from './sqlite/data-folder.ts';
import type { Store } from './store.ts';

interface Deps {
  log: Log;
  clock: () => number;
}

/** Where data is: a data folder, or the address of a MongoDB database. */
export type Place = { dataDir: string } | { mongodbUri: string };

// The driver takes a third of a start: it is loaded by those who ask for it.
async function openMongo(uri: string, deps: Deps): Promise<Store> {
  const { openMongoStore } = await import('./mongo/open-mongo-store.ts');
  return openMongoStore(uri, deps);
}

/** MongoDB where `mongodbUri` is set; else the embedded store in `dataDir`. Problem `conflict` where data is still being moved to it. */
export async function openStore(config: { dataDir: string; mongodbUri?: string }, deps: Deps): Promise<Store> {
  const store =
    config.mongodbUri === undefined ? openDataFolder(config.dataDir) : await openMongo(config.mongodbUri, deps);
  try {
    await refuseUnfinished(store.dataSet);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A store for a command that must have it to itself; `named` is the word that names it. Problem `conflict` when others use a data folder. */
export async function openStoreAlone(place: Place, deps: Deps & { named: string }): Promise<Store> {
  return 'dataDir' in place ? openDataFolder(place.dataDir, 'alone') : openMongo(place.mongodbUri, deps);
}
