// The reference for ingest on MongoDB: documents like those of reports, by a plain loop of insertMany; drops the database.

import { randomInt } from 'node:crypto';
import { createLog } from '../server/log.ts';
import { openMongoDatabase } from '../server/store/mongo/database.ts';

/** Documents a second in batches of `size`, one after the other, each acknowledged by a majority and its journal. */
export async function insertPlainly(uri: string, size: number, seconds: number): Promise<number> {
  const { db, close } = await openMongoDatabase(uri, createLog({ level: 'silent' }));
  try {
    const collection = db.collection<{ _id: string }>('bench_plain');
    const begun = performance.now();
    let count = 0;
    while (performance.now() - begun < seconds * 1_000) {
      await collection.insertMany(Array.from({ length: size }, (_, index) => documentOf(count + index)));
      count += size;
    }
    return count / ((performance.now() - begun) / 1_000);
  } finally {
    await db.dropDatabase();
    await close();
  }
}

function documentOf(count: number) {
  const number = (): number => randomInt(2 ** 47);
  return {
    _id: `${number().toString(36)}.${number().toString(36)}`,
    device: number(),
    viewer: number(),
    type: 'LogInInfo',
    service: String(count % 50),
    programme: `${count % 50}1`,
    onlineState: 'online',
    sentAt: 1_795_000_000_000 + count,
    receivedAt: 1_795_000_000_000 + count,
    key: number(),
    verified: true,
    origin: number(),
    document: { template: number(), rest: 'TRUE' },
    unsettled: true,
  };
}
