// From one user's sessions to the sums of one broadcast day, cut with the schedule (R1, R4, R12). Pure.

import { intersect, type Span } from '../figures/spans.ts';
import type { Watched } from '../viewing/watched.ts';
import type { DaypartSpan } from './day-calendar.ts';
import { type Cell, compact, PREFERENCE_KINDS, type PreferenceKind, type Sums } from './preference-sums.ts';

/** A programme as preferences need it, [from, to) in epoch seconds. */
export interface Slot {
  id: string;
  from: number;
  to: number;
  series?: string;
  /** Each once. */
  genres: readonly string[];
}

/** How viewing of a day is cut. */
export interface DayCut {
  /** The day, epoch seconds. */
  window: Span;
  dwellMsOf(service: string): number;
  /** What of the day is measured, in order. */
  measuredOf(service: string): readonly Span[];
  /** In order of time, without overlaps; some of the day before, too, for what is watched later. */
  slotsOf(service: string): readonly Slot[];
}

/** Viewing that is known otherwise than from sessions, such as an answer to a survey, as so many seconds of a service. */
export interface OtherViewing {
  service: string;
  seconds: number;
}

/**
 * The sums of a day; undefined when nothing was watched. `dayparts` are the day's, by the clocks where the user is; `since` in epoch
 * seconds: what was before does not count. Of a programme with several genres each has its part, so that shares add up.
 */
export function sumsOfDay(
  watched: readonly Watched[],
  cut: DayCut,
  dayparts: readonly DaypartSpan[],
  { since = Number.NEGATIVE_INFINITY, others = [] }: { since?: number; others?: readonly OtherViewing[] } = {},
): Sums | undefined {
  const tally = new Map(PREFERENCE_KINDS.map((kind) => [kind, new Map<string, number>()]));
  let total = 0;
  const add = (kind: PreferenceKind, id: string, seconds: number): void => {
    const sums = tally.get(kind) as Map<string, number>;
    sums.set(id, (sums.get(id) ?? 0) + seconds);
  };
  const addService = (service: string, seconds: number): void => {
    add('service', service, seconds);
    total += seconds;
  };
  for (const { service, seconds } of others) addService(service, seconds);
  for (const stretch of watched) {
    const { service, timeShiftS: shiftS } = stretch;
    const within = {
      from: Math.max(stretch.from, cut.window.from, since),
      to: Math.min(stretch.to, cut.window.to),
    };
    if (within.from >= within.to) continue;
    for (const part of intersect([within], cut.measuredOf(service))) {
      addService(service, part.to - part.from);
      for (const { id, ...span } of dayparts) {
        const seconds = overlap(part, span);
        if (seconds > 0) add('daypart', id, seconds);
      }
      const shown = { from: part.from - shiftS, to: part.to - shiftS };
      for (const slot of cut.slotsOf(service)) {
        if (slot.from >= shown.to) break;
        const seconds = overlap(shown, slot);
        if (seconds <= 0) continue;
        add('programme', `${service}/${slot.id}`, seconds);
        if (slot.series !== undefined) add('series', slot.series, seconds);
        for (const genre of slot.genres) add('genre', genre, seconds / slot.genres.length);
      }
    }
  }
  if (total === 0) return undefined;
  const cells = Object.fromEntries(
    [...tally]
      .filter(([, sums]) => sums.size > 0)
      .map(([kind, sums]) => [kind, [...sums].map(([id, seconds]): Cell => [id, seconds, 1])]),
  );
  return compact({ seconds: total, days: 1, cells });
}

const overlap = (a: Span, b: Span): number => Math.min(a.to, b.to) - Math.max(a.from, b.from);
