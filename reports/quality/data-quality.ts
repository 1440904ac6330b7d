// The use cases of data quality: the report of a day, and keeping those of the days that are over (ratings R16).

import { Problem } from '../../server/problem.ts';
import type { Receipt } from '../../server/viewing/report-log.ts';
import type { Session } from '../../server/viewing/session.ts';
import { instantOf, wallTextOf, zoneNamed } from '../../sg/zone-time.ts';
import type { CalendarDay, DayQuality } from './day-quality.ts';
import { createDayTally, type DaySchedule } from './day-tally.ts';
import type { QualityStore } from './quality-store.ts';

export interface DataQuality {
  /**
   * Of a date in the zone, by default yesterday; of today as far as it is. Problem `invalid` for what is no date, `not_found` for a day
   * that has not begun, `gone` for one whose reports are removed and of which none was kept.
   */
  report(date?: string): Promise<DayQuality>;
  /** Makes and keeps the report of each day that is over since the last kept one, at least yesterday's; the first is one with data. Removes old ones. Answers how many it made. */
  keepDays(): Promise<number>;
}

export interface DataQualityDeps {
  store: QualityStore;
  /** Resolves when what was received has reached the sessions. */
  settled(): Promise<void>;
  /** Reports received in [from, to), in pages, in any order. */
  listReceipts(from: number, to: number): AsyncIterable<Receipt[]>;
  /** Sessions that start in [from, to), whatever became of them, in pages, in any order. */
  listStarted(from: number, to: number): AsyncIterable<Session[]>;
  countOrphans(from: number, to: number): Promise<number>;
  scheduleOf(day: CalendarDay): Promise<DaySchedule>;
  /** IANA name. */
  zone: string;
  /** Reports, and reports on quality, are kept for so long, ms. */
  rawRetentionMs: number;
  figuresRetentionMs: number;
  clock: () => number;
}

export function createDataQuality(deps: DataQualityDeps): DataQuality {
  const { store, clock } = deps;
  const zone = zoneNamed(undefined, deps.zone);
  const today = (): string => wallTextOf(clock(), zone).date;
  const isRemoved = ({ from }: Pick<CalendarDay, 'from'>): boolean => from < clock() - deps.rawRetentionMs;
  /** Of one day at a time one pass, however many ask. */
  const making = new Map<string, Promise<DayQuality>>();

  const dayOf = (date: string, daysLater = 0): CalendarDay => {
    const [year = 0, month = 0, day = 0] = /^\d{4}-\d\d-\d\d$/.test(date) ? date.split('-').map(Number) : [];
    const midnight = { year, month, day, hour: 0, minute: 0, second: 0 };
    const from = instantOf({ ...midnight, daysLater }, zone);
    const to = instantOf({ ...midnight, daysLater: daysLater + 1 }, zone);
    if (from === undefined || to === undefined)
      throw new Problem('invalid', 'the parameter date must be a date such as 2026-07-20', {
        faults: [{ element: 'date', rule: 'date' }],
      });
    return { date: wallTextOf(from, zone).date, zone: deps.zone, from, to };
  };

  const make = async (day: CalendarDay): Promise<DayQuality> => {
    await deps.settled();
    const tally = createDayTally(day, await deps.scheduleOf(day));
    const before = dayOf(day.date, -1);
    if (!isRemoved(before))
      for await (const receipts of deps.listReceipts(before.from, before.to)) tally.seeBefore(receipts);
    for await (const receipts of deps.listReceipts(day.from, day.to)) tally.see(receipts);
    for await (const sessions of deps.listStarted(day.from, day.to)) tally.seeSessions(sessions);
    return tally.finish(await deps.countOrphans(day.from, day.to), clock());
  };

  const makeOnce = (day: CalendarDay): Promise<DayQuality> => {
    const made = making.get(day.date) ?? make(day).finally(() => making.delete(day.date));
    making.set(day.date, made);
    return made;
  };

  return {
    async report(date = dayOf(today(), -1).date) {
      const day = dayOf(date);
      if (day.from > clock()) throw new Problem('not_found', `the day ${date} has not begun`);
      const kept = await store.find(day.date);
      if (kept !== undefined) return kept;
      if (isRemoved(day))
        throw new Problem('gone', `the reports of ${date} are removed, and no report on them was kept`);
      return makeOnce(day);
    },

    async keepDays() {
      const last = await store.findLastDate();
      const yesterday = dayOf(today(), -1);
      let day = last === undefined || last >= yesterday.date ? yesterday : dayOf(last, 1);
      let made = 0;
      for (; day.date <= yesterday.date; day = dayOf(day.date, 1)) {
        if ((isRemoved(day) && day.date !== yesterday.date) || (await store.find(day.date)) !== undefined) continue;
        const quality = await makeOnce(day);
        if (last === undefined && quality.reports.received + quality.sessions.started === 0) continue;
        await store.put(quality);
        made++;
      }
      await store.removeBefore(wallTextOf(clock() - deps.figuresRetentionMs, zone).date);
      return made;
    },
  };
}
