// The broadcast day and its dayparts by the clock on the wall of each user (ratings R3, R12). Pure, right on days of 23 and 25 hours.

import { instantOf, type Zone } from '../../sg/zone-time.ts';
import { DAYPARTS, type Daypart, daypartLookup } from '../breakdown/dayparts.ts';

const placeOf = daypartLookup(DAYPARTS);

/** [from, to) in epoch seconds. */
export interface DaypartSpan {
  id: string;
  from: number;
  to: number;
}

const STARTS_H = 2; // the broadcast day is from 02:00 to 02:00 (R3)
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const STEP_S = 900; // no zone in use is off by other than quarters of an hour, nor changes within one

/** The broadcast day in which an instant (epoch ms) lies, as the days from 1970-01-01 to its date. */
export function broadcastDayOf(at: number, zone: Zone): number {
  return Math.floor((at + zone(at) - STARTS_H * HOUR_MS) / DAY_MS);
}

/** Epoch ms of its 02:00; where clocks go forward then, of the first instant after. */
export function broadcastDayStart(day: number, zone: Zone): number {
  const start = instantOf({ year: 1970, month: 1, day: 1, hour: STARTS_H, minute: 0, second: 0, daysLater: day }, zone);
  if (start === undefined) throw new RangeError(`there is no day ${day}`);
  return start;
}

/** [from, to), epoch seconds, cut into dayparts, in order and without gaps. */
export function daypartSpans(from: number, to: number, zone: Zone): DaypartSpan[] {
  const spans: DaypartSpan[] = [];
  for (let at = from; at < to; ) {
    const next = Math.min(to, (Math.floor(at / STEP_S) + 1) * STEP_S);
    const hour = Math.floor((at * 1_000 + zone(at * 1_000)) / HOUR_MS) % 24;
    const { name: id } = DAYPARTS[placeOf(hour)] as Daypart;
    const last = spans.at(-1);
    if (last?.id === id) last.to = next;
    else spans.push({ id, from: at, to: next });
    at = next;
  }
  return spans;
}
