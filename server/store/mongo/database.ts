// The connection to MongoDB: bounded waiting, writes on a majority, and indexes made at the start (O3, O5).

import {
  type Collection,
  type Db,
  type Document,
  type IndexDescription,
  MongoClient,
  type MongoClientOptions,
  MongoCompatibilityError,
  MongoServerError,
} from 'mongodb';
import type { Log } from '../../log.ts';
import { Problem } from '../../problem.ts';
import { CODE, problemOf } from './driver-problems.ts';
import { watchServers } from './outage.ts';

export interface MongoDatabase {
  db: Db;
  /** Where it is, in words without a password. */
  place: string;
  /** The collection, and its indexes there, which may be there before. Problem `forbidden` when the user may not make them. */
  collection<T extends Document>(name: string, indexes?: IndexDescription[]): Promise<Collection<T>>;
  /** Resolves when the primary answers. Problem `unavailable` when it does not. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_NAME = 'pocketmeter';
// A request waits so long at each step, then 503 (O5). The URI may say otherwise.
const WAITS: MongoClientOptions = {
  serverSelectionTimeoutMS: 5_000, // for a primary: an election goes on behind it
  connectTimeoutMS: 5_000,
  heartbeatFrequencyMS: 2_000, // a server that froze is known before requests that wait for it give up
  waitQueueTimeoutMS: 5_000,
  socketTimeoutMS: 20_000, // more than the longest write, its wtimeout included
};

// Promises that the products make: they stand above what the URI says. That a write is sent again where the server can tell
// (retryWrites) is the driver's default, and off by itself where the server can't.
const PROMISES: MongoClientOptions = {
  appName: 'pocketmeter',
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 }, // what is acknowledged outlives a failover
  readConcern: { level: 'majority' }, // what was read can't be undone by one
  readPreference: 'primary', // who has a turn or a lease reads what it wrote
  ignoreUndefined: true,
};

/**
 * Connects, asks the server what it is, and logs that. The database is the one in the URI's path, else `pocketmeter`.
 * Problem `invalid` for a URI that can't be read, `unavailable` when no server answers, `unauthorized` for a wrong user or
 * password, `forbidden` when the user may not ask, `unsupported` for a server that is too old. `named` is what people call the URI.
 */
export async function openMongoDatabase(uri: string, log: Log, named = 'MONGODB_URI'): Promise<MongoDatabase> {
  const { client, db } = readUri(uri, named);
  try {
    await client.connect();
    await tellServer(db, log);
  } catch (error) {
    await client.close();
    throw startProblemOf(error, client, named);
  }
  const watch = watchServers(client, { log, clock: Date.now });
  return {
    db,
    place: `${whereOf(client)}, database ${db.databaseName}`,
    async collection<T extends Document>(name: string, indexes: IndexDescription[] = []) {
      const collection = db.collection<T>(name);
      try {
        if (indexes.length > 0) await collection.createIndexes(indexes);
      } catch (error) {
        if (error instanceof MongoServerError && error.code === CODE.unauthorized)
          throw new Problem('forbidden', `the user of ${named} may not make indexes in ${db.databaseName}`);
        throw problemOf(error);
      }
      return collection;
    },
    async ready() {
      await db.command({ ping: 1 }).catch((cause: unknown) => {
        throw problemOf(cause);
      });
    },
    async close() {
      watch.stop();
      await client.close();
    },
  };
}

function readUri(uri: string, named: string): { client: MongoClient; db: Db } {
  const [, path = '', query = ''] = /^[^/]*\/\/[^/?]*\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  const said = new Set([...new URLSearchParams(query).keys()].map((name) => name.toLowerCase()));
  const waits = Object.entries(WAITS).filter(([name]) => !said.has(name.toLowerCase()));
  try {
    const client = new MongoClient(uri, { ...Object.fromEntries(waits), ...PROMISES });
    return { client, db: client.db(path === '' ? DEFAULT_NAME : decodeURIComponent(path)) };
  } catch {
    // Neither the cause nor its text goes on: they repeat the URI with its password.
    throw new Problem('invalid', `${named} is no connection string of MongoDB`);
  }
}

async function tellServer(db: Db, log: Log): Promise<void> {
  const hello = await db.admin().command({ hello: 1 });
  const { version } = await db.admin().buildInfo();
  const wireVersion: unknown = hello.maxWireVersion;
  const replicaSet: unknown = hello.setName;
  const topology =
    hello.msg === 'isdbgrid' ? 'sharded cluster' : replicaSet === undefined ? 'single server' : 'replica set';
  log.info({ version, wireVersion, topology, replicaSet, database: db.databaseName }, 'the store is MongoDB');
  if (topology === 'single server')
    log.warn({}, 'the MongoDB server is no replica set: the data is as safe as one machine');
}

function whereOf({ options: { srvHost, hosts } }: MongoClient): string {
  return `MongoDB at ${srvHost ?? hosts.join(', ')}`;
}

function startProblemOf(error: unknown, client: MongoClient, named: string): unknown {
  if (!(error instanceof Error)) return error;
  const where = whereOf(client);
  if (error.cause instanceof MongoCompatibilityError)
    // the driver asks for wire version 9, MongoDB 4.4
    return new Problem('unsupported', `${where} is too old: ${error.message}`, { cause: error });
  if (error instanceof MongoServerError && error.code === CODE.authenticationFailed)
    return new Problem('unauthorized', `${where} refuses the user or the password of ${named}`);
  if (error instanceof MongoServerError && error.code === CODE.unauthorized)
    return new Problem('forbidden', `${where} does not let the user of ${named} ask what it is`);
  const isAway = problemOf(error) instanceof Problem || 'syscall' in error; // the look-up of an SRV record
  return isAway ? new Problem('unavailable', `${where} cannot be used: ${error.message}`, { cause: error }) : error;
}
