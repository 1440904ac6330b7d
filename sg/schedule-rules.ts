// Makes a clean schedule of one service's programmes as they come: stops, doubles, overlaps (G2). Pure.

import type { StagedProgramme } from './guide-store.ts';
import { DAY_MS, dayOf, endedAt, LONGEST_PROGRAMME_MS, type Page, type Programme, programmeIdOf } from './schedule.ts';

/** One a minute. A page is one document, and must stay below 16 MiB with entries of 8 KiB. */
const MAX_PROGRAMMES_A_DAY = 1_440;

/** Takes note of a fault; `lost` when the programme is not taken over for it. */
export type Report = (line: number, rule: string, message: string, lost: boolean) => void;

/**
 * Programmes of one service, given in order of (start, place in the source), as a schedule without overlaps:
 * - of two that start together the later in the source holds (`duplicate`);
 * - without a stop it lasts to the next start (`missing_stop`); the last of all is left out (`no_stop`);
 * - one that runs into the next is cut at the next's start (`overlap`);
 * - one longer than 24 hours is cut there (`too_long`);
 * - an id used within the same day again gives way to one made of service and start (`duplicate_id`);
 * - beyond 1,440 a day they are left out (`too_many`).
 */
export async function* cleanSchedule(
  staged: AsyncIterable<StagedProgramme>,
  report: Report,
): AsyncGenerator<Programme> {
  let held: StagedProgramme | undefined;
  let day = Number.NaN;
  let ids = new Set<string>();
  const finish = (next: number | undefined): Programme | undefined => {
    if (held === undefined) return undefined;
    const programme = withStop(held, next, report);
    if (programme === undefined) return undefined;
    if (dayOf(programme.startAt) !== day) {
      day = dayOf(programme.startAt);
      ids = new Set();
    }
    if (ids.size >= MAX_PROGRAMMES_A_DAY) {
      report(held.line, 'too_many', `a service may start ${MAX_PROGRAMMES_A_DAY} programmes a day at most`, true);
      return undefined;
    }
    if (ids.has(programme.id)) {
      report(held.line, 'duplicate_id', `the id ${programme.id} is used before on that day`, false);
      programme.id = programmeIdOf(programme.service, programme.startAt);
    }
    ids.add(programme.id);
    return programme;
  };
  for await (const one of staged) {
    if (held !== undefined && one.programme.startAt === held.programme.startAt) {
      report(held.line, 'duplicate', `line ${one.line} starts at the same time, and holds`, true);
    } else {
      const done = finish(one.programme.startAt);
      if (done !== undefined) yield done;
    }
    held = one;
  }
  const last = finish(undefined);
  if (last !== undefined) yield last;
}

function withStop(
  { line, programme }: StagedProgramme,
  next: number | undefined,
  report: Report,
): Programme | undefined {
  const { startAt } = programme;
  let stopAt = programme.stopAt ?? next;
  if (stopAt === undefined) {
    report(line, 'no_stop', 'the last programme of a channel needs a stop', true);
    return undefined;
  }
  if (programme.stopAt === undefined) report(line, 'missing_stop', 'it lasts to the next start', false);
  if (next !== undefined && stopAt > next) {
    report(line, 'overlap', `it is cut at the next start, ${new Date(next).toISOString()}`, false);
    stopAt = next;
  }
  if (stopAt - startAt > LONGEST_PROGRAMME_MS) {
    report(line, 'too_long', 'it is cut after 24 hours', false);
    stopAt = startAt + LONGEST_PROGRAMME_MS;
  }
  const breaks = programme.breaks?.filter(({ from }) => from >= startAt);
  const { breaks: _, ...rest } = programme;
  const whole = { ...rest, stopAt: Number.MAX_SAFE_INTEGER, ...(breaks?.length ? { breaks } : {}) };
  return endedAt(whole, stopAt); // which also puts the fields in order
}

/** What is replaced: [from, to) in epoch ms. Without it: from the first start to the last stop of what is given. */
export interface ScheduleWindow {
  from: number;
  to: number;
}

/**
 * Pages that change when a service's programmes that start in the window give way to those given (in order, without overlaps, in
 * the window). One that runs into the window from before is cut at its start; all else stays. `listPages` answers the present
 * pages of days [fromDay, toDay).
 */
export async function* replaceInWindow(
  service: string,
  programmes: AsyncIterable<Programme>,
  window: ScheduleWindow | undefined,
  listPages: (fromDay: number, toDay: number) => Promise<Page[]>,
): AsyncGenerator<Page> {
  let from = window?.from;
  let nextDay = from === undefined ? undefined : dayOf(from - LONGEST_PROGRAMME_MS);
  let group: Programme[] = [];

  async function* pagesUpTo(toDay: number, to: number): AsyncGenerator<Page> {
    const start = from as number;
    const present = new Map((await listPages(nextDay as number, toDay)).map((page) => [page.day, page.programmes]));
    const groupDay = group[0] === undefined ? undefined : dayOf(group[0].startAt);
    for (const day of [...new Set([...present.keys(), ...(groupDay === undefined ? [] : [groupDay])])].sort(
      (a, b) => a - b,
    )) {
      const before = present.get(day) ?? [];
      const kept = before.filter((one) => one.startAt < start).map((one) => endedAt(one, start));
      const after = before.filter((one) => one.startAt >= to);
      const page = [...kept, ...(day === groupDay ? group : []), ...after];
      if (JSON.stringify(page) !== JSON.stringify(before)) yield { service, day, programmes: page };
    }
    nextDay = toDay;
    group = [];
  }

  for await (const programme of programmes) {
    from ??= programme.startAt;
    nextDay ??= dayOf(from - LONGEST_PROGRAMME_MS);
    const last = group[0];
    if (last !== undefined && dayOf(last.startAt) !== dayOf(programme.startAt)) {
      yield* pagesUpTo(dayOf(last.startAt) + 1, Number.POSITIVE_INFINITY);
    }
    group.push(programme);
  }
  const to = window?.to ?? group.at(-1)?.stopAt;
  if (to !== undefined) yield* pagesUpTo(dayOf(to + DAY_MS - 1), to);
}
