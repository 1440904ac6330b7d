// The stores over which every contract suite runs; STORES=sqlite,mongo picks, and one that is asked for must be there.

import { openMongoPorts } from '../../server/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../server/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../server/store/store.ts';
import { isMongoAsked, openScratchDatabase, uriOfDatabase } from './mongo.ts';

/** Every port of one empty store. */
export type Ports = Store;

type PortsWithoutViewing = Omit<Ports, 'reports' | 'sessions'>;

interface StoreUnderTest<P> {
  name: string;
  open(): Promise<P>;
}

const SQLITE: StoreUnderTest<Ports> = { name: 'sqlite', open: async () => openSqliteStore(':memory:') };
const MONGO: StoreUnderTest<PortsWithoutViewing> = {
  name: 'mongo',
  open: async () => openMongoPorts(await openScratchDatabase(), { clock: Date.now }),
};

const asked = (process.env.STORES ?? 'sqlite').split(',');

// TODO: one list when MongoDB has reports and sessions.
export const ALL_STORES: StoreUnderTest<PortsWithoutViewing>[] = asked.map((name) => {
  const store = [SQLITE, MONGO].find((known) => known.name === name);
  if (store === undefined) throw new Error(`STORES asks for ${name}, which is not there`);
  return store;
});
if (isMongoAsked) uriOfDatabase('any'); // throws without MONGODB_URI; that nothing answers there fails each test

/** Those that have every port. */
export const STORES: StoreUnderTest<Ports>[] = asked.includes('sqlite') ? [SQLITE] : [];
