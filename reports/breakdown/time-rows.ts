// A window in minutes, quarter-hours, dayparts, broadcast days, weeks: the times that rows are of (ratings R3).

import { Problem } from '../../server/problem.ts';
import { type Span, unite } from '../figures/spans.ts';
import { ROW_LIMIT } from '../ratings/rules.ts';
import type { TimeDimension } from './breakdown.ts';
import { type BroadcastDay, broadcastTime, dateOf, weekdayOf, weekOf } from './broadcast-calendar.ts';
import { type Daypart, daypartLookup } from './dayparts.ts';

/** What names a row's time. Where a window cuts it, startAt and stopAt (epoch ms) say so, and the name stays. */
export interface TimeKey {
  /** Date of the broadcast day. */
  broadcastDay?: string;
  /** ISO 8601: `2026-W01`. */
  week?: string;
  /** ISO 8601: 1 is Monday. */
  weekday?: number;
  weekdayName?: string;
  daypart?: string;
  /** When it begins as clocks show it, past 24 after midnight. The hour that clocks show twice is told by startAt alone. */
  broadcastTime?: string;
  startAt?: number;
  stopAt?: number;
}

/** `spans` in epoch seconds, within the window, ordered and disjoint. */
export interface TimeRow {
  key: TimeKey;
  spans: Span[];
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const CLOCK_S = { minute: 60, 'quarter-hour': 900, hour: 3600 };

/**
 * The window in rows by time, ascending (dayparts in the order of their table, weekdays from Monday); they are disjoint and sum to
 * the window. `days` are those that the window touches. Problem `too_large` for more rows than a report may have.
 */
export function timeRows(
  dimension: TimeDimension,
  window: Span,
  days: readonly BroadcastDay[],
  dayparts: readonly Daypart[],
): TimeRow[] {
  const cut = ({ from, to }: Span): Span => ({ from: Math.max(from, window.from), to: Math.min(to, window.to) });
  const byDays = (nameOf: (day: number) => TimeKey & { place: string | number }): TimeRow[] =>
    [...Map.groupBy(days, ({ number }) => nameOf(number).place).values()].map((group) => {
      const { place, ...key } = nameOf(group[0]?.number ?? 0);
      return { key, spans: unite(group.map(cut)) };
    });
  switch (dimension) {
    case 'day':
      return byDays((day) => ({ broadcastDay: dateOf(day), place: day })).map(withInstants);
    case 'week':
      return byDays((day) => ({ week: weekOf(day), place: weekOf(day) })).map(withInstants);
    case 'weekday':
      return byDays((day) => {
        const weekday = weekdayOf(day);
        return { weekday, weekdayName: WEEKDAYS[weekday - 1] ?? '', place: weekday };
      }).sort((a, b) => (a.key.weekday ?? 0) - (b.key.weekday ?? 0));
    case 'daypart': {
      const placeOf = daypartLookup(dayparts);
      const spans = dayparts.map((): Span[] => []);
      for (const { hour, from, to } of clockCells(3600, window, days)) spans[placeOf(hour)]?.push(cut({ from, to }));
      return dayparts
        .map(({ name }, place) => ({ key: { daypart: name }, spans: unite(spans[place] ?? []) }))
        .filter((row) => row.spans.length > 0);
    }
    default: {
      const rows: TimeRow[] = [];
      for (const { day, from, to } of clockCells(CLOCK_S[dimension], window, days)) {
        const key = { broadcastDay: dateOf(day.number), broadcastTime: broadcastTime(day, from) };
        rows.push(withInstants({ key, spans: [cut({ from, to })] }));
        refuseMore(rows.length);
      }
      return rows;
    }
  }
}

/** Problem `too_large` for more rows than a report may have. */
export function refuseMore(rows: number): void {
  if (rows > ROW_LIMIT) throw new Problem('too_large', `the report would have more than ${ROW_LIMIT} rows`);
}

/** From one full quarter-hour or hour of the wall to the next; a change of clocks begins a new one, too. Not cut by the window. */
function* clockCells(sizeS: number, window: Span, days: readonly BroadcastDay[]) {
  for (const day of days) {
    for (const { from: start, to: stop, aheadS } of day.steady) {
      for (let from = start, to = 0; from < stop; from = to) {
        const wall = from + aheadS;
        to = Math.min(stop, (Math.floor(wall / sizeS) + 1) * sizeS - aheadS);
        const hour = Math.floor(wall / 3600) % 24;
        if (to > window.from && from < window.to) yield { day, hour: hour < 0 ? hour + 24 : hour, from, to };
      }
    }
  }
}

function withInstants({ key, spans }: TimeRow): TimeRow {
  const [first, last] = [spans[0], spans.at(-1)];
  if (first === undefined || last === undefined) return { key, spans };
  return { key: { ...key, startAt: first.from * 1000, stopAt: last.to * 1000 }, spans };
}
