// Versions of the hours in which sessions started, in MongoDB: a document an hour (ratings R18).

import { hourOf, type SessionHours, type VersionMove } from '../../../reports/viewing/session-hours.ts';
import { LONGEST_SESSION_MS } from '../../viewing/derive-sessions.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent } from './driver-problems.ts';

interface HourDocument {
  /** The hour. */
  _id: number;
  version: number;
}

export async function createHourVersions(database: MongoDatabase) {
  const hours = await database.collection<HourDocument>('session_hours');

  async function countUpOne(hour: number): Promise<number> {
    const counting = { $inc: { version: 1 } };
    const found = await hours.findOneAndUpdate({ _id: hour }, counting, { returnDocument: 'after' });
    if (found !== null) return found.version;
    return (await insertIfAbsent(hours, { _id: hour, version: 1 })) ? 1 : countUpOne(hour);
  }

  /** Answers the versions that it made. */
  async function countUp(starts: readonly number[]): Promise<Map<number, number>> {
    const counted = [...new Set(starts.map(hourOf))];
    return new Map(await Promise.all(counted.map(async (hour) => [hour, await countUpOne(hour)] as const)));
  }

  return {
    countUp,

    /** A change of sessions that started then; it tells what that did to versions that nobody else moved meanwhile. */
    async moving<T>(starts: readonly number[], work: () => Promise<T>): Promise<{ result: T; moves: VersionMove[] }> {
      const before = await countUp(starts);
      const result = await work();
      const after = await countUp(starts);
      const moves = [...before].flatMap(([hour, version]) =>
        after.get(hour) === version + 1 ? { hour, before: version - 1, after: version + 1 } : [],
      );
      return { result, moves };
    },

    versions: (async (from, to) => {
      const found = await hours.find({ _id: { $gte: from, $lt: to } }).toArray();
      return new Map(found.map(({ _id, version }) => [_id, version]));
    }) satisfies SessionHours['versions'],

    /** Nothing can be sealed of hours a day before `at`. */
    async forgetBefore(at: number): Promise<void> {
      await hours.deleteMany({ _id: { $lt: hourOf(at - LONGEST_SESSION_MS) } });
    },
  };
}
