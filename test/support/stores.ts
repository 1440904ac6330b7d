// The stores over which every contract suite runs; STORES=sqlite,mongo picks, and one that is asked for must be there.

import { openMongoPorts } from '../../server/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../server/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../server/store/store.ts';
import { isMongoAsked, openScratchDatabase, uriOfDatabase } from './mongo.ts';

/** Every port of one empty store. */
export type Ports = Store;

interface StoreUnderTest {
  name: string;
  open(): Promise<Ports>;
}

const KNOWN: StoreUnderTest[] = [
  { name: 'sqlite', open: async () => openSqliteStore(':memory:') },
  { name: 'mongo', open: async () => openMongoPorts(await openScratchDatabase(), { clock: Date.now }) },
];

export const STORES: StoreUnderTest[] = (process.env.STORES ?? 'sqlite').split(',').map((name) => {
  const store = KNOWN.find((known) => known.name === name);
  if (store === undefined) throw new Error(`STORES asks for ${name}, which is not there`);
  return store;
});
if (isMongoAsked) uriOfDatabase('any'); // throws without MONGODB_URI; that nothing answers there fails each test
