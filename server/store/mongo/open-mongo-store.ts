// MongoDB as a store: every port on one database (O3, O4).

import { hostname } from 'node:os';
import type { Log } from '../../log.ts';
import { Problem } from '../../problem.ts';
import { createLeasedTurn } from '../../viewing/settling-turn.ts';
import type { Store } from '../store.ts';
import { createMongoAccountStore } from './account-store.ts';
import { createMongoAuditStore } from './audit-store.ts';
import { type MongoDatabase, openMongoDatabase } from './database.ts';
import { createMongoGuideStore } from './guide-store.ts';
import { createMongoJobStore } from './job-store.ts';
import { createMongoOriginStore } from './origin-store.ts';
import { createMongoTokenStore } from './token-store.ts';

interface Deps {
  log: Log;
  clock: () => number;
}

/** Connects and makes the indexes that are missing. The Problems of openMongoDatabase. */
export async function openMongoStore(uri: string, { log }: Deps): Promise<Store> {
  const database = await openMongoDatabase(uri, log);
  // TODO: reports and sessions join openMongoPorts; then this is what opens the store, whole.
  await database.close();
  throw new Problem(
    'unsupported',
    'MONGODB_URI is set, but reports and sessions need the embedded store as yet: unset it',
  );
}

/** The ports that MongoDB has. Closes the database when one can't be had. */
export async function openMongoPorts(
  database: MongoDatabase,
  { clock }: Pick<Deps, 'clock'>,
): Promise<Omit<Store, 'reports' | 'sessions'>> {
  try {
    const [guide, accounts, tokens, origins, audit, jobs] = await Promise.all([
      createMongoGuideStore(database),
      createMongoAccountStore(database),
      createMongoTokenStore(database),
      createMongoOriginStore(database),
      createMongoAuditStore(database),
      createMongoJobStore(database),
    ]);
    const settlingTurn = createLeasedTurn({ leases: jobs, clock, holder: `${hostname()}-${process.pid}` });
    const { ready, close } = database;
    return { guide, accounts, tokens, origins, audit, jobs, settlingTurn, ready, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}
