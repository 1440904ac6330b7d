// The stored stream of events and its cursors in MongoDB: who appends takes the next number as `_id`, or tries the one after (G12-G15).

import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../problem.ts';
import type { PushEvent } from '../../push/event.ts';
import type { Addressees, Cursor, EventStore, TimedEvent } from '../../push/event-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, isOnlyDuplicates, tellProblems } from './driver-problems.ts';

export interface EventDocument extends Omit<TimedEvent, 'content'> {
  /** The offset. */
  _id: number;
  /** JSON: a field's name may not hold everything. */
  content: string;
  viewer?: number;
  device?: number;
}

export interface CursorDocument extends Omit<Cursor, 'name'> {
  _id: string;
}

const INDEXES = [
  { key: { key: 1 }, name: 'key', unique: true }, // append: an event is stored once
  { key: { viewer: 1 }, name: 'viewer', partialFilterExpression: { viewer: { $exists: true } } }, // listOf, blankOf
  { key: { device: 1 }, name: 'device', partialFilterExpression: { device: { $exists: true } } }, // the same
  {
    key: { 'audience.devices': 1 }, // listOf, blankOf
    name: 'devices',
    partialFilterExpression: { 'audience.devices': { $exists: true } },
  },
  { key: { sender: 1, _id: 1 }, name: 'sent', partialFilterExpression: { sender: { $exists: true } } }, // listSent
  { key: { at: 1 }, name: 'age' }, // removeOld
];
const CURSOR_INDEXES = [
  { key: { viewer: 1 }, name: 'viewer' }, // listCursors, removeCursors
  { key: { at: 1 }, name: 'age' }, // removeCursors
];
const MOST_TRIES = 100; // each time somebody else appended
const LONGEST_PAUSE_MS = 20;
const REMOVED_AT_ONCE = 1_000;
const EPOCH = 'epoch';
/** A bound in any case: DocumentDB sorts by an index only within bounds. */
const FIRST = 0;

export async function createMongoEventStore(database: MongoDatabase): Promise<EventStore> {
  const events = await database.collection<EventDocument>('push_events', INDEXES);
  const cursors = await database.collection<CursorDocument>('push_cursors', CURSOR_INDEXES);
  const state = await database.collection<{ _id: string; epoch: string }>('push_state');

  const edge = async (direction: 1 | -1): Promise<number | undefined> => {
    const find = events.find({ _id: { $gt: FIRST } }, { projection: { _id: 1 } });
    return (await find.sort({ _id: direction }).limit(1).toArray())[0]?._id;
  };

  const insert = async (documents: EventDocument[]): Promise<boolean> => {
    try {
      await events.insertMany(documents, { ordered: true });
      return true;
    } catch (error) {
      if (isOnlyDuplicates(error)) return false;
      throw error;
    }
  };

  const findByKeys = async (keys: string[]): Promise<Map<string, PushEvent>> => {
    const found = await events.find({ key: { $in: keys } }).toArray();
    return new Map(found.map((document) => [document.key, eventOf(document)]));
  };

  const filtersOf = ({ viewer, devices }: Addressees) => [
    { viewer },
    { device: { $in: [...devices] } },
    { 'audience.devices': { $in: [...devices] } },
  ];

  const listOf = async (addressees: Addressees): Promise<PushEvent[]> => {
    const found = await Promise.all(filtersOf(addressees).map((filter) => events.find(filter).toArray()));
    return found
      .flat()
      .map(eventOf)
      .sort((a, b) => a.offset - b.offset);
  };

  return tellProblems<EventStore>(['removeOld', 'blankOf', 'removeCursors'], {
    async renewEpoch(epoch) {
      await state.updateOne({ _id: EPOCH }, { $set: { epoch } }, { upsert: true });
    },

    async epoch(candidate) {
      await insertIfAbsent(state, { _id: EPOCH, epoch: candidate });
      return (await state.findOne({ _id: EPOCH }))?.epoch ?? candidate;
    },

    async append(given) {
      const keys = [...new Set(given.map(({ key }) => key))];
      const stored = new Map<string, PushEvent>();
      for (let tries = 0; ; tries += 1) {
        const left = keys.filter((key) => !stored.has(key));
        if (left.length === 0) return given.map(({ key }) => stored.get(key) as PushEvent);
        if (tries === MOST_TRIES)
          throw new Problem('unavailable', 'too many append events at once', { retryAfterS: 1 });
        if (tries > 1) await sleep(Math.random() * LONGEST_PAUSE_MS);
        const last = (await edge(-1)) ?? 0;
        const documents = left.map((key, index) =>
          eventDocumentOf(given.find((event) => event.key === key) as TimedEvent, last + 1 + index),
        );
        if (await insert(documents)) for (const document of documents) stored.set(document.key, eventOf(document));
        // Somebody had a number or a key: what is there under our keys, ours or theirs, is the event.
        else for (const [key, event] of await findByKeys(left)) stored.set(key, event);
      }
    },

    async list(after, limit) {
      return (
        await events
          .find({ _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(limit)
          .toArray()
      ).map(eventOf);
    },

    async listSent(before, limit) {
      const found = events.find({ sender: { $exists: true }, _id: { $lt: before } });
      return (await found.sort({ _id: -1 }).limit(limit).toArray()).map(eventOf);
    },

    async bounds() {
      const [first, last] = [await edge(1), await edge(-1)];
      return { first: first ?? 1, last: last ?? 0 };
    },

    async removeOld(at, number) {
      const last = (await edge(-1)) ?? 0;
      const young = await events
        .find({ at: { $gte: at } }, { projection: { _id: 1 } })
        .sort({ at: 1 })
        .limit(1)
        .toArray();
      const first = Math.min(Math.max(young[0]?._id ?? last, last - number + 1), last);
      // From the oldest on, so that who dies between leaves no gap.
      let removed = 0;
      for (let from = await edge(1); from !== undefined && from < first; from += REMOVED_AT_ONCE) {
        const upTo = Math.min(from + REMOVED_AT_ONCE, first);
        removed += (await events.deleteMany({ _id: { $lt: upTo } })).deletedCount;
      }
      return removed;
    },

    listOf,

    async blankOf(addressees) {
      for (const { offset, audience } of await listOf(addressees)) {
        if ('devices' in audience) {
          const devices = audience.devices.filter((device) => !addressees.devices.includes(device));
          await events.updateOne({ _id: offset }, { $set: { audience: { devices } } });
          continue;
        }
        await events.updateOne(
          { _id: offset },
          {
            $set: { audience: { nobody: true }, content: '{}', key: `erased/${offset}` },
            $unset: { viewer: true, device: true },
          },
        );
      }
    },

    async putCursors(given) {
      if (given.length === 0) return;
      const writes = given.map(({ name, viewer, offset, at }) => ({
        updateOne: { filter: { _id: name }, update: { $max: { offset }, $set: { viewer, at } }, upsert: true },
      }));
      const write = () => cursors.bulkWrite(writes, { ordered: false });
      await write().catch((error: unknown) => {
        if (!isOnlyDuplicates(error)) throw error;
        return write(); // another process was first to add one: now it is there
      });
    },

    async findCursors(names) {
      const found = await cursors.find({ _id: { $in: [...names] } }).toArray();
      return new Map(found.map(({ _id, offset }) => [_id, offset]));
    },

    async listCursors(viewer) {
      const found = await cursors.find({ viewer }).toArray();
      return found.map(({ _id, ...rest }) => ({ name: _id, ...rest })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async removeCursors(of) {
      const filter = 'viewer' in of ? { viewer: of.viewer } : { at: { $lt: of.putBefore } };
      return (await cursors.deleteMany(filter)).deletedCount;
    },
  });
}

export function eventDocumentOf(event: TimedEvent, offset: number): EventDocument {
  const { audience } = event;
  return {
    _id: offset,
    ...event,
    content: JSON.stringify(event.content),
    ...('viewer' in audience ? { viewer: audience.viewer } : {}),
    ...('device' in audience ? { device: audience.device } : {}),
  };
}

export function eventOf({ _id, viewer: _viewer, device: _device, content, ...event }: EventDocument): PushEvent {
  return { ...event, content: JSON.parse(content), offset: _id };
}
