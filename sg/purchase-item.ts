// What can be bought: services, alone or in bundles, with price and period (G1, G9; PurchaseItem of the OMA BCAST Service Guide). Pure.

import { Problem } from '../server/problem.ts';
import type { Texts } from './schedule.ts';

/** `services` are ids of services, `parts` of other purchase items that come with it (a bundle in a bundle); one of both holds something. */
export interface PurchaseItem {
  id: string;
  names: Texts;
  descriptions?: Texts;
  provider: string;
  services: string[];
  parts: string[];
  /** `amount` is a decimal number such as 4.99, never negative; `currency` three letters of ISO 4217. */
  price: { amount: string; currency: string };
  /** For how long one payment holds, ISO 8601 with one unit: P1M, P7D, PT24H. Absent: for good. */
  period?: string;
  /** When it is on offer, [validFrom, validTo) in epoch ms; an absent bound is none. */
  validFrom?: number;
  validTo?: number;
}

/** Ids of every service that comes with an item, through all parts of it, each once. What is not there adds nothing. */
export function servicesIn(id: string, items: ReadonlyMap<string, PurchaseItem>): Set<string> {
  const services = new Set<string>();
  const seen = new Set<string>();
  const visit = (each: string): void => {
    if (seen.has(each)) return;
    seen.add(each);
    const item = items.get(each);
    for (const service of item?.services ?? []) services.add(service);
    for (const part of item?.parts ?? []) visit(part);
  };
  visit(id);
  return services;
}

/**
 * Whether the item fits what is there: `known` are the other items, `services` the ids of services. Problem `invalid` for what it
 * names and is not there, `conflict` when it would be a part of itself.
 */
export function checkParts(
  item: PurchaseItem,
  known: ReadonlyMap<string, PurchaseItem>,
  services: ReadonlySet<string>,
): void {
  const faults = [
    ...item.services
      .filter((id) => !services.has(id))
      .map((id) => ({ element: 'services', rule: `there is no service ${id}` })),
    ...item.parts
      .filter((id) => id !== item.id && !known.has(id))
      .map((id) => ({ element: 'parts', rule: `there is no purchase item ${id}` })),
  ];
  if (faults.length > 0) throw new Problem('invalid', faults.map(({ rule }) => rule).join('; '), { faults });
  const seen = new Set<string>();
  const holdsItself = (id: string): boolean => {
    if (id === item.id) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return known.get(id)?.parts.some(holdsItself) === true;
  };
  const circle = item.parts.find(holdsItself);
  if (circle !== undefined) throw new Problem('conflict', `${item.id} would be a part of itself, through ${circle}`);
}
