// Who subscribes to what, and what that opens: ordering, cancelling, sync, expiry, entitlement (G7-G10).

import type { Offering, Offers } from '../../sg/offers.ts';
import type { Log } from '../log.ts';
import { Problem } from '../problem.ts';
import type { Notify } from '../push/event.ts';
import { type Entitlement, entitlementsOf } from './entitlement.ts';
import { createLockedServices, type LockedServices } from './locked-services.ts';
import {
  type Cancelled,
  cancel,
  expire,
  type ListedItem,
  type Order,
  type Ordered,
  order,
  takeList,
} from './ordering.ts';
import {
  type ChangeKind,
  emptyTable,
  heldAt,
  type Subscription,
  type SubscriptionTable,
  type TableView,
  toldTable,
  viewOf,
} from './subscription.ts';
import type { SubscriptionStore } from './subscription-store.ts';

/** What came of a write: whether it changed the table, and at which version that is now. */
export type Written<Result> = Omit<Result, 'table'> & { version: number; isChanged: boolean };

/** Users are named by their pseudonym. What changes something resolves when it is durable. */
export interface Subscriptions {
  /** The user's table: what changed since a version, or all. */
  view(viewer: number, since?: number): Promise<TableView>;
  /** What the user has now, in order of ordering. */
  list(viewer: number): Promise<Subscription[]>;
  /** See `order` in ordering.ts for the answers. Problem `unavailable` when others change the same table all the time. */
  order(viewer: number, request: Order): Promise<Written<Ordered>>;
  cancel(viewer: number, item: string): Promise<Written<Cancelled>>;
  /** Takes a device's list where policy says so (see `takeList`), and answers the whole table in any case (G8). */
  sync(viewer: number, list: { items: readonly ListedItem[]; basis: number } | undefined): Promise<TableView>;
  /** Services that are in no purchase item are free for everybody. `at`: epoch ms, by default now. */
  isEntitled(viewer: number, service: string, at?: number): Promise<boolean>;
  /** The services that the user pays for, by id; the free ones are not among them. */
  listEntitled(viewer: number, at?: number): Promise<Entitlement[]>;
  /** Services that the user would have to buy and has not (G6); at once, and up to 5 s old, when it was asked for before. */
  lockedServices: LockedServices['of'];
  /** Takes off what is over and tells the devices, also what they were not told before. Answers how many tables it saw to. */
  settleDue(): Promise<number>;
  /** All that is kept of a user, for an export (O2). */
  export(viewer: number): Promise<{ version: number; items: Subscription[]; changes: SubscriptionTable['changes'] }>;
  erase(viewer: number): Promise<void>;
}

export interface SubscriptionsDeps {
  store: SubscriptionStore;
  offers: Offers;
  notify: Notify;
  /** Whose table counts when a device syncs (G8). */
  syncPolicy: 'server' | 'device';
  clock: () => number;
  log: Log;
  countChange?(kind: ChangeKind): void;
}

const ATTEMPTS = 20; // each is lost to another's success: twenty processes may write to one user's table at once
const DUE_AT_ONCE = 200;

export function createSubscriptions(deps: SubscriptionsDeps): Subscriptions {
  const { store, offers, notify, clock, log } = deps;
  const tableOf = async (viewer: number): Promise<SubscriptionTable> =>
    (await store.find(viewer)) ?? emptyTable(viewer);

  const locked = createLockedServices({ tableOf, offers, clock });

  /** One event for all devices of the user, named by the version: told twice, it is one (G8, G13). */
  const tell = async (table: SubscriptionTable): Promise<void> => {
    const { viewer, version } = table;
    const items = heldAt(table, clock()).map(({ item, since, until }) => ({
      item,
      since: new Date(since).toISOString(),
      ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    }));
    await notify({
      kind: 'subscription-changed',
      audience: { viewer },
      content: { version, items },
      key: `subscription/${viewer}/${version}`,
    });
    await store.put(toldTable(table), version); // refused where another change came meanwhile: that one is told, too
  };

  const counted = (before: SubscriptionTable, table: SubscriptionTable): void => {
    for (const { version, kind } of table.changes) if (version > before.version) deps.countChange?.(kind);
  };

  const write = async <Result extends { table?: SubscriptionTable }>(
    viewer: number,
    work: (table: SubscriptionTable, offering: Offering, now: number) => Result,
  ): Promise<Written<Result>> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const before = await tableOf(viewer);
      const { table, ...result } = work(before, await offers.current(), clock());
      if (table === undefined) return { ...result, version: before.version, isChanged: false };
      if (!(await store.put(table, before.version))) continue;
      counted(before, table);
      locked.forget(viewer);
      // It is ordered whether or not the devices can be told now: a job sees to that.
      await tell(table).catch((error: unknown) => log.error({ error }, 'devices are told of a subscription later'));
      return { ...result, version: table.version, isChanged: true };
    }
    throw new Problem('unavailable', 'others change these subscriptions all the time', { retryAfterS: 1 });
  };

  /** False when another change came first, which sees to itself. */
  const settle = async (table: SubscriptionTable): Promise<void> => {
    const ended = expire(table, clock());
    if (ended !== undefined) {
      if (!(await store.put(ended, table.version))) return;
      counted(table, ended);
      locked.forget(table.viewer);
    }
    await tell(ended ?? table);
  };

  return {
    view: async (viewer, since) => viewOf(await tableOf(viewer), since, clock()),
    list: async (viewer) => heldAt(await tableOf(viewer), clock()),
    order: (viewer, request) => write(viewer, (table, offering, now) => order(table, offering, request, now)),
    cancel: (viewer, item) => write(viewer, (table, offering, now) => cancel(table, offering, item, now)),

    async sync(viewer, list) {
      if (deps.syncPolicy === 'device') {
        if (list === undefined) throw new Problem('invalid', 'the device sends its list and the version that it has');
        await write(viewer, (table, offering, now) => {
          const taken = takeList(table, offering, list, now);
          return taken === undefined ? {} : { table: taken };
        });
      }
      return viewOf(await tableOf(viewer), undefined, clock());
    },

    async isEntitled(viewer, service, at = clock()) {
      const offering = await offers.current();
      if (!offering.sold.has(service)) return true;
      return entitlementsOf(await tableOf(viewer), offering, at).has(service);
    },
    async listEntitled(viewer, at = clock()) {
      return [...entitlementsOf(await tableOf(viewer), await offers.current(), at).values()];
    },
    lockedServices: locked.of,

    async settleDue() {
      let settled = 0;
      for (;;) {
        const page = await store.listDue(clock(), DUE_AT_ONCE);
        const outcomes = await Promise.allSettled(page.map(settle));
        const failed = outcomes.find((outcome) => outcome.status === 'rejected');
        settled += outcomes.filter(({ status }) => status === 'fulfilled').length;
        if (failed !== undefined) throw failed.reason; // the next run goes on: what is done is no longer due
        if (page.length < DUE_AT_ONCE) return settled;
      }
    },

    async export(viewer) {
      const { version, held, changes } = await tableOf(viewer);
      return { version, items: [...held], changes };
    },
    async erase(viewer) {
      await store.remove(viewer);
      locked.forget(viewer);
    },
  };
}
