// The parts of a broadcast day that audiences are compared by (ratings R3).

import { Problem } from '../../server/problem.ts';

/** Whole hours of the day in the zone's wall time, half-open; past 24 they are the next calendar day's. */
export interface Daypart {
  name: string;
  fromHour: number;
  toHour: number;
}

/**
 * No two markets agree on dayparts. These are the names of US television at the hours that the measurement firm Innovid
 * publishes as its defaults, without its separate parts for weekends: of the published tables, the one that fits a day from 02:00.
 */
export const DAYPARTS: readonly Daypart[] = [
  { name: 'overnight', fromHour: 2, toHour: 6 },
  { name: 'early morning', fromHour: 6, toHour: 9 },
  { name: 'daytime', fromHour: 9, toHour: 16 },
  { name: 'early fringe', fromHour: 16, toHour: 19 },
  { name: 'prime time', fromHour: 19, toHour: 23 },
  { name: 'late fringe', fromHour: 23, toHour: 26 },
];

/**
 * Gives the place in the table of an hour of the clock. Problem `invalid` unless the parts are whole hours that follow each
 * other without a gap for 24 hours: an hour in no part, or in two, would keep the parts of a day from summing to the day.
 */
export function daypartLookup(dayparts: readonly Daypart[]): (hour: number) => number {
  const first = dayparts[0]?.fromHour ?? 0;
  const isWhole = dayparts.every(
    ({ fromHour, toHour }, place) =>
      Number.isInteger(fromHour) &&
      Number.isInteger(toHour) &&
      fromHour < toHour &&
      fromHour === (dayparts[place - 1]?.toHour ?? first),
  );
  if (!isWhole || dayparts.at(-1)?.toHour !== first + 24)
    throw new Problem('invalid', 'dayparts must be whole hours that follow each other for 24 hours', {
      faults: [{ element: 'dayparts', rule: 'gapless' }],
    });
  const places = Array.from({ length: 24 }, (_, hour) => {
    const sinceFirst = (((hour - first) % 24) + 24) % 24;
    return dayparts.findIndex(({ toHour }) => first + sinceFirst < toHour);
  });
  return (hour) => places[hour] as number;
}
