// Tables of subscriptions in MongoDB: one document a user (G7-G9).

import type { SubscriptionTable } from '../../subscriptions/subscription.ts';
import type { SubscriptionStore } from '../../subscriptions/subscription-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, tellProblems } from './driver-problems.ts';
import { gatherFinds } from './gathered-find.ts';

export interface TableDocument extends Omit<SubscriptionTable, 'viewer'> {
  _id: number;
}

const INDEXES = [
  { key: { dueAt: 1, _id: 1 }, name: 'due' }, // listDue; a comparison with a number finds no document without one
];

export async function createMongoSubscriptionStore(database: MongoDatabase): Promise<SubscriptionStore> {
  const tables = await database.collection<TableDocument>('subscription_tables', INDEXES);
  const findOne = gatherFinds(tables); // an event for the subscribers of a service asks for many at once
  return tellProblems<SubscriptionStore>([], {
    async find(viewer) {
      const found = await findOne(viewer);
      return found === undefined ? undefined : tableOf(found);
    },
    async put({ viewer, ...table }, expected) {
      if (expected === 0) return insertIfAbsent<TableDocument>(tables, { _id: viewer, ...table });
      return (await tables.replaceOne({ _id: viewer, version: expected }, table)).matchedCount === 1;
    },
    async listDue(at, limit) {
      const found = tables.find({ dueAt: { $lte: at } }).sort({ dueAt: 1, _id: 1 });
      return (await found.limit(limit).toArray()).map(tableOf);
    },
    async remove(viewer) {
      await tables.deleteOne({ _id: viewer });
    },
  });
}

export const tableOf = ({ _id, ...table }: TableDocument): SubscriptionTable => ({ viewer: _id, ...table });
