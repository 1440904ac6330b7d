// The daily job of preferences: counts the days that are over, forgets who may not be measured, suggests bundles (R12, R13, R15).

import { setImmediate } from 'node:timers/promises';
import type { Zone } from '../../sg/zone-time.ts';
import { secondOf } from '../figures/clean-viewing.ts';
import type { ReadViewing } from '../viewing/viewing-batch.ts';
import { type Watched, watchedByViewer } from '../viewing/watched.ts';
import { createBundleTally, LEAST_SECONDS, LEAST_SHARE, preferredServices } from './bundles.ts';
import { broadcastDayOf, broadcastDayStart, type DaypartSpan, daypartSpans } from './day-calendar.ts';
import { type DayCut, type OtherViewing, sumsOfDay } from './day-viewing.ts';
import type { PreferenceState, PreferenceStore } from './preference-store.ts';
import { emptyRecord, foldBefore, isEmpty, type PreferenceRecord, sumsAsOf, withDay } from './preference-sums.ts';

/** A user as preferences need it. */
export interface Person {
  /** Consents now, and is enabled (O2). */
  measurable: boolean;
  /** By the clocks where the user is; absent: by the server's. */
  zone?: Zone;
}

interface PreferenceRules {
  halfLifeDays: number;
  /** Sessions of older days are not kept. */
  retentionDays: number;
  suppressBelow: number;
}

export interface PreferenceRunDeps {
  store: PreferenceStore;
  readViewing: ReadViewing;
  /** How viewing of [from, to), epoch ms, is cut. */
  cutOf(window: { from: number; to: number }): Promise<DayCut>;
  /** Those of the users that have an account. */
  findPeople(viewers: readonly number[]): Promise<Map<number, Person>>;
  /** Services that the user pays for, in order. */
  subscribedBy(viewer: number): Promise<string[]>;
  /** What surveys and interaction tell of the user's viewing in [from, to), epoch ms, of users with sessions then (R12). */
  otherViewing?(viewer: number, window: { from: number; to: number }): Promise<OtherViewing[]>;
  clock: () => number;
  zone: Zone;
  rules: PreferenceRules;
}

export interface PreferenceRunContext {
  dueAt: number;
  signal: AbortSignal;
  progress(rows: number): void;
}

/** A day is counted when it is over, and once more for good when no late report can change it, as figures are (R6: 8 days). */
const FINAL_AFTER_DAYS = 8;
const AT_ONCE = 100; // users, with a day of sessions each
const ATTEMPTS = 5; // against a user who erases in that moment

/** Answers how many records were written. Again for the same time it reads what is there, and changes nothing. */
export function createPreferenceRun(deps: PreferenceRunDeps) {
  const { store, clock, zone, rules } = deps;
  const { halfLifeDays, retentionDays } = rules;
  const startOf = (day: number): number => broadcastDayStart(day, zone);

  return async ({ dueAt, signal, progress }: PreferenceRunContext): Promise<{ rows: number }> => {
    let rows = 0;
    const wrote = async (count: number): Promise<void> => {
      rows += count;
      progress(rows);
      await setImmediate(); // requests come first
      signal.throwIfAborted();
    };
    const oldest = broadcastDayOf(dueAt, zone) - retentionDays;
    let state: PreferenceState = (await store.findNote('state')) ?? { through: oldest, finalThrough: oldest };
    const today = Math.max(broadcastDayOf(dueAt, zone), state.through);
    const finalDay = today - Math.min(FINAL_AFTER_DAYS, retentionDays - 1);
    const recounted = { from: Math.max(state.finalThrough, oldest), to: Math.max(state.finalThrough, finalDay) };
    for (let day = recounted.from; day < today; day += 1) {
      if (day >= recounted.to && day < state.through) continue; // counted, and not yet for good
      const rowsBefore = rows;
      for await (const count of countDay(deps, day, day < recounted.to)) await wrote(count);
      state = { ...state, through: Math.max(state.through, day + 1) };
      state = { ...state, finalThrough: Math.max(state.finalThrough, Math.min(day + 1, recounted.to)) };
      if (rows > rowsBefore) await store.putNote('state', state);
    }

    const tally = createBundleTally(rules.suppressBelow);
    const erasedLongAgo = startOf(oldest);
    for (let after: number | undefined; ; ) {
      const page = await store.list(after, AT_ONCE);
      const people = await deps.findPeople(page.map(({ viewer }) => viewer));
      const changed: PreferenceRecord[] = [];
      for (const record of page) {
        const person = people.get(record.viewer);
        const kept = foldBefore(withoutStale(record, recounted), recounted.to, halfLifeDays);
        if (person === undefined || (isEmpty(kept) && (kept.erasedAt ?? 0) < erasedLongAgo)) {
          await store.remove(record.viewer);
        } else if (!person.measurable) {
          if (!isEmpty(record)) changed.push(erased(record, clock()));
        } else {
          if (kept.days.length < record.days.length) changed.push(nextVersion(kept));
          const sums = sumsAsOf(kept, today, halfLifeDays);
          const preferred = sums === undefined ? [] : preferredServices(sums);
          const subscribed = preferred.length < 2 ? [] : await deps.subscribedBy(record.viewer);
          if (preferred.length > 0) tally.add(preferred, subscribed);
        }
      }
      await wrote(changed.length - (await store.put(changed)).length); // whom another write came before is seen to next time
      after = page.at(-1)?.viewer;
      if (page.length < AT_ONCE) break;
    }
    const criteria = { asOf: startOf(today), halfLifeDays, suppressBelow: Math.max(1, rules.suppressBelow) };
    const preferred = { leastSharePercent: 100 * LEAST_SHARE, leastSeconds: LEAST_SECONDS };
    const found = await tally.finish(() => wrote(0));
    await store.putNote('suggestion', { ...criteria, ...preferred, ...found });
    await store.putNote('state', state);
    return { rows };
  };
}

/** The record of somebody whose viewing before `at`, epoch ms, does not count any more. */
export const erased = ({ viewer, version, through }: PreferenceRecord, at: number): PreferenceRecord => ({
  viewer,
  version: version + 1,
  erasedAt: at,
  through,
  days: [],
});

const nextVersion = (record: PreferenceRecord): PreferenceRecord => ({ ...record, version: record.version + 1 });

/** What was counted for good and not found again: late reports took it away. */
const withoutStale = (record: PreferenceRecord, recounted: { from: number; to: number }): PreferenceRecord => ({
  ...record,
  days: record.days.filter(({ day }) => day < recounted.from || day >= recounted.to),
});

/** Puts everybody's sums of the day in the place of what was there; answers the number of records, some users at a time. */
async function* countDay(deps: PreferenceRunDeps, day: number, isFinal: boolean): AsyncGenerator<number> {
  const { store, zone, rules } = deps;
  const window = { from: broadcastDayStart(day, zone), to: broadcastDayStart(day + 1, zone) };
  const cut = await deps.cutOf(window);
  const byZone = new Map<Zone, DaypartSpan[]>();
  const daypartsOf = (of: Zone): DaypartSpan[] => {
    const known = byZone.get(of) ?? daypartSpans(secondOf(window.from), secondOf(window.to), of);
    byZone.set(of, known);
    return known;
  };

  const countUsers = async (users: ReadonlyMap<number, readonly Watched[]>): Promise<number> => {
    const people = await deps.findPeople([...users.keys()]);
    let open = [...users.keys()].filter((viewer) => people.get(viewer)?.measurable === true);
    let written = 0;
    for (let attempt = 1; attempt <= ATTEMPTS && open.length > 0; attempt += 1) {
      const found = new Map((await store.find(open)).map((record) => [record.viewer, record]));
      const records: PreferenceRecord[] = [];
      for (const viewer of open) {
        const record = found.get(viewer) ?? emptyRecord(viewer);
        if (day < record.through) continue;
        const since = record.erasedAt === undefined ? undefined : Math.ceil(record.erasedAt / 1_000);
        const others = await deps.otherViewing?.(viewer, window);
        const sums = sumsOfDay(users.get(viewer) ?? [], cut, daypartsOf(people.get(viewer)?.zone ?? zone), {
          ...(since === undefined ? {} : { since }),
          ...(others === undefined ? {} : { others }),
        });
        const counted = withDay(record, day, sums);
        const next = isFinal ? foldBefore(counted, day + 1, rules.halfLifeDays) : counted;
        if (record.version > 0 || sums !== undefined) records.push(nextVersion(next));
      }
      open = await store.put(records);
      written += records.length - open.length;
    }
    return written;
  };

  let users = new Map<number, Watched[]>();
  for await (const [viewer, watched] of watchedByViewer(deps.readViewing(window), cut.dwellMsOf)) {
    users.set(viewer, watched);
    if (users.size < AT_ONCE) continue;
    yield await countUsers(users);
    users = new Map();
  }
  if (users.size > 0) yield await countUsers(users);
}
