// Numbers, lengths of time and instants as a reader sees them (ISO 80000-1: digits in groups of three, by a thin space). Pure.

import { wallTextOf, type Zone } from '../../sg/zone-time.ts';

const THIN = '\u202f'; // narrow, and no line breaks at it
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** Digits in groups of three, minus sign U+2212; half away from zero. `decimals` are always shown. */
export function numberText(value: number, decimals: number): string {
  const scale = 10 ** decimals;
  const fixed = (Math.round(Math.abs(value) * scale * (1 + Number.EPSILON)) / scale).toFixed(decimals);
  const [whole = '', rest] = fixed.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  const sign = value < 0 && Number(fixed) !== 0 ? '\u2212' : '';
  return sign + grouped + (rest === undefined ? '' : `.${rest}`);
}

/** h:mm:ss, in whole seconds. */
export function lengthText(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (count: number): string => String(count).padStart(2, '0');
  return `${numberText(Math.floor(whole / 3600), 0)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** "9 August 2007" of a date of ISO 8601. */
export function dateText(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${Number(year)}`;
}

/** "Thursday, 9 August 2007, 10:00 (UTC+02:00)" as clocks in the zone show it. */
export function instantText(at: number, zone: Zone): string {
  const { date, time, offset } = wallTextOf(at, zone);
  const weekday = WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()];
  return `${weekday}, ${dateText(date)}, ${time} (UTC${offset === 'Z' ? '' : offset.replace('-', '\u2212')})`;
}

/** "2007-08-09 08:00 UTC"; seconds where there are some. */
export function utcText(at: number): string {
  const { date, time } = wallTextOf(at, () => 0);
  return `${date} ${time} UTC`;
}
