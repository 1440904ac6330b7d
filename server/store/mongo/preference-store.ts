// Preferences in MongoDB: one document a user, and notes (R12, R13).

import type { PreferenceStore } from '../../../reports/preferences/preference-store.ts';
import type { PreferenceRecord } from '../../../reports/preferences/preference-sums.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellProblems } from './driver-problems.ts';

/** `record` is JSON: what a source may name as it likes is a text in a list there. */
interface PreferenceDocument {
  _id: number;
  version: number;
  record: string;
}

interface NoteDocument {
  _id: string;
  note: string;
}

export async function createMongoPreferenceStore(database: MongoDatabase): Promise<PreferenceStore> {
  const preferences = await database.collection<PreferenceDocument>('preferences');
  const notes = await database.collection<NoteDocument>('preference_notes');

  const replace = async (record: PreferenceRecord): Promise<boolean> => {
    const { _id, ...document } = documentOf(record);
    return (await preferences.replaceOne({ _id, version: record.version - 1 }, document)).matchedCount === 1;
  };

  return tellProblems<PreferenceStore>(['put', 'find', 'list'], {
    async find(viewers) {
      return (await preferences.find({ _id: { $in: [...viewers] } }).toArray()).map(preferenceOf);
    },
    async put(records) {
      const fresh = records.filter(({ version }) => version === 1);
      const others = records.filter(({ version }) => version > 1);
      const [present, isReplaced] = await Promise.all([
        insertAbsent<PreferenceDocument>(preferences, fresh.map(documentOf)),
        Promise.all(others.map(replace)),
      ]);
      const refused = [
        ...fresh.filter((_, at) => present.has(at)),
        ...others.filter((_, at) => isReplaced[at] === false),
      ];
      return refused.map(({ viewer }) => viewer);
    },
    async list(after, limit) {
      const found = preferences.find({ _id: { $gt: after ?? -1 } }).sort({ _id: 1 });
      return (await found.limit(limit).toArray()).map(preferenceOf);
    },
    async remove(viewer) {
      await preferences.deleteOne({ _id: viewer });
    },
    async findNote(name) {
      const found = await notes.findOne({ _id: name });
      return found === null ? undefined : noteOf(found).note;
    },
    async putNote(name, note) {
      const { _id, ...document } = noteDocumentOf({ name, note });
      await notes.replaceOne({ _id }, document, { upsert: true });
    },
  });
}

const preferenceOf = ({ _id, version, record }: PreferenceDocument): PreferenceRecord => ({
  ...JSON.parse(record),
  viewer: _id,
  version,
});

const documentOf = ({ viewer, version, ...record }: PreferenceRecord): PreferenceDocument => ({
  _id: viewer,
  version,
  record: JSON.stringify(record),
});

/** Notes are JSON, too. */
const noteOf = ({ _id, note }: NoteDocument) => ({ name: _id, note: JSON.parse(note) });
const noteDocumentOf = ({ name, note }: { name: string; note: object }): NoteDocument => ({
  _id: name,
  note: JSON.stringify(note),
});

/** To a document and back. */
export const preferenceForm = [documentOf, preferenceOf] as const;
export const preferenceNoteForm = [noteDocumentOf, noteOf] as const;
