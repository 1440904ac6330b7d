// Which services are watched together, from users' preferences: packages that a provider could sell (R13). Pure.

import type { Sums } from './preference-sums.ts';

/** Services that so many users prefer at once. */
export interface Bundle {
  /** Two to four, in order. */
  services: readonly string[];
  /** Users who prefer all of them. */
  users: number;
  /** `users` of all users with a preference. */
  supportPercent: number;
  /** Of those who prefer any one of the services at least so many prefer all: `users` of the most watched one's. */
  confidencePercent: number;
  /** How many times more often together than if it were by chance. */
  lift: number;
  /** Users who prefer most of them (more than half) and don't subscribe to all; absent when too few to tell. */
  suits?: number;
}

/** A service counts as preferred from this share and time on: some ten services of a user at most. */
export const LEAST_SHARE = 0.1;
export const LEAST_SECONDS = 600;

const LARGEST = 4;
const MOST_SETS = 100_000; // some 200 MB: of users unlike all others those beyond it are left out, at random, as pseudonyms are
const GROUPS_AT_ONCE = 200; // a few milliseconds
const MOST_BUNDLES = 2_000; // 300 kB

/** What a user prefers, by id. */
export const preferredServices = ({ seconds: total, cells }: Sums): string[] =>
  (cells.service ?? [])
    .filter(([, seconds]) => seconds >= LEAST_SECONDS && seconds >= LEAST_SHARE * total)
    .map(([id]) => id)
    .sort();

export interface BundleTally {
  /** A user with at least one preferred service; `subscribed` are the services paid for. */
  add(preferred: readonly string[], subscribed: readonly string[]): void;
  /** `pause` is awaited every few milliseconds: it may take seconds. */
  finish(pause: () => Promise<unknown>): Promise<{ users: number; usersLeftOut: number; bundles: Bundle[] }>;
}

/** Users alike are counted together. No number below `suppressBelow` leaves it; `mostSets` bounds the memory. */
export function createBundleTally(suppressBelow: number, mostSets: number = MOST_SETS): BundleTally {
  const groups = new Map<string, Group>();
  let users = 0;
  let usersLeftOut = 0;
  return {
    add(preferred, subscribed) {
      const name = JSON.stringify([preferred, subscribed]);
      const group = groups.get(name);
      if (group === undefined && groups.size >= mostSets) {
        usersLeftOut += 1;
        return;
      }
      users += 1;
      if (group !== undefined) group.users += 1;
      else groups.set(name, { preferred, subscribed: new Set(subscribed), users: 1 });
    },
    async finish(pause) {
      const least = Math.max(1, suppressBelow);
      const all = [...groups.values()];
      const bundles = describe(await countTogether(all, least, pause), users);
      await countSuited(bundles, all, least, pause);
      return { users, usersLeftOut, bundles };
    },
  };
}

interface Group {
  preferred: readonly string[];
  subscribed: ReadonlySet<string>;
  users: number;
}

const nameOf = (services: readonly string[]): string => services.join('/'); // no id has a slash

/** Apriori (Agrawal, Srikant, VLDB 1994): only what is made of frequent sets can be frequent. Users by set of one to four services. */
async function countTogether(
  groups: readonly Group[],
  least: number,
  pause: () => Promise<unknown>,
): Promise<Map<string, number>[]> {
  const levels: Map<string, number>[] = [];
  for (let size = 1; size <= LARGEST; size += 1) {
    const smaller = levels.at(-1);
    const counts = new Map<string, number>();
    for (const [at, { preferred, users }] of groups.entries()) {
      if (at % GROUPS_AT_ONCE === 0) await pause();
      const frequent = levels[0] === undefined ? preferred : preferred.filter((service) => levels[0]?.has(service));
      for (const services of subsets(frequent, size)) {
        const isHopeful = size < 3 || services.every((_, at) => smaller?.has(nameOf(services.toSpliced(at, 1))));
        if (isHopeful) counts.set(nameOf(services), (counts.get(nameOf(services)) ?? 0) + users);
      }
    }
    levels.push(new Map([...counts].filter(([, count]) => count >= least)));
  }
  return levels;
}

/** In order of lift, then users, then names; where there are too many those with most users. */
function describe([singles = new Map(), ...together]: Map<string, number>[], users: number): Bundle[] {
  const bundles = together.flatMap((level) =>
    [...level].map(([name, count]): Bundle => {
      const services = name.split('/');
      const each = services.map((service) => singles.get(service) ?? 0);
      const byChance = each.reduce((product, one) => product * (one / users), users);
      return {
        services,
        users: count,
        supportPercent: rounded((100 * count) / users),
        confidencePercent: rounded((100 * count) / Math.max(...each)),
        lift: rounded(count / byChance),
      };
    }),
  );
  return bundles
    .sort((a, b) => b.users - a.users)
    .slice(0, MOST_BUNDLES)
    .sort((a, b) => b.lift - a.lift || b.users - a.users || (nameOf(a.services) < nameOf(b.services) ? -1 : 1));
}

async function countSuited(
  bundles: Bundle[],
  groups: readonly Group[],
  least: number,
  pause: () => Promise<unknown>,
): Promise<void> {
  const having = new Map<string, number[]>();
  for (const [at, { services }] of bundles.entries())
    for (const service of services) having.set(service, [...(having.get(service) ?? []), at]);
  const suits = new Map<number, number>();
  for (const [place, { preferred, subscribed, users }] of groups.entries()) {
    if (place % GROUPS_AT_ONCE === 0) await pause();
    const hits = new Map<number, number>();
    for (const service of preferred) for (const at of having.get(service) ?? []) hits.set(at, (hits.get(at) ?? 0) + 1);
    for (const [at, count] of hits) {
      const { services } = bundles[at] as Bundle;
      if (count * 2 <= services.length || services.every((service) => subscribed.has(service))) continue;
      suits.set(at, (suits.get(at) ?? 0) + users);
    }
  }
  for (const [at, count] of suits) if (count >= least) (bundles[at] as Bundle).suits = count;
}

function subsets(items: readonly string[], size: number): string[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, at) => subsets(items.slice(at + 1), size - 1).map((rest) => [item, ...rest]));
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
