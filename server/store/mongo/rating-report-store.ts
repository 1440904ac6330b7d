// Rating reports as they were made, in MongoDB (R5, R6).

import type { ReportStore, StoredReport } from '../../../reports/ratings/report-store.ts';
import { inPages } from './cursor-pages.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellPagedProblems, tellProblems } from './driver-problems.ts';

interface RatingReportDocument extends StoredReport {
  /** `<asked>/<revision>` */
  _id: string;
}

const INDEXES = [
  { key: { asked: 1, revision: -1 }, name: 'latest' }, // findLatest
  { key: { status: 1, asked: 1, revision: 1 }, name: 'status' }, // listPreliminary
  { key: { to: 1 }, name: 'end' }, // removeEndedBefore
] as const;

const PAGE = 200;

export async function createMongoRatingReportStore(database: MongoDatabase): Promise<ReportStore> {
  const reports = await database.collection<RatingReportDocument>('rating_reports', [...INDEXES]);
  return {
    ...tellProblems<Omit<ReportStore, 'listPreliminary'>>(['removeEndedBefore'], {
      async findLatest(asked) {
        const [found] = await reports.find({ asked }).sort({ asked: 1, revision: -1 }).limit(1).toArray();
        return found === undefined ? undefined : ratingReportOf(found);
      },
      async find(asked, revision) {
        const found = await reports.findOne({ _id: nameOf(asked, revision) });
        return found === null ? undefined : ratingReportOf(found);
      },
      async add(report) {
        return (await insertAbsent(reports, [documentOf(report)])).size === 0;
      },
      async confirm(asked, revision, { schedule, dataRevision }) {
        await reports.updateOne({ _id: nameOf(asked, revision) }, { $set: { schedule, dataRevision } });
      },
      async removeEndedBefore(at) {
        return (await reports.deleteMany({ to: { $lt: at } })).deletedCount;
      },
    }),
    listPreliminary: tellPagedProblems(async function* () {
      const found = reports
        .find({ status: 'preliminary' }, { projection: { content: 0 } })
        .sort({ status: 1, asked: 1, revision: 1 })
        .batchSize(PAGE);
      for await (const page of inPages(found, PAGE)) {
        const latest = new Map(page.map((report) => [report.asked, report]));
        const later = await reports
          .find({ asked: { $in: [...latest.keys()] }, status: 'final' }, { projection: { asked: 1 } })
          .toArray();
        for (const { asked } of later) latest.delete(asked);
        yield [...latest.values()].map(({ _id, ...head }) => head);
      }
    }),
  };
}

const nameOf = (asked: string, revision: number): string => `${asked}/${revision}`;

const documentOf = (report: StoredReport): RatingReportDocument => ({
  _id: nameOf(report.asked, report.revision),
  ...report,
});
const ratingReportOf = ({ _id, ...report }: RatingReportDocument): StoredReport => report;

/** For the data set. */
export const ratingReportForm = [documentOf, ratingReportOf] as const;
