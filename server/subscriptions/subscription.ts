// Who subscribes to what: one user's table, its versions, and what changed between them (G7, G8). Pure.

/** How it came in (G7): from the user's handset, from staff, from a business system such as a web shop, or by sync. */
export type Way = 'handset' | 'operator' | 'business' | 'sync';

/** One purchase item that a user has, in [since, until); times in epoch ms. */
export interface Subscription {
  item: string;
  since: number;
  /** Absent: for good. */
  until?: number;
  bought: Way;
  orderedAt: number;
}

export type ChangeKind = 'ordered' | 'changed' | 'cancelled' | 'expired';

/** What happened to an item at a version. Several may share one: they were one write. */
export interface Change {
  version: number;
  at: number;
  item: string;
  kind: ChangeKind;
}

/** All that is kept of one user, written whole. */
export interface SubscriptionTable {
  /** The user's pseudonym. */
  viewer: number;
  /** Counts the writes that changed something; 0 before the first. */
  version: number;
  /** In order of ordering, each item once; what is over stays until the next write. */
  held: readonly Subscription[];
  /** The last changes, oldest first. */
  changes: readonly Change[];
  /** Changes up to this version may be no longer among them. */
  forgotten: number;
  /** The version of which the user's devices were told. */
  told: number;
  /** When somebody must look at it: a subscription ends, or devices were not told. Epoch ms; absent: never. */
  dueAt?: number;
}

/** What a device gets: the whole table, or what changed since a version that it has. */
export interface TableView {
  version: number;
  /** Absent: `items` is all there is, and replaces what the device has. */
  since?: number;
  items: Subscription[];
  removed: { item: string; reason: 'cancelled' | 'expired'; at: number }[];
}

/** Items of one user: every answer and event holds them all. */
export const MOST_HELD = 100;
/** A device that missed more gets the whole table. */
const CHANGES_KEPT = 100;
/** Devices that were not told by then are told by a job. */
const TELL_AGAIN_MS = 60_000;

export const emptyTable = (viewer: number): SubscriptionTable => ({
  viewer,
  version: 0,
  held: [],
  changes: [],
  forgotten: 0,
  told: 0,
});

/** G10: by the clock, whatever was written. */
const isHeld = ({ until = Number.POSITIVE_INFINITY }: Subscription, at: number): boolean => at < until;

export const heldAt = (table: Pick<SubscriptionTable, 'held'>, at: number): Subscription[] =>
  table.held.filter((each) => isHeld(each, at));

/** The table one version on, with `held` in the place of what was; what is over by `now` goes, too, and is noted. */
export function nextVersion(
  table: SubscriptionTable,
  held: readonly Subscription[],
  changes: readonly Pick<Change, 'item' | 'kind'>[],
  now: number,
): SubscriptionTable {
  const version = table.version + 1;
  const named = new Set(changes.map(({ item }) => item));
  const over = held.filter((each) => !isHeld(each, now) && !named.has(each.item));
  const expired = over.map(({ item }) => ({ item, kind: 'expired' as const }));
  const all = [
    ...table.changes,
    ...[...expired, ...changes].map(({ item, kind }) => ({ version, at: now, item, kind })),
  ];
  const kept = all.slice(-CHANGES_KEPT);
  const lost = all.at(-CHANGES_KEPT - 1);
  return withDueTime({
    ...table,
    version,
    held: held.filter((each) => isHeld(each, now)),
    changes: kept,
    forgotten: lost?.version ?? table.forgotten,
    dueAt: now + TELL_AGAIN_MS,
  });
}

/** The same table once the user's devices know of it. */
export const toldTable = ({ dueAt: _, ...table }: SubscriptionTable): SubscriptionTable =>
  withDueTime({ ...table, told: table.version });

function withDueTime({ dueAt, ...table }: SubscriptionTable): SubscriptionTable {
  const times = [dueAt, ...table.held.map(({ until }) => until)].filter((time) => time !== undefined);
  return times.length === 0 ? table : { ...table, dueAt: Math.min(...times) };
}

/** What a device that has version `since` needs; the whole where that is not known any more, or never was. */
export function viewOf(table: SubscriptionTable, since: number | undefined, now: number): TableView {
  const { version, changes, held, forgotten } = table;
  if (since === undefined || since < forgotten || since > version)
    return { version, items: heldAt(table, now), removed: [] };
  const last = new Map(changes.filter((change) => change.version > since).map((change) => [change.item, change]));
  const removed: TableView['removed'] = [];
  for (const { item, kind, at } of last.values())
    if (kind === 'cancelled' || kind === 'expired') removed.push({ item, reason: kind, at });
  for (const { item, until } of held)
    if (until !== undefined && until <= now) removed.push({ item, reason: 'expired', at: until });
  return { version, since, items: heldAt(table, now).filter(({ item }) => last.has(item)), removed };
}
