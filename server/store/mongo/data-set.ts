// All that a MongoDB store holds, read by name (reports by receipt) and written document by document (O3).

import { type Document, MinKey, type Sort } from 'mongodb';
import type { DataSet, Kind, Kinds, Migration } from '../data-set.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellPagedProblems, tellProblems } from './driver-problems.ts';
import type { Held } from './held-collection.ts';
import { HELD_COLLECTIONS, LEFT_OUT } from './held-collections.ts';

const ITEMS_AT_ONCE = 1_000;
/** One piece goes in so many writes at once, each of which the server works at by itself. */
const WRITES_AT_ONCE = 4;

const COUNTED_MOST = 100_000;

/** The collections' indexes are made by the stores of the products. */
export async function createMongoDataSet({ db, place, collection }: MongoDatabase): Promise<DataSet> {
  const migrations = await collection<{ _id: string; migration: string }>('migration');
  const guide = db.collection<{ _id: string; revision: number }>('guide_state');

  async function filterOf({ filter = {}, isOfGuide }: Pick<Held<unknown>, 'filter' | 'isOfGuide'>) {
    if (isOfGuide !== true) return filter;
    return { ...filter, revision: { $lte: (await guide.findOne({ _id: 'state' }))?.revision ?? 0 } };
  }

  return {
    place,

    ...tellProblems<Omit<DataSet, 'place' | 'read'>>('all', {
      async listUnknown() {
        const held = Object.values(HELD_COLLECTIONS).map(({ collection: name }) => name);
        const known = new Set([...Object.keys(LEFT_OUT), ...held]);
        const found = await db.listCollections({}, { nameOnly: true }).toArray();
        return found.map(({ name }) => name).filter((name) => !known.has(name) && !name.startsWith('system.'));
      },

      async count(kind) {
        const { collection: name, filter } = HELD_COLLECTIONS[kind];
        const found = db.collection(name);
        const about = await found.estimatedDocumentCount();
        // To count many takes long, and an estimate of few is far off just after they were written.
        return about > COUNTED_MOST ? about : found.countDocuments(filter ?? {});
      },

      async write(kind, items) {
        const { collection: name, documentOf } = HELD_COLLECTIONS[kind];
        const documents = items.map(documentOf);
        if (kind === 'guide') {
          for (const { _id, ...rest } of documents)
            await db.collection<Document>(name).replaceOne({ _id }, rest, { upsert: true });
          return;
        }
        const size = Math.ceil(documents.length / WRITES_AT_ONCE);
        const parts = Array.from({ length: WRITES_AT_ONCE }, (_, at) => documents.slice(at * size, (at + 1) * size));
        await Promise.all(parts.map((part) => insertAbsent(db.collection<Document>(name), part)));
      },

      async findMigration() {
        const found = await migrations.findOne({ _id: 'migration' });
        return found === null ? undefined : (JSON.parse(found.migration) as Migration);
      },

      async putMigration(migration) {
        const replacement = { migration: JSON.stringify(migration) };
        await migrations.replaceOne({ _id: 'migration' }, replacement, { upsert: true });
      },
    }),

    read: tellPagedProblems(async function* <K extends Kind>(kind: K, position?: string) {
      const {
        collection: name,
        itemOf,
        by = '_id',
        atOnce = ITEMS_AT_ONCE,
        ...more
      } = HELD_COLLECTIONS[kind] as Held<Kinds[K]>;
      const after: unknown = position === undefined ? new MinKey() : JSON.parse(position);
      // A bound in any case: DocumentDB sorts by an index only within bounds.
      const filter = { ...(await filterOf(more)), [by]: by === '_id' ? { $gt: after } : { $gte: after } };
      const found = db.collection<Document>(name).find(filter, { allowDiskUse: true });
      const sorted = found.sort({ [by]: 1 } as Sort).batchSize(atOnce);
      let items: Kinds[K][] = [];
      let last: unknown;
      for await (const document of sorted) {
        items.push(itemOf(document));
        last = document[by];
        if (items.length < atOnce) continue;
        yield { items, position: JSON.stringify(last) };
        items = [];
      }
      if (items.length > 0) yield { items, position: JSON.stringify(last) };
    }) as DataSet['read'],
  };
}
