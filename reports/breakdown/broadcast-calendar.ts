// Broadcast days in a zone: when they begin, and what clocks show in them, hours past 24 (ratings R3; ISO 8601 weeks). Pure.

import type { Zone } from '../../sg/zone-time.ts';
import type { Span } from '../figures/spans.ts';

const DAY_S = 86_400;
/** No zone's clocks change twice within it. */
const LOOK_S = 6 * 3600;
/** Reaches, in any zone, the start of the day that the span begins in and the end of the one that it ends in. */
const MARGIN_S = 3 * DAY_S;

/** Time in which the zone's clocks are ahead of UTC by the same. */
interface Steady extends Span {
  aheadS: number;
}

/** `number` counts its date's days since 1970. Epoch seconds; a day of change is shorter or longer than 24 hours. */
export interface BroadcastDay extends Span {
  number: number;
  /** The day, where clocks change in it in pieces between the changes. */
  steady: Steady[];
}

/**
 * The days that overlap the span, whole, in order and without gaps. A day begins at the first instant at which clocks show its
 * hour (or later, when they skip it), so that an hour shown twice is all in one day, as its calendar day is.
 */
export function broadcastDays(span: Span, zone: Zone, dayStartHour: number): BroadcastDay[] {
  const all = steadyTimes({ from: span.from - MARGIN_S, to: span.to + MARGIN_S }, zone);
  const startOf = (number: number): number => {
    const wall = number * DAY_S + dayStartHour * 3600;
    const steady = all.find(({ to, aheadS }) => wall - aheadS < to);
    return steady === undefined ? Number.POSITIVE_INFINITY : Math.max(steady.from, wall - steady.aheadS);
  };
  const days: BroadcastDay[] = [];
  let number = Math.floor(span.from / DAY_S) - 2; // the local date differs from that of UTC by one, the broadcast day by another
  for (let from = startOf(number); from < span.to; number++) {
    const to = startOf(number + 1);
    const steady = all
      .map((each) => ({ ...each, from: Math.max(from, each.from), to: Math.min(to, each.to) }))
      .filter((each) => each.from < each.to);
    if (to > span.from) days.push({ number, from, to, steady });
    from = to;
  }
  return days;
}

/** Asks the zone every few hours, and every second only around a change. */
function steadyTimes({ from, to }: Span, zone: Zone): Steady[] {
  const aheadAt = (at: number): number => Math.floor(zone(at * 1000) / 1000);
  const times: Steady[] = [];
  let steady = { from, to, aheadS: aheadAt(from) };
  for (let at = from; at < to; at += LOOK_S) {
    let [same, changed] = [at, at + LOOK_S];
    const aheadS = aheadAt(changed);
    if (aheadS === steady.aheadS) continue;
    while (changed - same > 1) {
      const middle = Math.floor((same + changed) / 2);
      if (aheadAt(middle) === steady.aheadS) same = middle;
      else changed = middle;
    }
    times.push({ ...steady, to: changed });
    steady = { from: changed, to, aheadS };
  }
  return [...times, steady];
}

/** `25:30`: what clocks show at an instant of the day, counted from the midnight that its date begins with. */
export function broadcastTime(day: BroadcastDay, at: number): string {
  const { aheadS } = day.steady.findLast(({ from }) => from <= at) ?? { aheadS: 0 };
  const minutes = Math.floor((at + aheadS - day.number * DAY_S) / 60);
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `2026-10-25` */
export function dateOf(day: number): string {
  return new Date(day * DAY_S * 1000).toISOString().slice(0, 10);
}

/** 1 is Monday, 7 Sunday (ISO 8601). */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1; // day 0 was a Thursday
}

/** `2026-W01`: the week belongs to the year that its Thursday lies in (ISO 8601). */
export function weekOf(day: number): string {
  const thursday = new Date((day - weekdayOf(day) + 4) * DAY_S * 1000);
  const year = thursday.getUTCFullYear();
  const daysBefore = (thursday.getTime() - Date.UTC(year, 0, 1)) / (DAY_S * 1000);
  return `${year}-W${two(Math.floor(daysBefore / 7) + 1)}`;
}

const two = (count: number): string => String(count).padStart(2, '0');
