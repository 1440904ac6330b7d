// The keys of services in MongoDB, sealed: one document a service and period (G11).

import type { KeyStore } from '../../keys/key-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellProblems } from './driver-problems.ts';

interface KeyDocument {
  /** `<from>/<service>`: no id of a service has a slash. */
  _id: string;
  to: number;
  sealedKey: string;
}

const INDEXES = [{ key: { to: 1 }, name: 'end' }]; // removeEndedBefore

export async function createMongoKeyStore(database: MongoDatabase): Promise<KeyStore> {
  const keys = await database.collection<KeyDocument>('service_keys', INDEXES);
  return tellProblems<KeyStore>({
    async putFirst(given) {
      await insertAbsent(
        keys,
        given.map(({ service, from, to, sealedKey }) => ({ _id: `${from}/${service}`, to, sealedKey })),
      );
    },
    async list(services, from) {
      const found = await keys.find({ _id: { $in: services.map((service) => `${from}/${service}`) } }).toArray();
      return found.map(({ _id, to, sealedKey }) => ({ service: _id.slice(_id.indexOf('/') + 1), from, to, sealedKey }));
    },
    async removeEndedBefore(before) {
      return (await keys.deleteMany({ to: { $lte: before } })).deletedCount;
    },
  });
}
