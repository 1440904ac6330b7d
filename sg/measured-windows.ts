// What of a service is measured: the guide's Channel_stat marks and the windows they make (G5, R4). Pure.

import { Problem } from '../server/problem.ts';
import type { MeasuredWindow, Service } from './schedule.ts';
import { instantOf, wallTextOf, zoneNamed } from './zone-time.ts';

/** Whether all or nothing is measured of a service without marks. */
export type MeasurePolicy = 'all' | 'none';

/** A year of marks every hour; each is applied to all before it. */
const MAX_MARKS = 8_784;
/** Where a first FALSE takes away from: all the time there is in a Date. */
const ALWAYS: MeasuredWindow = { from: -8_640_000_000_000_000, to: 8_640_000_000_000_000 };

/** A mark's years have four digits in every zone. */
const LAST_AT = Date.parse('9999-12-30T00:00:00Z');

const TIME = String.raw`(\d{2}):(\d{2})(?::(\d{2}))?`;
const DATE = String.raw`(\d{4})-(\d{2})-(\d{2})[T ]`;
const ZONE = String.raw`(Z|[+-]\d{2}:\d{2})?`;
const MARK = new RegExp(`^(?:stat=)?(TRUE|FALSE) ${DATE}${TIME}${ZONE} ?~ ?(?:${DATE})?${TIME}${ZONE}$`, 'i');

/**
 * Windows that the marks leave, in order and apart. TRUE adds, FALSE takes away, the later mark holds; if the first is FALSE, all
 * but that is measured. No marks: []. Marks that leave nothing: one empty window. A time without a zone is read in the service's
 * (`zone`, else UTC), an end without one in the start's; an end without a date that isn't after its start is the next
 * day's. Problem `invalid`.
 */
export function parseMarks(marks: readonly string[], zone: string | undefined): MeasuredWindow[] {
  if (marks.length > MAX_MARKS) throw new Problem('invalid', `a service may have ${MAX_MARKS} marks at most`);
  let windows: MeasuredWindow[] | undefined;
  for (const mark of marks) {
    const { on, from, to } = parseMark(mark, zone);
    windows ??= on ? [] : [ALWAYS];
    const apart = windows.flatMap((one) => [
      { from: one.from, to: Math.min(one.to, from) },
      { from: Math.max(one.from, to), to: one.to },
    ]);
    windows = joined(on ? [...windows, { from, to }] : apart.filter((one) => one.from < one.to));
  }
  if (windows?.length === 0) return [{ from: 0, to: 0 }];
  return windows ?? [];
}

function joined(windows: MeasuredWindow[]): MeasuredWindow[] {
  const result: MeasuredWindow[] = [];
  for (const { from, to } of windows.sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/** The parts of [from, to), epoch ms, that are measured: in order, apart, none empty. */
export function measuredWithin(
  service: Pick<Service, 'measured'>,
  from: number,
  to: number,
  policy: MeasurePolicy,
): MeasuredWindow[] {
  const all = policy === 'all' ? [{ from, to }] : [];
  const windows = service.measured.length === 0 ? all : service.measured;
  const parts = windows.map((one) => ({ from: Math.max(one.from, from), to: Math.min(one.to, to) }));
  return parts.filter((part) => part.from < part.to);
}

/**
 * What of the service is measured from `from` (epoch ms) on, as marks that parseMarks reads: `TRUE`, all of it; `FALSE`, nothing; else
 * each window, in the service's zone. Windows without bounds begin in 1970 and end with 9999.
 */
export function writeMarks(service: Pick<Service, 'measured' | 'zone'>, from: number, policy: MeasurePolicy): string[] {
  if (service.measured.length === 0) return [policy === 'all' ? 'TRUE' : 'FALSE'];
  const zone = zoneNamed(undefined, service.zone);
  const marks = service.measured
    .filter((one) => one.to > from && one.from < one.to)
    .map((one) => {
      const [start, end] = [wallTextOf(Math.max(one.from, 0), zone), wallTextOf(Math.min(one.to, LAST_AT), zone)];
      const isOneDay = start.date === end.date && start.offset === end.offset;
      return `TRUE ${start.date}T${start.time}${start.offset}~${isOneDay ? end.time : `${end.date}T${end.time}${end.offset}`}`;
    });
  return marks.length === 0 ? ['FALSE'] : marks;
}

function parseMark(mark: string, zone: string | undefined): MeasuredWindow & { on: boolean } {
  const match = MARK.exec(mark.trim());
  if (match === null) {
    const example = 'TRUE 2007-08-09T12:00+08:00~13:00';
    throw new Problem('invalid', `the mark "${mark.slice(0, 80)}" is not of the form ${example}`);
  }
  const refuse = (): never => {
    throw new Problem('invalid', `the mark "${mark.slice(0, 80)}" has a time that does not exist`);
  };
  const startZone = zoneNamed(match[8], zone);
  const endZone = match[15] === undefined ? startZone : zoneNamed(match[15], zone);
  const numbers = match.map((part) => Number(part));
  const day = { year: numbers[2] ?? 0, month: numbers[3] ?? 0, day: numbers[4] ?? 0 };
  const from = instantOf({ ...day, ...clockOf(match, 5) }, startZone) ?? refuse();
  const dated = match[9] !== undefined;
  const endDay = dated ? { year: numbers[9] ?? 0, month: numbers[10] ?? 0, day: numbers[11] ?? 0 } : day;
  let to = instantOf({ ...endDay, ...clockOf(match, 12) }, endZone) ?? refuse();
  if (!dated && to <= from) to = instantOf({ ...endDay, ...clockOf(match, 12), daysLater: 1 }, endZone) ?? refuse();
  if (to <= from) throw new Problem('invalid', `the mark "${mark.slice(0, 80)}" ends before it starts`);
  return { on: match[1]?.toUpperCase() === 'TRUE', from, to };
}

function clockOf(match: RegExpExecArray, at: number): { hour: number; minute: number; second: number } {
  return { hour: Number(match[at]), minute: Number(match[at + 1]), second: Number(match[at + 2] ?? 0) };
}
