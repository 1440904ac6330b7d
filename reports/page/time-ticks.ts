// Where an axis of time is marked: full hours, days and so on as clocks in the zone show them. Pure.

import { wallTextOf, type Zone } from '../../sg/zone-time.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const STEPS_MS = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28, 56, 112].map((days) => days * DAY_MS),
];
/** No zone is ahead by a part of a quarter-hour. */
const LOOK_MS = 15 * MINUTE_MS;

export interface Tick {
  at: number;
  text: string;
}

/** At most `most` marks in the window, `[from, to]` in epoch ms: "20:00", "10 Aug" at midnight and for days. */
export function timeTicks(from: number, to: number, zone: Zone, most: number): Tick[] {
  const step = STEPS_MS.find((each) => (to - from) / each <= most) ?? (STEPS_MS.at(-1) as number);
  const look = step >= 2 * DAY_MS ? HOUR_MS : Math.min(step, LOOK_MS);
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / look) * look; at <= to; at += look) {
    if ((at + zone(at)) % step !== 0) continue;
    const { date, time } = wallTextOf(at, zone);
    ticks.push({ at, text: time === '00:00' ? dayText(date) : time });
  }
  return ticks;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function dayText(date: string): string {
  const [, month = '', day = ''] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1]}`;
}
