// All that a MongoDB store holds, read by name (reports by receipt) and written document by document (O3).

import { type Document, type Filter, MinKey, type Sort } from 'mongodb';
import type { Origin } from '../../accounts/account-store.ts';
import type { DataSet, Kind, Kinds, Migration } from '../data-set.ts';
import { type AccountDocument, documentOf as accountDocumentOf, recordOf as accountOf } from './account-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, tellPagedProblems, tellProblems } from './driver-problems.ts';
import { type CursorDocument, type EventDocument, eventDocumentOf, eventOf } from './event-store.ts';
import { type RecordDocument, recordDocumentOf } from './guide-records.ts';
import { pageIdOf } from './guide-store.ts';
import { type RunDocument, runOf } from './job-store.ts';
import { type KeyDocument, documentOf as keyDocumentOf, keyOf } from './key-store.ts';
import { type ReportDocument, reportNameOf, reportOf } from './report-log.ts';
import {
  type OrphanDocument,
  orphanNameOf,
  type SessionDocument,
  type StateDocument,
  sessionNameOf,
  sessionOf,
  shownOf,
} from './session-store.ts';
import { type TableDocument, tableOf } from './subscription-store.ts';
import { type TokenDocument, tokenOf } from './token-store.ts';

interface Held<T> {
  collection: string;
  documentOf(item: T): Document;
  itemOf(document: Document): T;
  /** By which field it is read, when not by `_id`: an indexed one. */
  by?: string;
  filter?: Filter<Document>;
  /** Only what is published is held. */
  isOfGuide?: true;
  atOnce?: number;
}

/** Documents have the form that `documentOf` gives them. */
const held = <T, D extends Document>(
  collection: string,
  documentOf: (item: T) => D,
  itemOf: (document: D) => T,
  more: Partial<Held<T>> = {},
): Held<T> => ({ collection, documentOf, itemOf: itemOf as (document: Document) => T, ...more });

const heldRecords = <T extends { id: string; revision: number }>(collection: string): Held<T> =>
  held<T, RecordDocument>(
    collection,
    ({ revision, ...record }) => recordDocumentOf(revision, record),
    ({ revision, record }) => ({ ...JSON.parse(record), revision }),
    { isOfGuide: true },
  );

const ITEMS_AT_ONCE = 1_000;
const PAGES_AT_ONCE = 250; // of some 20 kB
const TABLES_AT_ONCE = 250; // of 20 kB at most
/** One piece goes in so many writes at once, each of which the server works at by itself. */
const WRITES_AT_ONCE = 4;

const COUNTED_MOST = 100_000;

const BY = 'migration'; // no process's name, and no place of arrival
const NO_TURN = 0; // below that of whoever settles next

const HELD: { [K in Kind]: Held<Kinds[K]> } = {
  accounts: held<Kinds['accounts'], AccountDocument>('accounts', accountDocumentOf, accountOf),
  tokens: held<Kinds['tokens'], TokenDocument>('tokens', ({ hash, ...rest }) => ({ _id: hash, ...rest }), tokenOf),
  origins: held<Origin, Omit<Origin, 'no'> & { _id: number }>(
    'origins',
    ({ no, ...rest }) => ({ _id: no, ...rest }),
    ({ _id, ...rest }) => ({ no: _id, ...rest }),
  ),
  audit: held(
    'audit',
    ({ id, ...rest }) => ({ _id: id, ...rest }),
    ({ _id, ...rest }) => ({ id: _id, ...rest }),
  ),
  runs: held<Kinds['runs'], RunDocument>(
    'job_runs',
    ({ name, dueAt, ...rest }) => ({ _id: { name, dueAt }, dueAt, ...rest }),
    runOf,
  ),
  templates: held(
    'report_templates',
    ({ template, text }) => ({ _id: template, text }),
    ({ _id, text }) => ({ template: _id, text }),
  ),
  services: heldRecords<Kinds['services']>('guide_services'),
  items: heldRecords<Kinds['items']>('guide_items'),
  pages: held(
    'guide_pages',
    ({ service, day, revision, programmes }) => ({
      _id: pageIdOf({ service, day, revision }),
      service,
      day,
      revision,
      programmes: JSON.stringify(programmes),
    }),
    ({ service, day, revision, programmes }) => ({ service, day, revision, programmes: JSON.parse(programmes) }),
    { isOfGuide: true, atOnce: PAGES_AT_ONCE },
  ),
  revisions: held<Kinds['revisions'], { _id: number; publishedAt: number }>(
    'guide_revisions',
    ({ revision, publishedAt }) => ({ _id: revision, publishedAt }),
    ({ _id, publishedAt }) => ({ revision: _id, publishedAt }),
  ),
  guide: held(
    'guide_state',
    ({ revision, oldest }) => ({ _id: 'state', revision, oldest, heldUntil: 0 }),
    ({ revision, oldest = 0 }) => ({ revision, oldest }),
    { filter: { revision: { $gt: 0 } } },
  ),
  subscriptions: held<Kinds['subscriptions'], TableDocument>(
    'subscription_tables',
    ({ viewer, ...table }) => ({ _id: viewer, ...table }),
    tableOf,
    { atOnce: TABLES_AT_ONCE },
  ),
  keys: held<Kinds['keys'], KeyDocument>('service_keys', keyDocumentOf, keyOf),
  epoch: held(
    'push_state',
    ({ epoch }) => ({ _id: 'epoch', epoch }),
    ({ epoch }) => ({ epoch }),
  ),
  events: held<Kinds['events'], EventDocument>(
    'push_events',
    ({ offset, ...event }) => eventDocumentOf(event, offset),
    eventOf,
  ),
  cursors: held<Kinds['cursors'], CursorDocument>(
    'push_cursors',
    ({ name, ...rest }) => ({ _id: name, ...rest }),
    ({ _id, ...rest }) => ({ name: _id, ...rest }),
  ),
  reports: held<Kinds['reports'], ReportDocument>(
    'reports',
    (report) => ({ _id: reportNameOf(report), ...report, by: BY, arrival: BY }),
    reportOf,
    { by: 'receivedAt' },
  ),
  sessions: held<Kinds['sessions'], SessionDocument>(
    'sessions',
    (session) => ({ _id: sessionNameOf(session), ...session }),
    (document) => sessionOf(document) as Kinds['sessions'],
  ),
  orphans: held<Kinds['orphans'], OrphanDocument>(
    'orphans',
    (orphan) => ({ _id: orphanNameOf(orphan), ...orphan }),
    ({ _id, ...orphan }) => orphan,
  ),
  open: held<Kinds['open'], StateDocument>(
    'device_states',
    ({ device, viewer, state }) => ({
      _id: device,
      turn: NO_TURN,
      viewer,
      state,
      ...shownOf(state),
    }),
    ({ _id, viewer, state }) => ({ device: _id, viewer, state: state as Kinds['open']['state'] }),
    { filter: { silentAt: { $gt: 0 } } },
  ),
};

/** Collections that are not moved. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  arrived_reports: 'empty, since all is settled before',
  guide_stage: 'a load that is under way',
  job_leases: 'of the moment',
  key_check: 'written by the first process that opens the target with the key',
  migration: 'of this store',
  online_states: 'of the moment',
  stream_signs: 'of the moment',
};

/** The collections' indexes are made by the stores of the products. */
export async function createMongoDataSet({ db, place, collection }: MongoDatabase): Promise<DataSet> {
  const migrations = await collection<{ _id: string; migration: string }>('migration');
  const guide = db.collection<{ _id: string; revision: number }>('guide_state');

  async function filterOf({ filter = {}, isOfGuide }: Pick<Held<unknown>, 'filter' | 'isOfGuide'>) {
    if (isOfGuide !== true) return filter;
    return { ...filter, revision: { $lte: (await guide.findOne({ _id: 'state' }))?.revision ?? 0 } };
  }

  return {
    place,

    ...tellProblems<Omit<DataSet, 'place' | 'read'>>('all', {
      async listUnknown() {
        const known = new Set([...Object.keys(LEFT_OUT), ...Object.values(HELD).map(({ collection: name }) => name)]);
        const found = await db.listCollections({}, { nameOnly: true }).toArray();
        return found.map(({ name }) => name).filter((name) => !known.has(name) && !name.startsWith('system.'));
      },

      async count(kind) {
        const { collection: name, filter } = HELD[kind];
        const found = db.collection(name);
        const about = await found.estimatedDocumentCount();
        // To count many takes long, and an estimate of few is far off just after they were written.
        return about > COUNTED_MOST ? about : found.countDocuments(filter ?? {});
      },

      async write(kind, items) {
        const { collection: name, documentOf } = HELD[kind];
        const documents = items.map(documentOf);
        if (kind === 'guide') {
          for (const { _id, ...rest } of documents)
            await db.collection<Document>(name).replaceOne({ _id }, rest, { upsert: true });
          return;
        }
        const size = Math.ceil(documents.length / WRITES_AT_ONCE);
        const parts = Array.from({ length: WRITES_AT_ONCE }, (_, at) => documents.slice(at * size, (at + 1) * size));
        await Promise.all(parts.map((part) => insertAbsent(db.collection<Document>(name), part)));
      },

      async findMigration() {
        const found = await migrations.findOne({ _id: 'migration' });
        return found === null ? undefined : (JSON.parse(found.migration) as Migration);
      },

      async putMigration(migration) {
        const replacement = { migration: JSON.stringify(migration) };
        await migrations.replaceOne({ _id: 'migration' }, replacement, { upsert: true });
      },
    }),

    read: tellPagedProblems(async function* <K extends Kind>(kind: K, position?: string) {
      const { collection: name, itemOf, by = '_id', atOnce = ITEMS_AT_ONCE, ...more } = HELD[kind] as Held<Kinds[K]>;
      const after: unknown = position === undefined ? new MinKey() : JSON.parse(position);
      // A bound in any case: DocumentDB sorts by an index only within bounds.
      const filter = { ...(await filterOf(more)), [by]: by === '_id' ? { $gt: after } : { $gte: after } };
      const found = db.collection<Document>(name).find(filter, { allowDiskUse: true });
      const sorted = found.sort({ [by]: 1 } as Sort).batchSize(atOnce);
      let items: Kinds[K][] = [];
      let last: unknown;
      for await (const document of sorted) {
        items.push(itemOf(document));
        last = document[by];
        if (items.length < atOnce) continue;
        yield { items, position: JSON.stringify(last) };
        items = [];
      }
      if (items.length > 0) yield { items, position: JSON.stringify(last) };
    }) as DataSet['read'],
  };
}
