// Databases of the tests' own on the server that MONGODB_URI names; each is dropped when its test is done.

import { randomBytes } from 'node:crypto';
import { createLog } from '../../server/log.ts';
import { type MongoDatabase, openMongoDatabase } from '../../server/store/mongo/database.ts';

/** MONGODB_URI with another database in it; who logs in is looked up where it was before. */
export function uriOfDatabase(name: string, uri = process.env.MONGODB_URI): string {
  const [, server, path, query] = /^([^/]*\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri ?? '') ?? [];
  if (server === undefined) throw new Error('STORES asks for mongo, and MONGODB_URI names no server');
  const options = new URLSearchParams(query);
  if (server.includes('@') && !options.has('authSource')) options.set('authSource', path || 'admin');
  return `${server}/${name}?${options}`;
}

/** Whether the tests that need a MongoDB server are asked for. */
export const isMongoAsked = (process.env.STORES ?? '').split(',').includes('mongo');

export const newDatabaseName = (): string => `pocketmeter_test_${randomBytes(6).toString('hex')}`;

/** Every document of every collection, as one text. */
export async function contentsOfDatabase(uri: string): Promise<string> {
  const { db, close } = await openMongoDatabase(uri, createLog({ level: 'silent' }));
  const documents = (await db.collections()).map((collection) => collection.find().toArray());
  const text = JSON.stringify(await Promise.all(documents));
  await close();
  return text;
}

export async function dropDatabase(uri: string): Promise<void> {
  await (await openScratchDatabase(uri)).close();
}

/** An empty database; `close` drops it. `uri` names it in another way, or with options. */
export async function openScratchDatabase(uri = uriOfDatabase(newDatabaseName())): Promise<MongoDatabase> {
  const database = await openMongoDatabase(uri, createLog({ level: 'silent' }));
  return {
    ...database,
    async close() {
      await database.db.dropDatabase();
      await database.close();
    },
  };
}
