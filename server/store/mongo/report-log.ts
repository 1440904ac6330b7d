// The log of reports in MongoDB: groups as they come, then one document a report, named by what makes it the same report (V11, V17).

import type { Filter } from 'mongodb';
import { compareReceipts, type StoredReport } from '../../viewing/report.ts';
import type { Receipt, ReportLog } from '../../viewing/report-log.ts';
import { createArrivedReports, type GroupArrival } from './arrived-reports.ts';
import { inPages } from './cursor-pages.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellPagedProblems, tellProblems } from './driver-problems.ts';

export interface ReportDocument extends StoredReport {
  /** (device, key): a double meets the first, on any process. */
  _id: string;
  /** The process that took it in. */
  by: string;
  /** Its place in the order of arrival: a double has another. */
  arrival: string;
}

const INDEXES = [
  { key: { viewer: 1, sentAt: 1 }, name: 'viewer' }, // listOfDevices: a viewer has few; listOfViewer and removeOfViewer by its beginning
  { key: { receivedAt: 1 }, name: 'receipt' }, // listReceivedSince, findLastReceivedAt, removeReceivedBefore
];

const PATIENT = ['enrol', 'listReceivedSince', 'removeReceivedBefore', 'removeOfViewer'] as const;

const PAGE = 1_000;
/** How far back the last report is looked for: DocumentDB sorts all that is within the bounds, and a log holds a month. */
const LOOK_BACK_MS = [60_000, 3_600_000, 24 * 3_600_000, Number.POSITIVE_INFINITY];

export async function createMongoReportLog(database: MongoDatabase): Promise<ReportLog> {
  const reports = await database.collection<ReportDocument>('reports', INDEXES);
  const templates = await database.collection<{ _id: number; text: string }>('report_templates');
  const arrived = await createArrivedReports(database);

  const list = (filter: Filter<ReportDocument>, order: 'sentAt' | 'receivedAt') =>
    reports.find(filter).sort(order === 'sentAt' ? { sentAt: 1, key: 1 } : { receivedAt: 1, _id: 1 });

  /** Those that are not enrolled are read first: what is enrolled between the two reads is in both, and not in none. */
  async function listReceived(at: number, byOthers: boolean): Promise<StoredReport[]> {
    const pending = await arrived.listReceivedSince(at, byOthers);
    const filter: Filter<ReportDocument> = { receivedAt: { $gte: at } };
    if (byOthers) filter.by = { $ne: arrived.self };
    const enrolled = await list(filter, 'receivedAt').toArray();
    const names = new Set(enrolled.map(({ _id }) => _id));
    return [...enrolled.map(reportOf), ...pending.filter((report) => !names.has(reportNameOf(report)))].sort(
      compareReceipts,
    );
  }

  return {
    ...tellProblems<Omit<ReportLog, 'listOfViewer' | 'listReceipts'>>(PATIENT, {
      append: arrived.append,
      listUnsettled: arrived.list,

      async enrol(arrivals: readonly GroupArrival[]) {
        const documents = arrivals.map(({ arrival: { group, index }, report }) => ({
          _id: reportNameOf(report),
          ...report,
          by: arrived.byOf(group),
          arrival: `${group}/${index}`,
        }));
        const refused = await insertAbsent(reports, documents);
        const names = [...refused].flatMap((index) => documents[index]?._id ?? []);
        const known =
          names.length === 0
            ? []
            : await reports.find({ _id: { $in: names } }, { projection: { arrival: 1 } }).toArray();
        const firsts = new Set(known.map(({ arrival }) => arrival));
        return documents.map(({ arrival }, index) => !refused.has(index) || firsts.has(arrival));
      },

      markSettled: arrived.remove,

      async listOfDevices(owners, from) {
        const devices = new Set(owners.map(({ device }) => device));
        const viewer = { $in: [...new Set(owners.map((owner) => owner.viewer))] };
        const found = await list({ viewer, sentAt: { $gte: from } }, 'sentAt').toArray();
        return found.filter(({ device }) => devices.has(device)).map(reportOf);
      },

      listReceivedSince: (at) => listReceived(at, false),
      listReceivedByOthers: (at) => listReceived(at, true),

      async findLastReceivedAt() {
        const pending = await arrived.findLastReceivedAt();
        for (const since of pending === undefined ? LOOK_BACK_MS.map((backMs) => Date.now() - backMs) : [pending]) {
          const [last] = await reports
            .find({ receivedAt: { $gt: since } }, { projection: { receivedAt: 1 } })
            .sort({ receivedAt: -1 })
            .limit(1)
            .toArray();
          if (last !== undefined) return last.receivedAt;
        }
        return pending;
      },

      async putTemplate(template, text) {
        await insertAbsent(templates, [{ _id: template, text }]);
      },

      async listTemplates() {
        return (await templates.find().toArray()).map(({ _id, text }) => ({ template: _id, text }));
      },

      async removeReceivedBefore(at) {
        return (await reports.deleteMany({ receivedAt: { $lt: at } })).deletedCount;
      },

      async removeOfViewer(viewer) {
        return (await reports.deleteMany({ viewer })).deletedCount;
      },
    }),

    listOfViewer: tellPagedProblems(async function* (viewer: number) {
      yield* inPages(list({ viewer }, 'receivedAt').batchSize(PAGE).map(reportOf), PAGE);
    }),

    listReceipts: tellPagedProblems(async function* (from: number, to: number) {
      const fields = { _id: 0, device: 1, viewer: 1, type: 1, sentAt: 1, receivedAt: 1, quarantine: 1 };
      const filter = { receivedAt: { $gte: from, $lt: to } };
      yield* inPages(reports.find(filter).project<Receipt>(fields).batchSize(PAGE), PAGE);
    }),
  };
}

export const reportNameOf = ({ device, key }: StoredReport): string => `${device.toString(36)}.${key.toString(36)}`;

export function reportOf({ _id, by: _by, arrival: _arrival, ...report }: ReportDocument): StoredReport {
  return report;
}
