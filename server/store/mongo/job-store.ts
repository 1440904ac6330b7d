// The jobs' leases and runs in MongoDB, each a document changed by one conditional write (R15, O4).

import type { JobRun, JobStore } from '../../job-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, tellProblems } from './driver-problems.ts';

interface LeaseDocument {
  _id: string;
  holder: string;
  fence: number;
  expiresAt: number;
}

export interface RunDocument extends Omit<JobRun, 'name' | 'dueAt'> {
  /** Documents are compared field by field, so that a job's runs lie together by time: what listRuns reads. */
  _id: RunName;
  dueAt: number;
}

type RunName = Pick<JobRun, 'name' | 'dueAt'>;

const RUN_INDEXES = [
  { key: { dueAt: 1 }, name: 'age' }, // removeRunsBefore
];

export async function createMongoJobStore(database: MongoDatabase): Promise<JobStore> {
  const leases = await database.collection<LeaseDocument>('job_leases');
  const runs = await database.collection<RunDocument>('job_runs', RUN_INDEXES);
  return tellProblems<JobStore>([], {
    async acquire(name, holder, now, expiresAt) {
      const taken = await leases.findOneAndUpdate(
        { _id: name, expiresAt: { $lte: now } },
        { $set: { holder, expiresAt }, $inc: { fence: 1 } },
        { returnDocument: 'after' },
      );
      if (taken !== null) return taken.fence;
      // Held, or never given out. Not an upsert: where it is held that would end in a double key each time.
      return (await insertIfAbsent(leases, { _id: name, holder, fence: 1, expiresAt })) ? 1 : undefined;
    },

    async renew(name, fence, expiresAt) {
      return (await leases.updateOne({ _id: name, fence }, { $set: { expiresAt } })).matchedCount === 1;
    },

    async begin({ name, dueAt, startedAt, by, holder, fence }, maxAttempts) {
      const _id = { name, dueAt };
      if (await insertIfAbsent(runs, { _id, dueAt, startedAt, by, holder, fence, attempts: 1 })) return 1;
      const taken = await runs.findOneAndUpdate(
        {
          _id,
          fence: { $lt: fence },
          attempts: { $lt: maxAttempts },
          $or: [{ endedAt: { $exists: false } }, { error: { $exists: true } }],
        },
        {
          $set: { startedAt, by, holder, fence },
          $inc: { attempts: 1 },
          $unset: { endedAt: true, rows: true, error: true },
        },
        { returnDocument: 'after' },
      );
      return taken?.attempts;
    },

    async finish({ name, dueAt, fence, endedAt, rows, error }) {
      const open = { _id: { name, dueAt }, fence, endedAt: { $exists: false } };
      const end = { endedAt, ...(rows === undefined ? {} : { rows }), ...(error === undefined ? {} : { error }) };
      return (await runs.updateOne(open, { $set: end })).matchedCount === 1;
    },

    async listRuns(name, limit, before = Number.MAX_SAFE_INTEGER) {
      const found = runs.find({ _id: { $gt: { name } as RunName, $lt: { name, dueAt: before } } });
      return (await found.sort({ _id: -1 }).limit(limit).toArray()).map(runOf);
    },

    async removeRunsBefore(at) {
      return (await runs.deleteMany({ dueAt: { $lt: at } })).deletedCount;
    },
  });
}

export const runOf = ({ _id, dueAt, ...rest }: RunDocument): JobRun => ({ ..._id, ...rest });
