// The keys of services in MongoDB, sealed: one document a service and period (G11).

import type { KeyStore, StoredKey } from '../../keys/key-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellProblems } from './driver-problems.ts';

export interface KeyDocument {
  /** `<from>/<service>`: no id of a service has a slash. */
  _id: string;
  to: number;
  sealedKey: string;
}

const INDEXES = [{ key: { to: 1 }, name: 'end' }]; // removeEndedBefore

export async function createMongoKeyStore(database: MongoDatabase): Promise<KeyStore> {
  const keys = await database.collection<KeyDocument>('service_keys', INDEXES);
  return tellProblems<KeyStore>(['removeEndedBefore'], {
    async putFirst(given) {
      await insertAbsent(keys, given.map(documentOf));
    },
    async list(services, from) {
      const found = await keys.find({ _id: { $in: services.map((service) => nameOf(service, from)) } }).toArray();
      return found.map(keyOf);
    },
    async removeEndedBefore(before) {
      return (await keys.deleteMany({ to: { $lte: before } })).deletedCount;
    },
  });
}

const nameOf = (service: string, from: number): string => `${from}/${service}`;

export const documentOf = ({ service, from, to, sealedKey }: StoredKey): KeyDocument => ({
  _id: nameOf(service, from),
  to,
  sealedKey,
});

export function keyOf({ _id, to, sealedKey }: KeyDocument): StoredKey {
  const slash = _id.indexOf('/');
  return { service: _id.slice(slash + 1), from: Number(_id.slice(0, slash)), to, sealedKey };
}
