// What changed on pages of the schedule between two versions (G4). A programme is the same while service, id and start are.

import { setImmediate } from 'node:timers/promises';
import type { GuideStore } from './guide-store.ts';
import type { Programme } from './schedule.ts';

export type Deletion =
  | { fragment: 'Service' | 'PurchaseItem'; id: string }
  | { fragment: 'Content'; id: string; service: string; startAt: number };

/** The programmes of one page at both versions. */
export interface PageChange {
  service: string;
  day: number;
  before: Programme[];
  now: Programme[];
}

/** Pages of one day that are read at once, at both versions. */
const PAGES_AT_ONCE = 500;

/** The named pages at both versions, day by day. */
export async function* pageChanges(
  store: Pick<GuideStore, 'listPages'>,
  names: readonly { service: string; day: number }[],
  since: number,
  version: number,
): AsyncGenerator<PageChange> {
  const byDay = Map.groupBy(names, ({ day }) => day);
  for (const [day, ofDay] of [...byDay].sort(([a], [b]) => a - b)) {
    for (let start = 0; start < ofDay.length; start += PAGES_AT_ONCE) {
      const services = ofDay.slice(start, start + PAGES_AT_ONCE).map(({ service }) => service);
      const at = async (revision: number): Promise<Map<string, Programme[]>> =>
        new Map(
          (await store.listPages(services, day, day + 1, revision)).map((page) => [page.service, page.programmes]),
        );
      const [before, now] = [await at(since), await at(version)];
      for (const service of services)
        yield { service, day, before: before.get(service) ?? [], now: now.get(service) ?? [] };
      await setImmediate();
    }
  }
}

/** What is no longer there. */
export function listDeletions({ service, before, now }: PageChange): Deletion[] {
  const nameOf = ({ id, startAt }: Programme): string => `${startAt} ${id}`;
  const present = new Set(now.map(nameOf));
  return before
    .filter((one) => !present.has(nameOf(one)))
    .map(({ id, startAt }) => ({ fragment: 'Content', id, service, startAt }));
}
