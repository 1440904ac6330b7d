// Which services a user's items open, until when (G9, G10). Pure.

import type { Offering } from '../../sg/offers.ts';
import { heldAt, type SubscriptionTable } from './subscription.ts';

/** A service that the user pays for. `until` in epoch ms; absent: for good. */
export interface Entitlement {
  service: string;
  until?: number;
}

/** By service; of several items that bring it, the one that lasts longest counts. */
export function entitlementsOf(
  table: Pick<SubscriptionTable, 'held'>,
  offering: Offering,
  at: number,
): Map<string, Entitlement> {
  const ends = new Map<string, number>();
  for (const { item, since, until = Number.POSITIVE_INFINITY } of heldAt(table, at)) {
    if (since > at) continue;
    for (const service of offering.servicesOf(item)) ends.set(service, Math.max(until, ends.get(service) ?? until));
  }
  return new Map(
    [...ends]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([service, until]) => [service, { service, ...(Number.isFinite(until) ? { until } : {}) }]),
  );
}
