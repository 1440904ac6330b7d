// Viewing sessions in MongoDB: ended ones by name, and where deriving stands by device (V12, V13, O4).

import type { AnyBulkWriteOperation, Collection, Document, Filter, OptionalUnlessRequiredId } from 'mongodb';
import { type DeviceState, LONGEST_SESSION_MS, type Orphan } from '../../viewing/derive-sessions.ts';
import { compareSessions, type Session } from '../../viewing/session.ts';
import type { SessionChange, SessionQuery, SessionStore } from '../../viewing/session-store.ts';
import { pagesByViewer } from '../session-pages.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, isOnlyDuplicates, placesOf, tellPagedProblems, tellProblems } from './driver-problems.ts';

export interface SessionDocument extends Session {
  _id: string;
}

/** Where deriving stands of a device, and under which turn it was written: a former holder's late write meets a greater one. */
export interface StateDocument {
  _id: number;
  turn: number;
  viewer: number;
  state: DeviceState;
  /** Of the open session that is shown. */
  startedAt?: number;
  silentAt?: number;
  /** When a state that shows no open session was written: it is of use for a while only. */
  at?: Date;
}

export interface OrphanDocument extends Orphan {
  _id: string;
}

const PATIENT = ['put', 'removeEndedBefore', 'removeOfViewer'] as const;

const SESSION_INDEXES = [
  { key: { startedAt: 1, device: 1, service: 1, programme: 1 }, name: 'start' }, // list of a window, in its order
  { key: { viewer: 1, startedAt: 1, device: 1, service: 1, programme: 1 }, name: 'viewer' }, // list of a viewer; listByViewer
  { key: { service: 1, startedAt: 1, device: 1 }, name: 'service' }, // list of a provider's services
  { key: { device: 1, startedAt: 1 }, name: 'device' }, // what a late report replaces
  { key: { endedAt: 1 }, name: 'end' }, // removeEndedBefore
];
const STATE_INDEXES = [
  { key: { silentAt: 1 }, name: 'silence', partialFilterExpression: { silentAt: { $gt: 0 } } }, // listSilentDevices
  { key: { startedAt: 1 }, name: 'start', partialFilterExpression: { startedAt: { $gt: 0 } } }, // open sessions of a window
  { key: { viewer: 1 }, name: 'viewer' }, // open sessions of a viewer; removeOfViewer
  { key: { at: 1 }, name: 'age', expireAfterSeconds: 2 * 86_400 }, // what is late by so much is derived anew; an open session stays till it is ended
];
const ORPHAN_INDEXES = [
  { key: { at: 1 }, name: 'at' }, // listOrphans; removeEndedBefore
  { key: { device: 1, at: 1 }, name: 'device' }, // what a late report replaces
  { key: { viewer: 1 }, name: 'viewer' }, // removeOfViewer
];

const PAGE = 2_000;

/** Adds documents, nearly all of which are new, and replaces those that are there. */
async function putAll<T extends { _id: string }>(collection: Collection<T>, documents: readonly T[]): Promise<void> {
  const present = await insertAbsent(collection, documents as OptionalUnlessRequiredId<T>[]);
  const writes = [...present].flatMap((place) => {
    const document = documents[place];
    if (document === undefined) return [];
    const { _id, ...replacement } = document;
    return { replaceOne: { filter: { _id }, replacement, upsert: true } };
  });
  if (writes.length > 0)
    await collection.bulkWrite(writes as unknown as AnyBulkWriteOperation<T>[], { ordered: false });
}

export async function createMongoSessionStore(database: MongoDatabase): Promise<SessionStore> {
  const [sessions, states, orphans] = await Promise.all([
    database.collection<SessionDocument>('sessions', SESSION_INDEXES),
    database.collection<StateDocument>('device_states', STATE_INDEXES),
    database.collection<OrphanDocument>('orphans', ORPHAN_INDEXES),
  ]);

  /** Writes where deriving stands first: who may not, since a later turn has, must not write the rest. */
  async function putStates(changes: readonly SessionChange[], turn: number): Promise<readonly SessionChange[]> {
    const at = new Date();
    const writes = changes.map(({ device, viewer, state }) => ({
      replaceOne: {
        filter: { _id: device, turn: { $lte: turn } },
        replacement: { turn, viewer, state, ...(shownOf(state) ?? { at }) },
        upsert: true,
      },
    }));
    try {
      await states.bulkWrite(writes as AnyBulkWriteOperation<StateDocument>[], { ordered: false });
      return changes;
    } catch (error) {
      if (!isOnlyDuplicates(error)) throw error;
      const refused = placesOf(error);
      return changes.filter((_, index) => !refused.has(index));
    }
  }

  /** What late reports replace goes first: it must not take what is written after it. Again, all of it changes nothing. */
  async function putSessions(changes: readonly SessionChange[]): Promise<void> {
    const late = changes.flatMap(({ device, replaceFrom, sessions: own }) =>
      replaceFrom === undefined ? [] : { device, from: { $gte: replaceFrom }, names: own.map(sessionNameOf) },
    );
    if (late.length > 0) {
      await sessions.bulkWrite(
        late.map(({ device, from, names }) => ({
          deleteMany: { filter: { device, startedAt: from, _id: { $nin: names } } },
        })),
        { ordered: false },
      );
      await orphans.bulkWrite(
        late.map(({ device, from }) => ({ deleteMany: { filter: { device, at: from } } })),
        { ordered: false },
      );
    }
    await putAll(
      sessions,
      changes.flatMap((change) => change.sessions.map((session) => ({ _id: sessionNameOf(session), ...session }))),
    );
    await putAll(
      orphans,
      changes.flatMap((change) => change.orphans.map((orphan) => ({ _id: orphanNameOf(orphan), ...orphan }))),
    );
  }

  async function listOpen({ from, to, viewer, services }: Omit<SessionQuery, 'limit' | 'after'>): Promise<Session[]> {
    const started = { startedAt: { $lt: to, $gte: Math.max(1, from - LONGEST_SESSION_MS) } };
    const found = await states.find({ ...started, ...(viewer === undefined ? {} : { viewer }) }).toArray();
    return found
      .flatMap(({ state }) => state.open?.session ?? [])
      .filter(({ service }) => services === undefined || services.includes(service));
  }

  const overlapping = (from: number, to: number): Filter<SessionDocument> => ({
    startedAt: { $lt: to, $gte: from - LONGEST_SESSION_MS },
    endedAt: { $gt: from },
  });

  return {
    ...tellProblems<Omit<SessionStore, 'listByViewer' | 'listSilentDevices'>>(PATIENT, {
      async put(changes, turn) {
        if (changes.length > 0) await putSessions(await putStates(changes, turn));
      },

      async findStates(devices) {
        const found = await states.find({ _id: { $in: [...devices] } }).toArray();
        return new Map(found.flatMap(({ _id, state }) => (state.open === undefined ? [] : [[_id, state]])));
      },

      async list(query) {
        const { from, to, viewer, services, limit, after } = query;
        const filter: Document = overlapping(from, to);
        if (viewer !== undefined) filter.viewer = viewer;
        if (services !== undefined) filter.service = { $in: [...services] };
        if (after !== undefined) {
          const { startedAt, device, service, programme } = after;
          filter.startedAt = { $lt: to, $gte: Math.max(startedAt, from - LONGEST_SESSION_MS) };
          filter.$or = [
            { startedAt: { $gt: startedAt } },
            { startedAt, device: { $gt: device } },
            { startedAt, device, service: { $gt: service } },
            { startedAt, device, service, programme: { $gt: programme } },
          ];
        }
        const order = { startedAt: 1, device: 1, service: 1, programme: 1 } as const;
        const ended = await sessions.find(filter).sort(order).limit(limit).toArray();
        const open = (await listOpen(query)).filter((one) => after === undefined || compareSessions(after, one) < 0);
        return [...ended.map(sessionOf), ...open].sort(compareSessions).slice(0, limit);
      },

      async listOrphans(from, to, limit) {
        const found = await orphans
          .find({ at: { $gte: from, $lt: to } })
          .sort({ at: 1, device: 1 })
          .limit(limit)
          .toArray();
        return found.map(({ _id, ...orphan }) => orphan);
      },

      async removeEndedBefore(at) {
        await orphans.deleteMany({ at: { $lt: at } });
        return (await sessions.deleteMany({ endedAt: { $lt: at }, startedAt: { $lt: at } })).deletedCount;
      },

      async removeOfViewer(viewer) {
        await orphans.deleteMany({ viewer });
        const found = await states.find({ viewer }, { projection: { startedAt: 1 } }).toArray();
        const open = found.filter(({ startedAt }) => startedAt !== undefined);
        await states.deleteMany({ viewer });
        return open.length + (await sessions.deleteMany({ viewer })).deletedCount;
      },
    }),

    listByViewer: tellPagedProblems(async function* (from: number, to: number) {
      const order = { viewer: 1, startedAt: 1, device: 1, service: 1, programme: 1 } as const;
      const filter = { ...overlapping(from, to), quarantine: { $exists: false } };
      const found = sessions.find(filter, { allowDiskUse: true }).sort(order).batchSize(PAGE).map(sessionOf);
      yield* pagesByViewer(found, await listOpen({ from, to }), PAGE);
    }),

    listSilentDevices: tellPagedProblems(async function* (at: number) {
      let page: number[] = [];
      const found = states.find({ silentAt: { $gt: 0, $lt: at } }, { projection: { _id: 1 } }).batchSize(PAGE);
      for await (const { _id } of found) {
        page.push(_id);
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    }),
  };
}

/** Of a state whose open session is shown; undefined where there is none, or it was given up. */
export function shownOf({ open }: DeviceState): Pick<StateDocument, 'startedAt' | 'silentAt'> | undefined {
  return open === undefined || open.isGivenUp === true
    ? undefined
    : { startedAt: open.session.startedAt, silentAt: open.silentAt };
}

/** Separated by what no part can hold: XML has no such character. */
export const sessionNameOf = ({ device, startedAt, service, programme }: Session): string =>
  [device.toString(36), startedAt.toString(36), service, programme].join('\u0001');
export const orphanNameOf = ({ device, at, service, programme }: Orphan): string =>
  [device.toString(36), at.toString(36), service, programme].join('\u0001');

export function sessionOf({ _id, ...session }: SessionDocument): Session {
  return session;
}
