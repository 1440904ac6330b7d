// The guide in MongoDB: services and pages by revision, one document each; one state document that publishes (G2, G3).

import { type Filter, MaxKey, MongoServerError } from 'mongodb';
import type { GuideStore, StagedProgramme } from '../../../sg/guide-store.ts';
import type { Page, Programme, Service } from '../../../sg/schedule.ts';
import { Problem } from '../../problem.ts';
import { compareCodePoints } from '../code-points.ts';
import type { MongoDatabase } from './database.ts';
import { CODE, insertAbsent, insertIfAbsent, problemOf, tellProblems } from './driver-problems.ts';

interface StateDocument {
  _id: 'state';
  revision: number;
  holder?: string;
  heldUntil: number;
}

// The contents are JSON: texts go by language, and a language that a source made up may hold what a field's name may not.
interface ServiceDocument {
  _id: string;
  id: string;
  revision: number;
  service: string;
}

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

const SERVICE_INDEXES = [
  { key: { revision: 1, id: 1 }, name: 'revision' }, // listServices finds names here alone; what a crash left
];
const PAGE_INDEXES = [
  { key: { service: 1, day: 1, revision: 1 }, name: 'page' }, // listPages finds names here alone
  { key: { revision: 1 }, name: 'revision' }, // what a crash left beyond the published revision
];

const SERVICES_AT_ONCE = 100; // named in one query
const FETCHED_AT_ONCE = 500; // pages of some 15 kB
const WRITTEN_AT_ONCE = 500;
const REMOVED_AT_ONCE = 1_000;

export async function createMongoGuideStore(database: MongoDatabase): Promise<GuideStore> {
  const state = await database.collection<StateDocument>('guide_state');
  const services = await database.collection<ServiceDocument>('guide_services', SERVICE_INDEXES);
  const pages = await database.collection<PageDocument>('guide_pages', PAGE_INDEXES);
  const stage = await database.collection<StageDocument>('guide_stage');

  const readRevision = async (): Promise<number> => (await state.findOne({ _id: 'state' }))?.revision ?? 0;

  const removeLeftovers = async (): Promise<void> => {
    const beyond = { revision: { $gt: await readRevision() } };
    await services.deleteMany(beyond);
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

    async endTurn(holder, revision) {
      const mine = { _id: 'state', holder } as const;
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

    async put(revision, changed, changedPages) {
      const serviceWrites = changed.map((service) => {
        const document = { id: service.id, revision, service: JSON.stringify(service) };
        return { replaceOne: { filter: { _id: `${revision}/${service.id}` }, replacement: document, upsert: true } };
      });
      for (const some of inGroups(serviceWrites, WRITTEN_AT_ONCE)) await services.bulkWrite(some, { ordered: false });
      const pageWrites = changedPages.map(({ service, day, programmes }) => {
        const document = { service, day, revision, programmes: JSON.stringify(programmes) };
        return { replaceOne: { filter: { _id: pageIdOf(document) }, replacement: document, upsert: true } };
      });
      for (const some of inGroups(pageWrites, WRITTEN_AT_ONCE)) await pages.bulkWrite(some, { ordered: false });
    },

    async listServices(revision) {
      const names = await services
        .find({ revision: { $lte: revision } }, { projection: { _id: 0, id: 1, revision: 1 } })
        .sort({ revision: 1, id: 1 })
        .toArray();
      const latest = new Map(names.map((name) => [name.id, `${name.revision}/${name.id}`])); // the last one of an id stays
      const found: Service[] = [];
      for (const some of inGroups([...latest.values()], FETCHED_AT_ONCE)) {
        const documents = await services.find({ _id: { $in: some } }).toArray();
        found.push(...documents.map((each) => JSON.parse(each.service) as Service));
      }
      return found.sort((a, b) => a.order - b.order || compareCodePoints(a.id, b.id));
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

const pageIdOf = ({ service, day, revision }: PageName): string => `${revision}/${day}/${service}`;

function* inGroups<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

function stagedOf({ _id, line, programme }: StageDocument): StagedProgramme {
  return { line, sequence: _id.sequence, programme: JSON.parse(programme) as StagedProgramme['programme'] };
}
