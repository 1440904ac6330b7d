// The log of reports in MongoDB: one document a report, named by what makes it the same report (V11, V17).

import { randomUUID } from 'node:crypto';
import type { Filter } from 'mongodb';
import type { Arrival, StoredReport } from '../../viewing/report.ts';
import type { ReportLog } from '../../viewing/report-log.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellPagedProblems, tellProblems } from './driver-problems.ts';

interface ReportDocument extends StoredReport {
  /** (device, key): a double meets the first, on any process. */
  _id: string;
  /** The process that appended it. */
  by: string;
  /** There until the report has its effect on sessions. */
  unsettled?: true;
}

const INDEXES = [
  { key: { viewer: 1, device: 1, sentAt: 1 }, name: 'owner' }, // listOfDevice; listOfViewer and removeOfViewer by its beginning
  { key: { receivedAt: 1 }, name: 'receipt' }, // listReceivedSince, findLastReceivedAt, removeReceivedBefore
  { key: { unsettled: 1, receivedAt: 1 }, name: 'unsettled', partialFilterExpression: { unsettled: true } }, // listUnsettled
];

const PAGE = 1_000;

export async function createMongoReportLog(database: MongoDatabase): Promise<ReportLog> {
  const reports = await database.collection<ReportDocument>('reports', INDEXES);
  const templates = await database.collection<{ _id: number; text: string }>('report_templates');

  const self = randomUUID();

  const list = (filter: Filter<ReportDocument>, order: 'sentAt' | 'receivedAt') =>
    reports.find(filter).sort(order === 'sentAt' ? { sentAt: 1, key: 1 } : { receivedAt: 1, _id: 1 });

  return {
    ...tellProblems<Omit<ReportLog, 'listOfViewer'>>(['listReceivedSince', 'removeReceivedBefore', 'removeOfViewer'], {
      async append(given) {
        await insertAbsent(
          reports,
          given.map((report) => ({ _id: nameOf(report), ...report, by: self, unsettled: true as const })),
        );
      },

      async listUnsettled(limit) {
        const found = await list({ unsettled: true }, 'receivedAt').limit(limit).toArray();
        return found.map((document): Arrival => ({ arrival: document.receivedAt, report: reportOf(document) }));
      },

      async enrol(arrivals) {
        return arrivals.map(() => true); // what is there is the first of its name
      },

      async markSettled(arrivals) {
        const ids = arrivals.map(({ report }) => nameOf(report));
        await reports.updateMany({ _id: { $in: ids } }, { $unset: { unsettled: true } });
      },

      async listOfDevice({ viewer, device }, from) {
        const found = await list({ viewer, device, sentAt: { $gte: from } }, 'sentAt').toArray();
        return found.map(reportOf);
      },

      async listReceivedSince(at) {
        return (await list({ receivedAt: { $gte: at } }, 'receivedAt').toArray()).map(reportOf);
      },

      async listReceivedByOthers(at) {
        return (await list({ receivedAt: { $gte: at }, by: { $ne: self } }, 'receivedAt').toArray()).map(reportOf);
      },

      async findLastReceivedAt() {
        const [last] = await reports.find().sort({ receivedAt: -1 }).limit(1).toArray();
        return last?.receivedAt;
      },

      async putTemplate(template, text) {
        await insertAbsent(templates, [{ _id: template, text }]);
      },

      async listTemplates() {
        return (await templates.find().toArray()).map(({ _id, text }) => ({ template: _id, text }));
      },

      async removeReceivedBefore(at) {
        return (await reports.deleteMany({ receivedAt: { $lt: at }, unsettled: { $exists: false } })).deletedCount;
      },

      async removeOfViewer(viewer) {
        return (await reports.deleteMany({ viewer })).deletedCount;
      },
    }),

    listOfViewer: tellPagedProblems(async function* (viewer: number) {
      let page: StoredReport[] = [];
      for await (const document of list({ viewer }, 'receivedAt').batchSize(PAGE)) {
        page.push(reportOf(document));
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    }),
  };
}

const nameOf = ({ device, key }: StoredReport): string => `${device.toString(36)}.${key.toString(36)}`;

function reportOf({ _id, by: _by, unsettled: _unsettled, ...report }: ReportDocument): StoredReport {
  return report;
}
