// A guide that sells services and bundles, one within another, and subscriptions on it: what tests of G7-G11 share.

import { createLog } from '../../server/log.ts';
import { Problem } from '../../server/problem.ts';
import type { NewEvent } from '../../server/push/event.ts';
import { createSubscriptions, type Subscriptions } from '../../server/subscriptions/subscriptions.ts';
import { createGuide } from '../../sg/guide.ts';
import { createOffers, type Offers } from '../../sg/offers.ts';
import type { PurchaseItem } from '../../sg/purchase-item.ts';
import type { Service } from '../../sg/schedule.ts';
import type { Ports } from './stores.ts';

export const START = Date.UTC(2026, 0, 31, 10);
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const item = (id: string, services: string[], more: Partial<PurchaseItem> = {}): PurchaseItem => ({
  id,
  names: { en: id },
  provider: 'p',
  services,
  parts: [],
  price: { amount: '1.00', currency: 'EUR' },
  ...more,
});

/**
 * Service s4 is sold with nothing; `coming` is on offer from an hour after the start on, `going` until then. Ids end in `suffix`.
 */
export const itemsFrom = (start: number, suffix = ''): PurchaseItem[] => [
  item(`one${suffix}`, ['s1'], { period: 'P1M' }),
  item(`two${suffix}`, ['s2'], { period: 'PT5H' }),
  item(`duo${suffix}`, [], { parts: [`one${suffix}`, `two${suffix}`], period: 'P7D' }),
  item(`all${suffix}`, ['s3'], { parts: [`duo${suffix}`] }),
  item(`coming${suffix}`, ['s1'], { validFrom: start + HOUR_MS, period: 'P1D' }),
  item(`going${suffix}`, ['s2'], { validTo: start + HOUR_MS, period: 'P1D' }),
];
const ITEMS = itemsFrom(START);

/** The services of these. */
export const SERVICES: readonly Service[] = ['s1', 's2', 's3', 's4'].map((id, order) => ({
  ...{ id, names: { en: id }, provider: 'p', order, measured: [] },
}));

export interface Selling {
  clock: { now: number };
  offers: Offers;
  subscriptions: Subscriptions;
  events: NewEvent[];
  /** While it is set nothing can be told. */
  isDeaf: { now: boolean };
}

export async function startSelling(ports: Ports, syncPolicy: 'server' | 'device' = 'server'): Promise<Selling> {
  const clock = { now: START };
  const guide = createGuide({ store: ports.guide, clock: () => clock.now });
  const editor = { role: 'administrator' } as const;
  await guide.revise(editor, { services: SERVICES });
  for (const each of ITEMS) await guide.putPurchaseItem(editor, each);
  const offers = createOffers({ store: ports.guide, zone: 'UTC' });
  const events: NewEvent[] = [];
  const isDeaf = { now: false };
  const subscriptions = createSubscriptions({
    store: ports.subscriptions,
    offers,
    syncPolicy,
    clock: () => clock.now,
    log: createLog({ level: 'silent' }),
    async notify(event) {
      if (isDeaf.now) throw new Problem('unavailable', 'nobody is told');
      if (!events.some(({ key }) => key === event.key)) events.push(event);
    },
  });
  return { clock, offers, subscriptions, events, isDeaf };
}
