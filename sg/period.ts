// When a period of a purchase item ends, by the calendar (G9, G10; ISO 8601-1, 5.5.2; XML Schema part 2, appendix E). Pure.

import { instantOf, type Zone } from './zone-time.ts';

const PERIOD = /^P(?:T(\d+)H|(\d+)([DWMY]))$/;
const HOUR_MS = 3_600_000;

/**
 * Epoch ms of the end of a period (P1M, P7D, PT24H) that begins at `from`. Hours are exact; days, weeks, months and years are those
 * of the zone's calendar, at the same time of day. ISO 8601 leaves open where P1M from 31 January ends; here, as for dates of XML
 * Schema, on the last day of February. A RangeError for what is no such period.
 */
export function periodEnd(period: string, from: number, zone: Zone): number {
  const [, hours, count, unit] = PERIOD.exec(period) ?? [];
  if (hours !== undefined) return from + Number(hours) * HOUR_MS;
  if (count === undefined) throw new RangeError(`${period} is no period`);
  const wall = new Date(from + zone(from));
  const days = unit === 'D' ? Number(count) : unit === 'W' ? Number(count) * 7 : 0;
  const months = unit === 'M' ? Number(count) : unit === 'Y' ? Number(count) * 12 : 0;
  const first = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + months, 1));
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const end = instantOf(
    {
      year: first.getUTCFullYear(),
      month: first.getUTCMonth() + 1,
      day: Math.min(wall.getUTCDate(), lastDay),
      hour: wall.getUTCHours(),
      minute: wall.getUTCMinutes(),
      second: wall.getUTCSeconds(),
      daysLater: days,
    },
    zone,
  );
  if (end === undefined) throw new RangeError(`${period} ends beyond the calendar`);
  return end + wall.getUTCMilliseconds();
}
