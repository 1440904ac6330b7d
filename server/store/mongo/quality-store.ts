// Reports on data quality in MongoDB: one document a day (R16).

import type { DayQuality } from '../../../reports/quality/day-quality.ts';
import type { QualityStore } from '../../../reports/quality/quality-store.ts';
import type { MongoDatabase } from './database.ts';
import { tellProblems } from './driver-problems.ts';

interface QualityDocument {
  /** The date, YYYY-MM-DD. */
  _id: string;
  quality: string;
}

export async function createMongoQualityStore(database: MongoDatabase): Promise<QualityStore> {
  const days = await database.collection<QualityDocument>('data_quality');
  return tellProblems<QualityStore>([], {
    async put(quality) {
      const { _id, ...replacement } = documentOf(quality);
      await days.replaceOne({ _id }, replacement, { upsert: true });
    },
    async find(date) {
      const found = await days.findOne({ _id: date });
      return found === null ? undefined : qualityOf(found);
    },
    async findLastDate() {
      const [last] = await days
        .find({ _id: { $gt: '' } }, { projection: { _id: 1 } })
        .sort({ _id: -1 })
        .limit(1)
        .toArray();
      return last?._id;
    },
    async removeBefore(date) {
      return (await days.deleteMany({ _id: { $lt: date } })).deletedCount;
    },
  });
}

const documentOf = (quality: DayQuality): QualityDocument => ({ _id: quality.date, quality: JSON.stringify(quality) });
const qualityOf = ({ quality }: QualityDocument): DayQuality => JSON.parse(quality);

/** How a document is made of a report on a day, and the other way round. */
export const qualityForm = [documentOf, qualityOf] as const;
