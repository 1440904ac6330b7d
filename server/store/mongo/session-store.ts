// Viewing sessions in MongoDB: ended ones by name, and where deriving stands by device (V12, V13, O4).

import type { AnyBulkWriteOperation, Collection, Document, Filter, OptionalUnlessRequiredId } from 'mongodb';
import type { SessionHours } from '../../../reports/viewing/session-hours.ts';
import { LONGEST_SESSION_MS } from '../../viewing/derive-sessions.ts';
import { compareSessions, type EndedSession, type Session } from '../../viewing/session.ts';
import type { SessionChange, SessionQuery, SessionStore } from '../../viewing/session-store.ts';
import { pagesByViewer, pagesOf } from '../session-pages.ts';
import { inPages } from './cursor-pages.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, isOnlyDuplicates, placesOf, tellPagedProblems, tellProblems } from './driver-problems.ts';
import { createHourVersions } from './hour-versions.ts';
import {
  ORPHAN_INDEXES,
  type OrphanDocument,
  orphanNameOf,
  SESSION_INDEXES,
  type SessionDocument,
  STATE_INDEXES,
  type StateDocument,
  sessionNameOf,
  sessionOf,
  shownOf,
} from './session-documents.ts';

const PATIENT = ['put', 'removeEndedBefore', 'removeOfViewer'] as const;

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

export async function createMongoSessionStore(
  database: MongoDatabase,
): Promise<{ sessions: SessionStore; sessionHours: SessionHours }> {
  const [sessions, states, orphans, hours] = await Promise.all([
    database.collection<SessionDocument>('sessions', SESSION_INDEXES),
    database.collection<StateDocument>('device_states', STATE_INDEXES),
    database.collection<OrphanDocument>('orphans', ORPHAN_INDEXES),
    createHourVersions(database),
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

  /** Starts of the ended sessions that are put or replaced. */
  async function startsOf(changes: readonly SessionChange[]): Promise<number[]> {
    const starts = changes.flatMap((change) => change.sessions).map(({ startedAt }) => startedAt);
    const late = new Map(
      changes.flatMap(({ device, replaceFrom }) => (replaceFrom === undefined ? [] : [[device, replaceFrom]])),
    );
    if (late.size === 0) return starts;
    const filter = { device: { $in: [...late.keys()] }, startedAt: { $gte: Math.min(...late.values()) } };
    for await (const { device, startedAt } of sessions.find(filter, { projection: { device: 1, startedAt: 1 } }))
      if (startedAt >= (late.get(device) ?? 0)) starts.push(startedAt);
    return starts;
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

  const listByViewer = tellPagedProblems(async function* (from: number, to: number, startedFrom: number) {
    const order = { viewer: 1, startedAt: 1, device: 1, service: 1, programme: 1 } as const;
    const started = { startedAt: { $lt: to, $gte: startedFrom } };
    const filter = { ...started, endedAt: { $gt: from }, quarantine: { $exists: false } };
    const found = sessions.find(filter, { allowDiskUse: true }).sort(order).batchSize(PAGE).map(sessionOf);
    const open = (await listOpen({ from, to })).filter(({ startedAt }) => startedAt >= startedFrom);
    yield* pagesByViewer(found, open, PAGE);
  });

  const listEnded = tellPagedProblems(async function* (from: number, to: number) {
    const filter = { startedAt: { $gte: from, $lt: to }, quarantine: { $exists: false } };
    const order = { startedAt: 1, device: 1, service: 1, programme: 1 } as const;
    const found = sessions.find(filter, { allowDiskUse: true }).sort(order).batchSize(PAGE);
    yield* pagesOf(
      found.map((document) => sessionOf(document) as EndedSession),
      PAGE,
    );
  });

  const sessionStore: SessionStore = {
    ...tellProblems<Omit<SessionStore, 'listByViewer' | 'listStarted' | 'listSilentDevices'>>(PATIENT, {
      async put(changes, turn) {
        if (changes.length === 0) return;
        // Before, too: if the count after it is lost, what was sealed before the change is stale all the same.
        const starts = await startsOf(changes);
        await hours.countUp(starts);
        await putSessions(await putStates(changes, turn));
        await hours.countUp(starts);
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

      async countOrphans(from, to) {
        return orphans.countDocuments({ at: { $gte: from, $lt: to } });
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
        await hours.forgetBefore(at);
        return (await sessions.deleteMany({ endedAt: { $lt: at }, startedAt: { $lt: at } })).deletedCount;
      },

      async removeOfViewer(viewer) {
        await orphans.deleteMany({ viewer });
        const found = await states.find({ viewer }, { projection: { startedAt: 1 } }).toArray();
        const open = found.filter(({ startedAt }) => startedAt !== undefined);
        await states.deleteMany({ viewer });
        const ended = await sessions.find({ viewer }, { projection: { startedAt: 1 } }).toArray();
        const { result, moves } = await hours.moving(
          ended.map(({ startedAt }) => startedAt),
          () => sessions.deleteMany({ viewer }),
        );
        return { removed: open.length + result.deletedCount, moves };
      },
    }),

    listByViewer: (from, to) => listByViewer(from, to, from - LONGEST_SESSION_MS),

    listStarted: tellPagedProblems(async function* (from: number, to: number) {
      const open = (await listOpen({ from, to })).filter(({ startedAt }) => startedAt >= from);
      const found = sessions
        .find({ startedAt: { $gte: from, $lt: to } })
        .batchSize(PAGE)
        .map(sessionOf);
      yield* inPages(found, PAGE, open);
    }),

    listSilentDevices: tellPagedProblems((at: number) => {
      const found = states.find({ silentAt: { $gt: 0, $lt: at } }, { projection: { _id: 1 } }).batchSize(PAGE);
      return pagesOf(
        found.map(({ _id }) => _id),
        PAGE,
      );
    }),
  };

  const asked = tellProblems<Pick<SessionHours, 'versions' | 'listOpen'>>([], {
    versions: hours.versions,
    listOpen: (from, to) => listOpen({ from, to }),
  });
  return { sessions: sessionStore, sessionHours: { ...asked, listStarted: listEnded, listByViewer } };
}
