// The guide in MongoDB: services, items and pages by revision, one document each; one state document that publishes (G1-G4).

import { type Filter, MaxKey, MongoServerError } from 'mongodb';
import type { GuideStore, StagedProgramme } from '../../../sg/guide-store.ts';
import type { PurchaseItem } from '../../../sg/purchase-item.ts';
import type { Page, Programme, Service } from '../../../sg/schedule.ts';
import { Problem } from '../../problem.ts';
import { compareCodePoints } from '../code-points.ts';
import type { MongoDatabase } from './database.ts';
import { CODE, insertAbsent, insertIfAbsent, problemOf, tellProblems } from './driver-problems.ts';
import { createGuideRecordCollection, forgetSuperseded, inGroups } from './guide-records.ts';

interface StateDocument {
  _id: 'state';
  revision: number;
  /** The oldest revision that is kept; absent: 0. */
  oldest?: number;
  holder?: string;
  heldUntil: number;
}

interface RevisionDocument {
  _id: number;
  publishedAt: number;
}

// The contents are JSON, as those of services.
interface PageDocument {
  _id: string;
  service: string;
  day: number;
  revision: number;
  programmes: string;
}

interface StageDocument {
  /** Documents are compared field by field, so that the order of names is that of listStaged. */
  _id: { service: string; startAt: number; sequence: number };
  line: number;
  programme: string;
}

const PAGE_INDEXES = [
  { key: { service: 1, day: 1, revision: 1 }, name: 'page' }, // listPages finds names here alone
  { key: { revision: 1, service: 1, day: 1 }, name: 'changes' }, // listChanges finds names here alone; what a crash left
];

const SERVICES_AT_ONCE = 100; // named in one query
const FETCHED_AT_ONCE = 500; // pages of some 15 kB
const WRITTEN_AT_ONCE = 500;
const REMOVED_AT_ONCE = 1_000;

export async function createMongoGuideStore(database: MongoDatabase): Promise<GuideStore> {
  const state = await database.collection<StateDocument>('guide_state');
  const revisions = await database.collection<RevisionDocument>('guide_revisions');
  const services = await createGuideRecordCollection<Service>(database, 'guide_services');
  const items = await createGuideRecordCollection<PurchaseItem>(database, 'guide_items');
  const pages = await database.collection<PageDocument>('guide_pages', PAGE_INDEXES);
  const stage = await database.collection<StageDocument>('guide_stage');

  const readRevision = async (): Promise<number> => (await state.findOne({ _id: 'state' }))?.revision ?? 0;

  const removeLeftovers = async (): Promise<void> => {
    const revision = await readRevision();
    const beyond = { revision: { $gt: revision } };
    await services.removeBeyond(revision);
    await items.removeBeyond(revision);
    await revisions.deleteMany({ _id: { $gt: revision } });
    for (;;) {
      const some = await pages.find(beyond, { projection: { _id: 1 }, limit: REMOVED_AT_ONCE }).toArray();
      if (some.length === 0) break;
      await pages.deleteMany({ _id: { $in: some.map(({ _id }) => _id) } });
    }
    await stage.drop().catch((error: unknown) => {
      // at once, however much is staged; before version 7 the server minds that there is nothing
      if (!(error instanceof MongoServerError && error.code === CODE.namespaceNotFound)) throw error;
    });
  };

  /** The contents of these pages, in their order. */
  const fetchPages = async (names: readonly PageName[]): Promise<Page[]> => {
    const found: Page[] = [];
    for (const some of inGroups(names, FETCHED_AT_ONCE)) {
      const documents = await pages.find({ _id: { $in: some.map(pageIdOf) } }).toArray();
      const programmes = new Map(documents.map((each) => [each._id, each.programmes]));
      for (const name of some) {
        const text = programmes.get(pageIdOf(name));
        if (text !== undefined)
          found.push({ service: name.service, day: name.day, programmes: JSON.parse(text) as Programme[] });
      }
    }
    return found;
  };

  return tellProblems<GuideStore>('all', {
    revision: readRevision,

    oldestRevision: async () => (await state.findOne({ _id: 'state' }))?.oldest ?? 0,

    async revisionAt(at) {
      const before = { _id: { $lte: await readRevision() }, publishedAt: { $lte: at } };
      const [found] = await revisions.find(before).sort({ _id: -1 }).limit(1).toArray();
      return found?._id ?? 0;
    },

    async forgetBefore(revision) {
      const kept = await state.findOneAndUpdate(
        { _id: 'state' },
        { $max: { oldest: revision } },
        { returnDocument: 'after' },
      );
      const oldest = kept?.oldest ?? 0;
      await revisions.deleteMany({ _id: { $lt: oldest } });
      const removed = (await services.forgetBefore(oldest)) + (await items.forgetBefore(oldest));
      const names = pages
        .find({}, { projection: { _id: 0, service: 1, day: 1, revision: 1 } })
        .sort({ service: 1, day: 1, revision: 1 })
        .map((name) => ({ _id: pageIdOf(name), name: `${name.day}/${name.service}`, revision: name.revision }));
      return removed + (await forgetSuperseded(pages, names, oldest));
    },

    async takeTurn(holder, now, untilAt) {
      const before = await state.findOneAndUpdate(
        { _id: 'state', $or: [{ holder }, { holder: { $exists: false } }, { heldUntil: { $lte: now } }] },
        { $set: { holder, heldUntil: untilAt } },
        { returnDocument: 'before' },
      );
      if (before?.holder === holder) return true;
      if (before === null && !(await insertIfAbsent(state, { _id: 'state', revision: 0, holder, heldUntil: untilAt })))
        return false;
      await removeLeftovers();
      return true;
    },

    async endTurn(holder, revision, now) {
      const mine = { _id: 'state', holder } as const;
      // Before it is published: a time without its revision is removed as what a crash left.
      if (revision !== undefined && (await state.findOne(mine)) !== null)
        await revisions.updateOne({ _id: revision }, { $set: { publishedAt: now } }, { upsert: true });
      const published = await state.updateOne(mine, {
        $set: { holder, ...(revision === undefined ? {} : { revision }) },
      });
      if (published.matchedCount === 0) return false;
      const passing = (error: unknown): void => {
        // It is published, and that is what the caller must hear: the next holder removes the rest, and a turn runs out.
        if (!(problemOf(error) instanceof Problem)) throw error;
      };
      await removeLeftovers().catch(passing);
      await state.updateOne(mine, { $set: { heldUntil: 0 }, $unset: { holder: true } }).catch(passing);
      return true;
    },

    async stage(programmes) {
      await insertAbsent(
        stage,
        programmes.map(({ line, sequence, programme }) => ({
          _id: { service: programme.service, startAt: programme.startAt, sequence },
          line,
          programme: JSON.stringify(programme),
        })),
      );
    },

    async listStaged(service, after, limit) {
      const first = after === undefined ? {} : { startAt: after.programme.startAt, sequence: after.sequence };
      const range = { _id: { $gt: { service, ...first }, $lt: { service, startAt: new MaxKey() } } };
      const found = stage.find(range as unknown as Filter<StageDocument>).sort({ _id: 1 });
      return (await found.limit(limit).toArray()).map(stagedOf);
    },

    async put(revision, records) {
      const { pages: changedPages = [] } = records;
      await services.put(revision, records.services ?? []);
      await items.put(revision, records.items ?? []);
      const pageWrites = changedPages.map(({ service, day, programmes }) => {
        const document = { service, day, revision, programmes: JSON.stringify(programmes) };
        return { replaceOne: { filter: { _id: pageIdOf(document) }, replacement: document, upsert: true } };
      });
      for (const some of inGroups(pageWrites, WRITTEN_AT_ONCE)) await pages.bulkWrite(some, { ordered: false });
    },

    async listServices(revision) {
      const found = await services.list(revision);
      return found.sort((a, b) => a.order - b.order || compareCodePoints(a.id, b.id));
    },

    async listItems(revision) {
      const found = await items.list(revision);
      return found.sort((a, b) => compareCodePoints(a.id, b.id));
    },

    async listChanges(since, through) {
      const changed = { revision: { $gt: since, $lte: through } };
      const found = await pages.find(changed, { projection: { _id: 0, service: 1, day: 1 } }).toArray();
      const names = new Map(found.map(({ service, day }) => [`${day}/${service}`, { service, day }]));
      return {
        services: await services.changedIds(since, through),
        items: await items.changedIds(since, through),
        pages: [...names.values()],
      };
    },

    async listPages(ids, fromDay, toDay, revision) {
      const found: Page[] = [];
      for (const some of inGroups([...ids].sort(compareCodePoints), SERVICES_AT_ONCE)) {
        const names = await pages
          .find(
            { service: { $in: some }, day: { $gte: fromDay, $lt: toDay }, revision: { $lte: revision } },
            { projection: { _id: 0, service: 1, day: 1, revision: 1 } },
          )
          .sort({ service: 1, day: 1, revision: 1 })
          .toArray();
        const latest = new Map(names.map((name) => [`${name.day}/${name.service}`, name]));
        found.push(...(await fetchPages([...latest.values()])));
      }
      return found;
    },
  });
}

type PageName = Pick<PageDocument, 'service' | 'day' | 'revision'>;

export const pageIdOf = ({ service, day, revision }: PageName): string => `${revision}/${day}/${service}`;

function stagedOf({ _id, line, programme }: StageDocument): StagedProgramme {
  return { line, sequence: _id.sequence, programme: JSON.parse(programme) as StagedProgramme['programme'] };
}
