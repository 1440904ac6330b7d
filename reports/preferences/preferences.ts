// The use cases of preferences: what a user prefers, and bundles of services that could be sold (R12, R13, O2).

import { Problem } from '../../server/problem.ts';
import type { Bundle } from './bundles.ts';
import { broadcastDayStart } from './day-calendar.ts';
import { type Preference, preferencesOf } from './preference-ranking.ts';
import { createPreferenceRun, erased, type PreferenceRunContext, type PreferenceRunDeps } from './preference-run.ts';
import type { BundleSuggestion } from './preference-store.ts';
import { emptyRecord, sumsAsOf } from './preference-sums.ts';

/** One user's preferences. Times in epoch ms. */
export interface PreferenceView {
  /** Viewing before it is in; absent before the first run. */
  asOf?: number;
  halfLifeDays: number;
  /** Whether the user may be measured now: of others there are none. */
  measured: boolean;
  /** Viewing before it does not count. */
  erasedAt?: number;
  /** Recent viewing more than old. */
  viewedSeconds: number;
  preferences: Preference[];
}

/** Which of the suggested bundles. */
interface BundleCriteria {
  /** A content provider: its own services alone, or with others' where policy allows; at least one of its own in any case. */
  provider?: string;
  minSupportPercent: number;
  minLift: number;
}

/** Bounds of `minSupportPercent` and of `minLift`. */
export const SUPPORT_PERCENT = { least: 0, most: 100 };
export const LIFT = { least: 0, most: 1_000_000 };

/** The header is absent before the first run. */
type Bundles = Partial<Omit<BundleSuggestion, 'bundles'>> & { bundles: Bundle[] };

export interface Preferences {
  view(viewer: number): Promise<PreferenceView>;
  /** What was watched until now never counts again. */
  erase(viewer: number): Promise<void>;
  /** Leaves nothing, when the account goes. Again, it changes nothing. */
  remove(viewer: number): Promise<void>;
  /** In order of lift, then users. */
  listBundles(criteria: BundleCriteria): Promise<Bundles>;
  /** The daily job: see preference-run.ts. */
  run(context: PreferenceRunContext): Promise<{ rows: number }>;
}

export interface PreferencesDeps extends PreferenceRunDeps {
  servicesOf(provider: string): Promise<string[]>;
  /** Providers see bundles with others' services, too (R14). */
  marketTotals: boolean;
}

const ATTEMPTS = 20; // each is lost to the success of another write, of which there is one job and the user

export function createPreferences(deps: PreferencesDeps): Preferences {
  const { store, clock, zone, rules } = deps;
  const { halfLifeDays } = rules;

  return {
    run: createPreferenceRun(deps),

    async view(viewer) {
      const [state, [record = emptyRecord(viewer)], people] = await Promise.all([
        store.findNote('state'),
        store.find([viewer]),
        deps.findPeople([viewer]),
      ]);
      const measured = people.get(viewer)?.measurable === true;
      const day = state?.through ?? 0;
      const sums = measured ? sumsAsOf(record, day, halfLifeDays) : undefined;
      return {
        ...(state === undefined ? {} : { asOf: broadcastDayStart(state.through, zone) }),
        halfLifeDays,
        measured,
        ...(record.erasedAt === undefined ? {} : { erasedAt: record.erasedAt }),
        viewedSeconds: Math.round(sums?.seconds ?? 0),
        preferences: measured ? preferencesOf(record, day, halfLifeDays) : [],
      };
    },

    async erase(viewer) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const [record = emptyRecord(viewer)] = await store.find([viewer]);
        if ((await store.put([erased(record, clock())])).length === 0) return;
      }
      throw new Problem('unavailable', 'others change these preferences all the time', { retryAfterS: 1 });
    },

    remove: (viewer) => store.remove(viewer),

    async listBundles({ provider, minSupportPercent, minLift }) {
      const suggestion = await store.findNote('suggestion');
      if (suggestion === undefined) return { bundles: [] };
      const own = provider === undefined ? undefined : new Set(await deps.servicesOf(provider));
      const isTheirs = ({ services }: Bundle): boolean =>
        own === undefined ||
        (deps.marketTotals ? services.some((id) => own.has(id)) : services.every((id) => own.has(id)));
      const bundles = suggestion.bundles.filter(
        (bundle) => isTheirs(bundle) && bundle.supportPercent >= minSupportPercent && bundle.lift >= minLift,
      );
      return { ...suggestion, bundles };
    },
  };
}
