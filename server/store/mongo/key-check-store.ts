// The value by which a MongoDB store knows its secret key: one document (O4).

import type { KeyCheckStore } from '../../key-check.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, tellProblems } from './driver-problems.ts';

const ID = 'key';

export async function createMongoKeyCheckStore(database: MongoDatabase): Promise<KeyCheckStore> {
  const checks = await database.collection<{ _id: string; value: string }>('key_check');
  return tellProblems<KeyCheckStore>([], {
    async find() {
      return (await checks.findOne({ _id: ID }))?.value;
    },
    async putFirst(check) {
      await insertIfAbsent(checks, { _id: ID, value: check });
    },
  });
}
