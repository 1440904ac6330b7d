// The guide as one asks for it: whole or what changed, of services, in a window, in a language; as parts to be written (G4).

import { setImmediate } from 'node:timers/promises';
import { Problem } from '../server/problem.ts';
import type { GuideStore } from './guide-store.ts';
import { type Deletion, listDeletions, type PageChange, pageChanges } from './page-changes.ts';
import { type PurchaseItem, servicesIn } from './purchase-item.ts';
import { dayOf, LONGEST_PROGRAMME_MS, type Programme, type Service } from './schedule.ts';
import { inLanguage } from './text-language.ts';

/** What is asked for. */
export interface GuideQuery {
  /** Absent: all. */
  services?: readonly string[];
  /** Programmes that overlap [from, to), epoch ms; without `to` all from there on. */
  from: number;
  to?: number;
  /** BCP 47; absent: texts in every language. */
  language?: string;
  /** Absent: the present one. */
  version?: number;
  /** Only what changed from this version on. */
  since?: number;
}

/** The same for each part of one view. */
export interface GuideHead {
  version: number;
  since?: number;
  from: number;
  to?: number;
}

export type GuidePart =
  | ({ kind: 'deleted' } & Deletion)
  | { kind: 'service'; service: Service }
  | { kind: 'item'; item: PurchaseItem }
  /** What of one service starts on one UTC day; never empty. */
  | { kind: 'schedule'; service: string; day: number; programmes: Programme[] };

export interface GuideView {
  head: GuideHead;
  /** Deletions, services by (order, id), items by id, schedules; some at a time, others' work running between. */
  parts(): AsyncGenerator<GuidePart>;
}

/** Services whose pages are read at once: a fortnight of them is some megabytes. */
const SERVICES_AT_ONCE = 8;
/** Beyond the last day of a Date. */
const LAST_DAY = 100_000_001;

/**
 * Problem `not_found` for a version that isn't there yet, `gone` for one, or a `since`, that is no longer kept or was never there:
 * the guide is to be fetched whole.
 */
export async function viewGuide(store: GuideStore, query: GuideQuery): Promise<GuideView> {
  const { since, from, to } = query;
  const present = await store.revision();
  const version = query.version ?? present;
  if (version > present)
    throw new Problem('not_found', `the guide has no version ${version}; the present one is ${present}`);
  const oldest = await store.oldestRevision();
  if (version < oldest) throw new Problem('gone', `version ${version} is not kept; the oldest is ${oldest}`);
  if (since !== undefined && (since < oldest || since > version))
    throw new Problem('gone', `what changed since version ${since} is not known: fetch the guide whole, without since`);
  const head = {
    version,
    ...(since === undefined ? {} : { since }),
    from,
    ...(to === undefined ? {} : { to }),
  };
  return {
    head,
    parts: () => (since === undefined ? wholeOf(store, query, version) : changesOf(store, query, since, version)),
  };
}

async function* wholeOf(store: GuideStore, query: GuideQuery, version: number): AsyncGenerator<GuidePart> {
  const { services, items } = await listedAt(store, query, version);
  for (const service of services.values()) yield servicePart(service, query);
  for (const item of items.values()) yield itemPart(item, query);
  yield* schedulesOf(store, query, [...services.keys()], version);
}

async function* schedulesOf(
  store: GuideStore,
  query: GuideQuery,
  services: readonly string[],
  version: number,
): AsyncGenerator<GuidePart> {
  const { fromDay, toDay } = daysOf(query);
  for (let start = 0; start < services.length; start += SERVICES_AT_ONCE) {
    const pages = await store.listPages(services.slice(start, start + SERVICES_AT_ONCE), fromDay, toDay, version);
    for (const { service, day, programmes } of pages)
      yield* schedulePart(service, day, inWindow(programmes, query), query);
    await setImmediate();
  }
}

async function* changesOf(
  store: GuideStore,
  query: GuideQuery,
  since: number,
  version: number,
): AsyncGenerator<GuidePart> {
  const [before, now] = [await listedAt(store, query, since), await listedAt(store, query, version)];
  for (const id of before.services.keys())
    if (!now.services.has(id)) yield { kind: 'deleted', fragment: 'Service', id };
  for (const id of before.items.keys()) if (!now.items.has(id)) yield { kind: 'deleted', fragment: 'PurchaseItem', id };
  const { pages } = await store.listChanges(since, version);
  const { fromDay, toDay } = daysOf(query);
  const isIn = ({ service, day }: { service: string; day: number }): boolean =>
    day >= fromDay && day < toDay && now.services.has(service) && before.services.has(service);
  // Read twice, since what is deleted comes first and nobody can hold the changes of a large load.
  const changes = async function* (): AsyncGenerator<PageChange> {
    for await (const change of pageChanges(store, pages.filter(isIn), since, version))
      yield { ...change, before: inWindow(change.before, query), now: inWindow(change.now, query) };
  };
  for await (const change of changes()) for (const one of listDeletions(change)) yield { kind: 'deleted', ...one };
  for (const service of changed(before.services, now.services)) yield servicePart(service, query);
  for (const item of changed(before.items, now.items)) yield itemPart(item, query);
  const fresh = [...now.services.keys()].filter((id) => !before.services.has(id));
  yield* schedulesOf(store, query, fresh, version);
  for await (const { service, day, before: old, now: present } of changes()) {
    const known = new Set(old.map((one) => JSON.stringify(one)));
    yield* schedulePart(
      service,
      day,
      present.filter((one) => !known.has(JSON.stringify(one))),
      query,
    );
  }
}

interface Listed {
  services: Map<string, Service>;
  items: Map<string, PurchaseItem>;
}

/** The services asked for, and what of them can be bought. */
async function listedAt(store: GuideStore, { services: asked }: GuideQuery, version: number): Promise<Listed> {
  const services = new Map((await store.listServices(version)).map((service) => [service.id, service]));
  const items = new Map((await store.listItems(version)).map((item) => [item.id, item]));
  if (asked === undefined) return { services, items };
  const wanted = new Set(asked);
  return {
    services: new Map([...services].filter(([id]) => wanted.has(id))),
    items: new Map([...items].filter(([id]) => [...servicesIn(id, items)].some((service) => wanted.has(service)))),
  };
}

function* changed<T>(before: ReadonlyMap<string, T>, now: ReadonlyMap<string, T>): Generator<T> {
  for (const [id, one] of now) if (JSON.stringify(before.get(id)) !== JSON.stringify(one)) yield one;
}

const servicePart = (service: Service, { language }: GuideQuery): GuidePart => ({
  kind: 'service',
  service: language === undefined ? service : { ...service, names: inLanguage(service.names, language) },
});

const itemPart = (item: PurchaseItem, { language }: GuideQuery): GuidePart => ({
  kind: 'item',
  item: language === undefined ? item : inItsLanguage(item, item.names, 'names', language),
});

function* schedulePart(
  service: string,
  day: number,
  programmes: readonly Programme[],
  { language }: GuideQuery,
): Generator<GuidePart> {
  if (programmes.length === 0) return;
  const told = programmes.map((one) =>
    language === undefined ? one : inItsLanguage(one, one.titles, 'titles', language),
  );
  yield { kind: 'schedule', service, day, programmes: told };
}

function inItsLanguage<T extends { descriptions?: Record<string, string> }>(
  one: T,
  names: Record<string, string>,
  field: 'names' | 'titles',
  language: string,
): T {
  const { descriptions } = one;
  return {
    ...one,
    [field]: inLanguage(names, language),
    ...(descriptions === undefined ? {} : { descriptions: inLanguage(descriptions, language) }),
  };
}

const daysOf = ({ from, to }: GuideQuery): { fromDay: number; toDay: number } => ({
  fromDay: dayOf(from - LONGEST_PROGRAMME_MS),
  toDay: to === undefined ? LAST_DAY : dayOf(to - 1) + 1,
});

const inWindow = (programmes: readonly Programme[], { from, to = Number.POSITIVE_INFINITY }: GuideQuery): Programme[] =>
  programmes.filter((one) => one.startAt < to && one.stopAt > from);
