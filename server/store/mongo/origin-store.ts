// The sealed identities behind terminals in MongoDB, one document each, apart from viewing data (O2).

import type { OriginStore } from '../../accounts/account-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellProblems } from './driver-problems.ts';

interface OriginDocument {
  _id: number;
  device: number;
  viewer: number;
  sealedIdentity: string;
}

const INDEXES = [
  { key: { viewer: 1, _id: 1 }, name: 'viewer' }, // list, in its order, and removeOfViewer
];

export async function createMongoOriginStore(database: MongoDatabase): Promise<OriginStore> {
  const origins = await database.collection<OriginDocument>('origins', INDEXES);
  return tellProblems<OriginStore>([], {
    async put(given) {
      await insertAbsent(
        origins,
        given.map(({ no, ...rest }) => ({ _id: no, ...rest })),
      );
    },
    async list(viewer) {
      const found = await origins.find({ viewer }).sort({ _id: 1 }).toArray();
      return found.map(({ _id, ...rest }) => ({ no: _id, ...rest }));
    },
    async removeOfViewer(viewer) {
      await origins.deleteMany({ viewer });
    },
  });
}
