// What comes of an order, a cancellation and a device's own list, for every odd case (G9). Pure.

import type { Offering } from '../../sg/offers.ts';
import { type Fault, Problem } from '../problem.ts';
import {
  type Change,
  heldAt,
  MOST_HELD,
  nextVersion,
  type Subscription,
  type SubscriptionTable,
  type Way,
} from './subscription.ts';

/** `since` and `until`, epoch ms, are for those outside who know better than the guide (G7). */
export interface Order {
  item: string;
  bought: Way;
  since?: number;
  until?: number;
}

/** An item as a device lists it. `line` is where, from 1. */
export interface ListedItem {
  item: string;
  since?: number;
  line?: number;
}

/** `table` is what is to be written; absent: nothing changes. */
export interface Ordered {
  table?: SubscriptionTable;
  /** The user did not have it. */
  isNew: boolean;
  subscription: Subscription;
  /** Held items with which every service of this one comes already. It is ordered on its own right all the same. */
  coveredBy: string[];
}

export interface Cancelled {
  table?: SubscriptionTable;
  /** Services of the item that the user still has by another one. */
  stillEntitled: string[];
}

/**
 * Ordered again it stays as it is, unless another `until` is given. Problem `not_found`: no such item; `conflict`: not yet on offer,
 * over already, or too many items; `gone`: no longer on offer; `invalid`: times that do not fit.
 */
export function order(table: SubscriptionTable, offering: Offering, request: Order, now: number): Ordered {
  const held = heldAt(table, now);
  const before = held.find(({ item }) => item === request.item);
  const coveredBy = held.filter((each) => covers(offering, each.item, request.item)).map(({ item }) => item);
  if (before !== undefined && (request.until === undefined || request.until === before.until))
    return { isNew: false, subscription: before, coveredBy };
  const subscription =
    before === undefined
      ? newSubscription(offering, request, now)
      : notOver({ ...before, ...(request.until === undefined ? {} : { until: request.until }) }, now);
  const list =
    before === undefined
      ? [...table.held.filter(({ item }) => item !== request.item), subscription]
      : table.held.map((each) => (each === before ? subscription : each));
  if (before === undefined && held.length >= MOST_HELD)
    throw new Problem('conflict', `a user may have ${MOST_HELD} items at once`);
  const isNew = before === undefined;
  const changes = [{ item: request.item, kind: isNew ? ('ordered' as const) : ('changed' as const) }];
  return { table: nextVersion(table, list, changes, now), isNew, subscription, coveredBy };
}

/** What the user does not have stays so. Problem `not_found` for what is neither in the guide nor among the user's last changes. */
export function cancel(table: SubscriptionTable, offering: Offering, item: string, now: number): Cancelled {
  const held = heldAt(table, now);
  const services = offering.servicesOf(item);
  const others = held.filter((each) => each.item !== item);
  const rest = new Set(others.flatMap((each) => [...offering.servicesOf(each.item)]));
  const stillEntitled = [...services].filter((service) => rest.has(service)).sort();
  if (held.length === others.length) {
    const isKnown =
      offering.find(item) !== undefined || [...table.held, ...table.changes].some((one) => one.item === item);
    if (!isKnown) throw new Problem('not_found', `there is no purchase item ${item}`);
    return { stillEntitled };
  }
  const left = table.held.filter((each) => each.item !== item);
  return { table: nextVersion(table, left, [{ item, kind: 'cancelled' }], now), stillEntitled };
}

/** The table without what is over; undefined when nothing is. */
export function expire(table: SubscriptionTable, now: number): SubscriptionTable | undefined {
  return heldAt(table, now).length === table.held.length ? undefined : nextVersion(table, table.held, [], now);
}

/**
 * The device's list in the place of the table's: what it lacks is cancelled, what is new ordered. Until when follows from the item,
 * never from the device. `basis` is the version that the device has. Undefined when nothing changes, as when it is sent again.
 * Problem `conflict` when the device missed a change, or for items that can't be ordered, with each as a fault.
 */
export function takeList(
  table: SubscriptionTable,
  offering: Offering,
  { items, basis }: { items: readonly ListedItem[]; basis: number },
  now: number,
): SubscriptionTable | undefined {
  const held = new Map(heldAt(table, now).map((each) => [each.item, each]));
  const listed = new Map(items.map((each) => [each.item, each]));
  const known = new Set(table.held.map(({ item }) => item)); // what ended a moment ago is over, not new
  const fresh = [...listed.values()].filter(({ item }) => !known.has(item));
  const dropped = [...held.keys()].filter((item) => !listed.has(item));
  if (fresh.length + dropped.length === 0) return undefined;
  if (basis !== table.version)
    throw new Problem(
      'conflict',
      `the table is at version ${table.version}, not ${basis}: fetch what changed since, then send again`,
    );
  if (listed.size > MOST_HELD) throw new Problem('conflict', `a user may have ${MOST_HELD} items at once`);
  const faults: Fault[] = [];
  const bought = fresh.flatMap((each) => {
    try {
      return [newSubscription(offering, { ...each, bought: 'sync' }, now)];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      faults.push({ ...(each.line === undefined ? {} : { line: each.line }), element: each.item, rule: error.detail });
      return [];
    }
  });
  if (faults.length > 0) throw new Problem('conflict', 'some items cannot be ordered; nothing was changed', { faults });
  const changes: Pick<Change, 'item' | 'kind'>[] = [
    ...dropped.map((item) => ({ item, kind: 'cancelled' as const })),
    ...fresh.map(({ item }) => ({ item, kind: 'ordered' as const })),
  ];
  const kept = table.held.filter(({ item }) => listed.has(item) || !held.has(item));
  return nextVersion(table, [...kept, ...bought], changes, now);
}

/** Every service of `item` comes with `bundle`, which is another. */
function covers(offering: Offering, bundle: string, item: string): boolean {
  const services = [...offering.servicesOf(item)];
  const more = offering.servicesOf(bundle);
  return bundle !== item && services.length > 0 && services.every((service) => more.has(service));
}

function newSubscription(offering: Offering, { item: id, bought, ...times }: Order, now: number): Subscription {
  const item = offering.find(id);
  if (item === undefined) throw new Problem('not_found', `there is no purchase item ${id}`);
  const since = times.since ?? now;
  if (since > now) throw new Problem('invalid', 'a subscription cannot begin in the future');
  const { validFrom, validTo } = item;
  if (validFrom !== undefined && since < validFrom)
    throw new Problem('conflict', `${id} is on offer from ${iso(validFrom)} on`);
  if (validTo !== undefined && since >= validTo)
    throw new Problem('gone', `${id} is no longer on offer, since ${iso(validTo)}`);
  const until = times.until ?? offering.endOf(item, since);
  return notOver({ item: id, since, ...(until === undefined ? {} : { until }), bought, orderedAt: now }, now);
}

function notOver(subscription: Subscription, now: number): Subscription {
  const { item, since, until } = subscription;
  if (until !== undefined && until <= Math.max(now, since))
    throw new Problem('conflict', `${item} would be over already: it ends ${iso(until)}`);
  return subscription;
}

const iso = (at: number): string => new Date(at).toISOString();
