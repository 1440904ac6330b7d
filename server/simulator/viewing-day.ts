// When one simulated person watches what: visits over the day, zapping, stays (O10). Times are epoch ms, whole seconds.

import type { SimulatedService } from './plan.ts';
import type { Random } from './random.ts';

/** A person on one service, [from, to). */
export interface Stay {
  service: SimulatedService;
  from: number;
  to: number;
}

/** The stays of one occasion, in order; the next begins when the one before ends, or a few seconds later. */
export interface Visit {
  stays: Stay[];
  crashed: boolean;
  companions: number;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** Share of viewing by hour of the day (UTC), mean 1: commuting, lunch and the evening, as mobile television is watched. */
const DIURNAL = [
  0.5, 0.3, 0.2, 0.1, 0.1, 0.2, 0.6, 1.1, 1.2, 0.8, 0.7, 0.9, 1.3, 1.2, 0.9, 0.9, 1.1, 1.5, 1.7, 1.9, 2.1, 2.0, 1.6,
  1.1,
];
const PEAK = Math.max(...DIURNAL);

const STAY_MEDIAN_S = 8 * 60;
const STAY_SIGMA = 1.1;
const STAY_LEAST_S = 5; // two reports of one stay stay in order though clocks are measured to about a second
const STAY_MOST_S = 3 * 3_600; // below the cap of V12, so that a LogOut is always believed
const ZAP_MEDIAN_S = 14;
const ZAP_MOST_S = 59;
const ZAP_CHANCE = 0.4;
const STAY_ON_CHANCE = 0.45;
const PAUSE_LEAST_S = 12 * 60; // longer than any server takes to see that a crashed handset is silent
const RETURN_MOST_S = 40 * 60;
const LOG_OUT_GAP_S = 3;
const MARGIN_S = 60; // the last act lies so far before the end: a run that ends now sends nothing from the future
const CRASH_MARGIN_S = 12 * 60;
const CRASH_AFTER_S = 300; // two heartbeats and more

export interface Habits {
  visitsPerDay: number;
  crashRate: number;
  companionRate: number;
  /** A gap of a few seconds between stays: the handset logs out before it logs in. */
  gaps: boolean;
  /** A handset without heartbeats that crashed comes back soon: only then is it known what a server must think. */
  returnsAfterCrash: boolean;
}

/** One person's visits in [from, to), in order. */
export function planVisits(
  services: readonly SimulatedService[],
  window: { from: number; to: number },
  habits: Habits,
  random: Random,
): Visit[] {
  const end = window.to - MARGIN_S * SECOND_MS;
  const popularity = services.map((_, index) => 1 / (index + 1));
  const personal = (habits.visitsPerDay / 24) * random.logNormal(1, 0.5);
  const visits: Visit[] = [];
  let at = window.from;
  let returning = false;
  while (services.length > 0) {
    const gapS = returning
      ? random.integer(PAUSE_LEAST_S, RETURN_MOST_S)
      : PAUSE_LEAST_S + random.exponential(personal * PEAK) * 3_600;
    // The first visit may begin with the window.
    at += Math.floor(visits.length === 0 ? gapS - PAUSE_LEAST_S : gapS) * SECOND_MS;
    if (at + STAY_LEAST_S * SECOND_MS > end) break;
    const hour = Math.floor((at % (24 * HOUR_MS)) / HOUR_MS);
    if (!returning && !random.chance((DIURNAL[hour] ?? 1) / PEAK)) {
      at -= visits.length === 0 ? 0 : PAUSE_LEAST_S * SECOND_MS; // thinning: no visit, so no pause after one
      continue;
    }
    const visit = planVisit(services, popularity, at, end, habits, random);
    const last = visit.stays.at(-1);
    if (last === undefined) break;
    at = last.to;
    const mayCrash =
      last.to - last.from > 2 * CRASH_AFTER_S * SECOND_MS && window.to - last.to > CRASH_MARGIN_S * SECOND_MS;
    const soon = last.to + RETURN_MOST_S * SECOND_MS + STAY_LEAST_S * SECOND_MS <= end;
    visit.crashed = random.chance(habits.crashRate) && mayCrash && (soon || !habits.returnsAfterCrash);
    returning = visit.crashed && habits.returnsAfterCrash;
    visits.push(visit);
  }
  return visits;
}

function planVisit(
  services: readonly SimulatedService[],
  popularity: readonly number[],
  start: number,
  end: number,
  habits: Habits,
  random: Random,
): Visit {
  const stays: Stay[] = [];
  let at = start;
  let current = random.weighted(popularity);
  const stay = (seconds: number): boolean => {
    const service = services[current];
    const to = Math.min(end, at + Math.max(STAY_LEAST_S, Math.floor(seconds)) * SECOND_MS);
    if (service === undefined || to - at < STAY_LEAST_S * SECOND_MS) return false;
    stays.push({ service, from: at, to });
    at = to + (habits.gaps ? LOG_OUT_GAP_S * SECOND_MS : 0);
    return true;
  };
  const companions = random.chance(habits.companionRate) ? 1 : 0;
  do {
    if (services.length > 1 && random.chance(ZAP_CHANCE)) {
      const step = random.chance(0.5) ? 1 : services.length - 1;
      for (let left = random.integer(2, 8); left > 0; left -= 1) {
        if (!stay(Math.min(ZAP_MOST_S, random.logNormal(ZAP_MEDIAN_S, 0.6)))) break;
        current = (current + step) % services.length;
      }
    }
    if (!stay(Math.min(STAY_MOST_S, random.logNormal(STAY_MEDIAN_S, STAY_SIGMA)))) break;
    if (services.length < 2) break;
    const before = current;
    current = random.weighted(popularity.map((weight, index) => (index === before ? 0 : weight)));
  } while (random.chance(STAY_ON_CHANCE));
  return { stays, crashed: false, companions };
}
