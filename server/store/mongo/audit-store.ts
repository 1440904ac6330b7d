// The audit log in MongoDB, one document an entry, named by an id that sorts by time (O1).

import { MaxKey } from 'mongodb';
import type { AuditEntry, AuditStore } from '../../accounts/account-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, tellProblems } from './driver-problems.ts';

interface AuditDocument extends Omit<AuditEntry, 'id'> {
  _id: string;
}

const INDEXES = [
  { key: { by: 1 }, name: 'by' }, // replaceName, when a user is erased
  { key: { subject: 1 }, name: 'subject' }, // the same
];

export async function createMongoAuditStore(database: MongoDatabase): Promise<AuditStore> {
  const entries = await database.collection<AuditDocument>('audit', INDEXES);
  return tellProblems<AuditStore>([], {
    async append({ id, ...rest }) {
      await insertIfAbsent(entries, { _id: id, ...rest });
    },
    async list({ before, limit }) {
      // A bound in any case: DocumentDB sorts by an index only within bounds.
      const bound = { $lt: before ?? new MaxKey() } as { $lt: string };
      const found = await entries.find({ _id: bound }).sort({ _id: -1 }).limit(limit).toArray();
      return found.map(({ _id, ...rest }) => ({ id: _id, ...rest }));
    },
    async replaceName(name, substitute) {
      // Two writes: who dies between them does the rest when asked again.
      await entries.updateMany({ by: name }, { $set: { by: substitute } });
      await entries.updateMany({ subject: name }, { $set: { subject: substitute } });
    },
  });
}
