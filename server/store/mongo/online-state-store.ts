// The online state of users who are not measured in MongoDB: one document a device, which removes itself (V15, O2).

import type { OnlineState, OnlineStateStore } from '../../viewing/online-states.ts';
import type { MongoDatabase } from './database.ts';
import { isOnlyDuplicates, tellProblems } from './driver-problems.ts';

interface OnlineStateDocument extends Omit<OnlineState, 'device'> {
  _id: number;
  /** By the server's clock, so that whoever looks for what is new need not trust the clock of whoever put it. */
  putAt: Date;
  expiresAt: Date;
}

const INDEXES = [
  { key: { putAt: 1 }, name: 'put' }, // listPutSince
  { key: { expiresAt: 1 }, name: 'expiry', expireAfterSeconds: 0 }, // all that are kept, at a start
  { key: { viewer: 1 }, name: 'viewer' }, // removeOfViewer
];

export async function createMongoOnlineStateStore(database: MongoDatabase): Promise<OnlineStateStore> {
  const states = await database.collection<OnlineStateDocument>('online_states', INDEXES);
  return tellProblems<OnlineStateStore>([], {
    async put(given) {
      const now = Date.now();
      const writes = [...new Map(given.map((state) => [state.device, state])).values()].map(
        ({ device, keepMs, ...state }) => ({
          updateOne: {
            filter: { _id: device },
            update: { $set: { ...state, expiresAt: new Date(now + keepMs) }, $currentDate: { putAt: true as const } },
            upsert: true,
          },
        }),
      );
      if (writes.length === 0) return;
      const write = () => states.bulkWrite(writes, { ordered: false });
      await write().catch((error: unknown) => {
        if (!isOnlyDuplicates(error)) throw error;
        return write(); // another process was first to add one: now it is there
      });
    },

    async listPutSince(at) {
      // What is past its time may stay a minute before the server removes it.
      const filter = { ...(at === undefined ? {} : { putAt: { $gte: new Date(at) } }), expiresAt: { $gt: new Date() } };
      const found = await states.find(filter).toArray();
      return found.map(({ _id, putAt, expiresAt: _, ...state }) => ({ device: _id, ...state, putAt: putAt.getTime() }));
    },

    async removeOfViewer(viewer) {
      await states.deleteMany({ viewer });
    },
  });
}
