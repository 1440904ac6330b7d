// The guide's services or purchase items in MongoDB: one document at each revision that changed one (G1, G3, G4).

import type { Collection, Filter } from 'mongodb';
import type { Removed } from '../../../sg/guide-store.ts';
import type { MongoDatabase } from './database.ts';

// The contents are JSON: texts go by language, and a language that a source made up may hold what a field's name may not.
export interface RecordDocument {
  _id: string;
  id: string;
  revision: number;
  record: string;
}

const INDEXES = [
  { key: { revision: 1, id: 1 }, name: 'revision' }, // lists find names here alone; what changed; what a crash left
];
const FETCHED_AT_ONCE = 500;
const WRITTEN_AT_ONCE = 500;
const REMOVED_AT_ONCE = 1_000;

export interface GuideRecordCollection<T extends { id: string }> {
  put(revision: number, records: readonly (T | Removed)[]): Promise<void>;
  /** As of the revision, the removed ones left out, in no order. */
  list(revision: number): Promise<T[]>;
  /** Each id once that has a record at a revision r with since < r ≤ through. */
  changedIds(since: number, through: number): Promise<string[]>;
  removeBeyond(revision: number): Promise<void>;
  /** Removes what no revision from `oldest` on shows; answers how many. */
  forgetBefore(oldest: number): Promise<number>;
}

export async function createGuideRecordCollection<T extends { id: string }>(
  database: MongoDatabase,
  name: string,
): Promise<GuideRecordCollection<T>> {
  const collection = await database.collection<RecordDocument>(name, INDEXES);
  return {
    async put(revision, records) {
      const writes = records.map((one) => {
        const { _id, ...replacement } = recordDocumentOf(revision, one);
        return { replaceOne: { filter: { _id }, replacement, upsert: true } };
      });
      for (const some of inGroups(writes, WRITTEN_AT_ONCE)) await collection.bulkWrite(some, { ordered: false });
    },

    async list(revision) {
      const names = await collection
        .find({ revision: { $lte: revision } }, { projection: { _id: 0, id: 1, revision: 1 } })
        .sort({ revision: 1, id: 1 })
        .toArray();
      const latest = new Map(names.map((one) => [one.id, `${one.revision}/${one.id}`])); // the last one of an id stays
      const found: T[] = [];
      for (const some of inGroups([...latest.values()], FETCHED_AT_ONCE)) {
        const documents = await collection.find({ _id: { $in: some } }).toArray();
        const records = documents.map((each) => JSON.parse(each.record) as T | Removed);
        for (const record of records) if (!('removed' in record)) found.push(record);
      }
      return found;
    },

    async changedIds(since, through) {
      const changed = { revision: { $gt: since, $lte: through } };
      const found = await collection.find(changed, { projection: { _id: 0, id: 1 } }).toArray();
      return [...new Set(found.map(({ id }) => id))];
    },

    async removeBeyond(revision) {
      await collection.deleteMany({ revision: { $gt: revision } });
    },

    async forgetBefore(oldest) {
      const names = collection.find({}, { projection: { id: 1, revision: 1 } }).sort({ id: 1, revision: 1 });
      return forgetSuperseded(
        collection,
        names.map(({ _id, id, revision }) => ({ _id, name: id, revision })),
        oldest,
      );
    },
  };
}

export function recordDocumentOf(revision: number, record: { id: string }): RecordDocument {
  return { _id: `${revision}/${record.id}`, id: record.id, revision, record: JSON.stringify(record) };
}

/** Removes what gives way to a document of the same name at or before `oldest`. Names come in order, and those of one by revision. */
export async function forgetSuperseded<T extends { _id: string }>(
  collection: Collection<T>,
  names: AsyncIterable<{ _id: string; name: string; revision: number }>,
  oldest: number,
): Promise<number> {
  let removed = 0;
  let ids: string[] = [];
  let before: { _id: string; name: string } | undefined;
  const remove = async (): Promise<void> => {
    removed += (await collection.deleteMany({ _id: { $in: ids } } as unknown as Filter<T>)).deletedCount;
    ids = [];
  };
  for await (const one of names) {
    if (before?.name === one.name && one.revision <= oldest) ids.push(before._id);
    before = one;
    if (ids.length >= REMOVED_AT_ONCE) await remove();
  }
  if (ids.length > 0) await remove();
  return removed;
}

export function* inGroups<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
