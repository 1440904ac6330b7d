// Which services each user would have to buy and has not, known for some seconds: asked for with each guide and each report (G6).

import type { Offering, Offers } from '../../sg/offers.ts';
import { createFreshCache } from '../accounts/fresh-cache.ts';
import { entitlementsOf } from './entitlement.ts';
import type { SubscriptionTable } from './subscription.ts';

export interface LockedServices {
  /** At once when it was read in the last seconds. */
  of(viewer: number): ReadonlySet<string> | Promise<ReadonlySet<string>>;
  /** Reads the user's table afresh next time. */
  forget(viewer: number): void;
}

const FRESH_MS = 5_000; // how soon another process's change is seen here, as with accounts
const VIEWERS_MOST = 50_000; // some 10 MB
const NOTHING: ReadonlySet<string> = new Set();
const SETS_MOST = 1_000; // people buy the same bundles

export function createLockedServices(deps: {
  tableOf(viewer: number): Promise<SubscriptionTable>;
  offers: Offers;
  clock: () => number;
}): LockedServices {
  const { tableOf, offers, clock } = deps;
  const known = createFreshCache<ReadonlySet<string>>(VIEWERS_MOST, FRESH_MS);
  let nothingSoldAt = Number.NEGATIVE_INFINITY;
  let sets: { of: Offering | undefined; byEntitled: Map<string, ReadonlySet<string>> } = {
    of: undefined,
    byEntitled: new Map(),
  };

  const read = async (viewer: number): Promise<ReadonlySet<string>> => {
    const now = clock();
    const offering = await offers.current();
    if (offering.sold.size === 0) {
      nothingSoldAt = now;
      return NOTHING;
    }
    const entitled = entitlementsOf(await tableOf(viewer), offering, now);
    if (sets.of !== offering || sets.byEntitled.size >= SETS_MOST) sets = { of: offering, byEntitled: new Map() };
    const name = [...entitled.keys()].join('/'); // no id has a slash
    const locked = sets.byEntitled.get(name) ?? new Set([...offering.sold].filter((service) => !entitled.has(service)));
    sets.byEntitled.set(name, locked);
    known.put(String(viewer), locked, now);
    return locked;
  };

  return {
    of(viewer) {
      const now = clock();
      if (Math.abs(now - nothingSoldAt) < FRESH_MS) return NOTHING; // as each report asks, most of the time in vain
      return known.find(String(viewer), now) ?? read(viewer);
    },
    forget: (viewer) => known.remove(String(viewer)),
  };
}
