// What is on offer as the guide says it now, held in memory until the guide changes: for those who sell, check and make keys (G1, G9, G10).

import type { GuideStore } from './guide-store.ts';
import { periodEnd } from './period.ts';
import { type PurchaseItem, servicesIn } from './purchase-item.ts';
import { zoneNamed } from './zone-time.ts';

/** One revision of what can be bought. */
export interface Offering {
  find(item: string): PurchaseItem | undefined;
  /** Every service that comes with an item, through all parts of it; none for an item that is not there. */
  servicesOf(item: string): ReadonlySet<string>;
  /** Services that come with any item. All others are free for everybody. */
  sold: ReadonlySet<string>;
  /** Epoch ms when an item bought at `from` ends; undefined: for good. */
  endOf(item: PurchaseItem, from: number): number | undefined;
}

export interface Offers {
  current(): Promise<Offering>;
}

/** `zone` is the IANA zone in whose calendar periods are counted. */
export function createOffers({
  store,
  zone,
}: {
  store: Pick<GuideStore, 'revision' | 'listItems'>;
  zone: string;
}): Offers {
  const inZone = zoneNamed(undefined, zone);
  let known: { revision: number; offering: Promise<Offering> } | undefined;

  const read = async (revision: number): Promise<Offering> => {
    const items = new Map((await store.listItems(revision)).map((item) => [item.id, item]));
    const services = new Map<string, Set<string>>();
    const servicesOf = (item: string): ReadonlySet<string> => {
      const found = services.get(item) ?? servicesIn(item, items);
      if (items.has(item)) services.set(item, found);
      return found;
    };
    return {
      find: (item) => items.get(item),
      servicesOf,
      sold: new Set([...items.values()].flatMap((item) => item.services)),
      endOf: ({ period }, from) => (period === undefined ? undefined : periodEnd(period, from, inZone)),
    };
  };

  return {
    async current() {
      const revision = await store.revision();
      if (known?.revision !== revision) {
        const entry = { revision, offering: read(revision) };
        known = entry;
        entry.offering.catch(() => {
          if (known === entry) known = undefined;
        });
      }
      return known.offering;
    },
  };
}
