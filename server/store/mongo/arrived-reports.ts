// Reports as they come, before they are settled: a group that shared a commit is one document, or a few (V11, V17; DESIGN.md D1).

import { randomBytes } from 'node:crypto';
import type { Filter, WithId } from 'mongodb';
import type { Arrival, StoredReport } from '../../viewing/report.ts';
import type { MongoDatabase } from './database.ts';

export interface ArrivedReports {
  /** This process among those that append. */
  readonly self: string;
  /** The process that appended a group. */
  byOf(group: string): string;
  append(reports: readonly StoredReport[]): Promise<void>;
  /** In order of receipt, at most `limit`. */
  list(limit: number): Promise<GroupArrival[]>;
  remove(arrivals: readonly GroupArrival[]): Promise<void>;
  /** What was received at or after `at` and is still here; `byOthers`: only what other processes appended. */
  listReceivedSince(at: number, byOthers?: boolean): Promise<StoredReport[]>;
  findLastReceivedAt(): Promise<number | undefined>;
}

interface GroupDocument {
  /** Its parts have a fixed width: groups are in order of receipt. */
  _id: string;
  by: string;
  /** Time of the last receipt in it, epoch ms. */
  until: number;
  reports: StoredReport[];
  /** So many of its reports are settled, when not yet all are. */
  settled?: number;
}

/** Which report of which group it is. */
export type GroupArrival = Arrival<{ group: string; index: number; isLast: boolean }>;

const INDEXES = [{ key: { until: 1 }, name: 'until' }]; // listReceivedSince; findLastReceivedAt

const GROUP = 100; // a document holds 16 MB, and a report, kept whole and sealed, up to 90 KB
const READ_AHEAD = 16; // groups in one answer
const WIDTH = { at: 9, number: 8 };

export async function createArrivedReports(database: MongoDatabase): Promise<ArrivedReports> {
  const groups = await database.collection<GroupDocument>('arrived_reports', INDEXES);
  const self = randomBytes(6).toString('base64url');
  let number = 0;

  const groupOf = (reports: StoredReport[]): GroupDocument => {
    const times = reports.map(({ receivedAt }) => receivedAt);
    number += 1;
    return { _id: nameOf(Math.min(...times), self, number), by: self, until: Math.max(...times), reports };
  };

  return {
    self,
    byOf: (group) => group.split('.')[1] ?? '',

    async append(reports) {
      const documents: GroupDocument[] = [];
      for (let from = 0; from < reports.length; from += GROUP)
        documents.push(groupOf(reports.slice(from, from + GROUP)));
      if (documents.length > 0) await groups.insertMany(documents, { ordered: false });
    },

    async list(limit) {
      const found: GroupArrival[] = [];
      // Not one cursor: DocumentDB reads all that a query may give before it gives the first, and sorts where there is no bound.
      for (let after = ''; found.length < limit; ) {
        const page = await groups
          .find({ _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(READ_AHEAD)
          .toArray();
        found.push(...page.flatMap(arrivalsOf));
        const last = page.at(-1);
        if (last === undefined || page.length < READ_AHEAD) break;
        after = last._id;
      }
      return found.slice(0, limit);
    },

    async remove(arrivals) {
      const whole = arrivals.flatMap(({ arrival: { group, isLast } }) => (isLast ? group : []));
      const cut = arrivals.at(-1)?.arrival;
      if (cut !== undefined && !cut.isLast)
        await groups.updateOne({ _id: cut.group }, { $max: { settled: cut.index + 1 } });
      if (whole.length > 0) await groups.deleteMany({ _id: { $in: whole } });
    },

    async listReceivedSince(at, byOthers = false) {
      const filter: Filter<GroupDocument> = { until: { $gte: at } };
      if (byOthers) filter.by = { $ne: self };
      const found = await groups.find(filter).toArray();
      return found.flatMap(({ reports }) => reports).filter(({ receivedAt }) => receivedAt >= at);
    },

    async findLastReceivedAt() {
      const [last] = await groups
        .find({ until: { $gt: 0 } }, { projection: { until: 1 } })
        .sort({ until: -1 })
        .limit(1)
        .toArray();
      return last?.until;
    },
  };
}

const nameOf = (at: number, by: string, number: number): string =>
  `${at.toString(36).padStart(WIDTH.at, '0')}.${by}.${number.toString(36).padStart(WIDTH.number, '0')}`;

function arrivalsOf({ _id, reports, settled = 0 }: WithId<GroupDocument>): GroupArrival[] {
  return reports
    .map((report, index) => ({ arrival: { group: _id, index, isLast: index === reports.length - 1 }, report }))
    .slice(settled);
}
