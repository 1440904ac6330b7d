// Local times as instants, in IANA zones and at fixed offsets, with summer time (RFC 9557's words, ECMA-402's data). Pure.

import { Problem } from '../server/problem.ts';

/** A date and time as a clock on the wall shows it; 24:00 is the end of the day. */
export interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Added to the date. */
  daysLater?: number;
}

/** Tells by how many ms a zone is ahead of UTC at an instant. */
export type Zone = (at: number) => number;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The zone of an offset (`Z`, `+08:00`), else of an IANA name, else UTC. Problem `invalid` for names that nobody knows. */
export function zoneNamed(offset: string | undefined, name: string | undefined): Zone {
  if (offset !== undefined) {
    const [hours, minutes] = offset.toUpperCase() === 'Z' ? [0, 0] : offset.slice(1).split(':').map(Number);
    const ms = ((hours ?? 0) * 60 + (minutes ?? 0)) * 60_000;
    return () => (offset.startsWith('-') ? -ms : ms);
  }
  const format = formatOf(name ?? 'UTC');
  return (at) => {
    const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const get = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
    const wall = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
    return wall - Math.floor(at / 1000) * 1000;
  };
}

/** Whether it is an IANA name that this runtime has rules for. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false; // a RangeError is how Intl says no
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' } as const;
      const rest = { minute: 'numeric', second: 'numeric', hourCycle: 'h23', timeZone: zone } as const;
      format = new Intl.DateTimeFormat('en-US', { ...numeric, ...rest });
    } catch (cause) {
      throw new Problem('invalid', `the zone ${zone.slice(0, 60)} is not known`, {
        faults: [{ element: 'zone', rule: 'IANA' }],
        cause,
      });
    }
    formats.set(zone, format);
  }
  return format;
}

/**
 * Epoch ms of a wall time; undefined if there is no such date or time of day. A time that comes twice is the first one; one that
 * is left out when clocks go forward is as much later as they go.
 */
export function instantOf(wall: WallTime, zone: Zone): number | undefined {
  const { year, month, day, hour, minute, second, daysLater = 0 } = wall;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;
  if (hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute + second > 0)) return undefined;
  const local = Date.UTC(year, month - 1, day + daysLater, hour, minute, second);
  const before = zone(local - 86_400_000); // the offsets in force before and after a change nearby
  const after = zone(local + 86_400_000);
  for (const offset of [Math.max(before, after), Math.min(before, after)]) {
    if (zone(local - offset) === offset) return local - offset;
  }
  return local - before;
}

/** An instant as date, time (seconds only where there are some) and offset of ISO 8601, as clocks in the zone show it. */
export function wallTextOf(at: number, zone: Zone): { date: string; time: string; offset: string } {
  const offsetMinutes = Math.round(zone(at) / 60_000);
  const [date = '', rest = ''] = new Date(at + offsetMinutes * 60_000).toISOString().split('T');
  const two = (count: number): string => String(count).padStart(2, '0');
  const minutes = Math.abs(offsetMinutes);
  const offset =
    minutes === 0 ? 'Z' : `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return { date, time: rest.slice(0, rest.startsWith('00', 6) ? 5 : 8), offset };
}
