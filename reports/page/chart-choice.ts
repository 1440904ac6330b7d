// Which chart a report is drawn as, by the shape of its rows (ratings R3, R14). Pure; nothing is summed or averaged for drawing.

import { max } from 'd3-array';
import type { RatingReport, RatingRow } from '../ratings/rating-report.ts';
import { contentName, leftOutShort, partOfTime, peopleName, type Reading } from './row-words.ts';

/** One interval of time, epoch ms, half-open. Without a value it is a gap: left out, or not measured. */
export interface Cell {
  from: number;
  to: number;
  value?: number;
  isLeftOut?: true;
}

export interface LinePanel {
  name: string;
  cells: Cell[];
}

/** Average audience over time; panels share the scale. */
export interface LineChart {
  kind: 'lines';
  panels: LinePanel[];
  from: number;
  to: number;
  notes: string[];
}

export interface Bar {
  name: string;
  detail?: string;
  value?: number;
  /** Of `rating`: reach in %. Of `profile`: what it would be, were the group like everybody. */
  mark?: number;
  index?: number;
  /** In words, why there is no value. */
  missing?: string;
}

export interface BarPanel {
  name: string;
  bars: Bar[];
}

export interface BarChart {
  kind: 'bars';
  measure: 'rating' | 'profile' | 'audience';
  panels: BarPanel[];
  notes: string[];
}

/** As many as one can tell apart on a page. */
const PANELS = 8;
/** What a sheet of A4 has room for below the head of the report. */
const BARS = 16;
/** A day by the minute, with the hour that is there twice when clocks change; twice as many pixels as a page is wide. */
const CELLS = 1_500;

type BarName = readonly [name: string, detail?: string | undefined];

/** Undefined where there is nothing to draw. */
export function chartOf(report: RatingReport, reading: Reading): LineChart | BarChart | undefined {
  const { items, criteria } = report;
  if (!items.some((row) => row.averageAudience !== undefined)) return undefined;
  const isOverTime = /(^|,)(minute|quarter-hour|hour|day|week)(,|$)/.test(criteria.by);
  const series = Map.groupBy(items, lineName);
  const most = max(series.values(), (rows) => rows.length) ?? 0;
  return isOverTime && most > 2 ? linesOf(series, criteria) : barsOf(report, reading);
}

const lineName = (row: RatingRow): string =>
  [seriesOf(row), peopleName(row)].filter((part) => part !== undefined && part !== '').join(' · ');

function linesOf(series: Map<string, RatingRow[]>, { from, through }: RatingReport['criteria']): LineChart {
  const notes: string[] = [];
  const all = largest(series, notes);
  const most = Math.max(...all.map(([, rows]) => rows.length));
  if (most > CELLS) notes.push(`Only the first ${CELLS} of ${most} times are drawn.`);
  const panels = all.map(([name, rows]) => ({
    name: name || 'All services together',
    cells: rows.slice(0, CELLS).map(cellOf),
  }));
  const ends = panels.flatMap(({ cells }) => cells.map(({ to }) => to));
  const to = most > CELLS ? Math.max(...ends) : Math.max(through, ...ends);
  return { kind: 'lines', panels, from: Math.min(from, panels[0]?.cells[0]?.from ?? from), to, notes };
}

function cellOf({ startAt = 0, stopAt = startAt, averageAudience, suppressed }: RatingRow): Cell {
  return {
    from: startAt,
    to: stopAt,
    ...(averageAudience === undefined ? {} : { value: averageAudience }),
    ...(suppressed === undefined ? {} : { isLeftOut: true }),
  };
}

/** Names of services may be the same: with the id, it is one of them. */
function seriesOf(row: RatingRow): string {
  const { service, serviceName, programme, title } = row;
  const name = contentName(row);
  const id = title === undefined ? (serviceName === undefined ? undefined : service) : programme;
  return id === undefined || id === name ? name : `${name} (${id})`;
}

function barsOf({ items, criteria }: RatingReport, reading: Reading): BarChart {
  const notes: string[] = [];
  const isOneDay = new Set(items.map(({ broadcastDay }) => broadcastDay)).size === 1;
  const isByPeople = items.some((row) => peopleName(row) !== undefined);
  const isByPart = /(^|,)(daypart|weekday|day|week)(,|$)/.test(criteria.by);
  const measure =
    isByPeople && !isByPart ? 'profile' : items.some((row) => row.ratingPercent !== undefined) ? 'rating' : 'audience';
  const drawn = (bars: readonly RatingRow[], nameOf: (row: RatingRow) => BarName): Bar[] =>
    bars.map((row) => barOf(row, measure, nameOf(row), reading));
  const panelName = (row: RatingRow): string => (isByPart ? lineName(row) : seriesOf(row));
  const groups = Map.groupBy(items, panelName);
  if (!isByPeople && (!isByPart || groups.size === items.length)) {
    const sorted = items.toSorted((a, b) => measured(b, measure) - measured(a, measure));
    if (sorted.length > BARS)
      notes.push(`The ${BARS} of ${sorted.length} rows with the greatest values are drawn; the table has the rest.`);
    const bars = drawn(sorted.slice(0, BARS), (row) => [
      contentName(row) || partOfTime(row) || 'All services together',
      detailOf(row, isOneDay),
    ]);
    return { kind: 'bars', measure, panels: [{ name: '', bars }], notes };
  }
  const panels = largest(groups, notes).map(([name, rows]) => ({
    name,
    bars: drawn(rows.slice(0, BARS), (row) =>
      isByPart ? [partOfTime(row) ?? ''] : [peopleName(row) ?? '', detailOf(row, isOneDay)],
    ),
  }));
  const most = Math.max(...panels.map(({ bars }) => bars.length));
  if (most === BARS && items.length > BARS)
    notes.push(`At most ${BARS} bars of each are drawn; the table has the rest.`);
  return { kind: 'bars', measure, panels, notes };
}

const detailOf = ({ broadcastTime, broadcastDay }: RatingRow, isOneDay: boolean): string | undefined =>
  broadcastTime === undefined || isOneDay ? broadcastTime : `${broadcastDay} ${broadcastTime}`;

function measured(row: RatingRow, measure: BarChart['measure']): number {
  const value = { rating: row.ratingPercent, profile: row.profilePercent, audience: row.averageAudience }[measure];
  return value ?? -1; // after all that have one
}

function barOf(row: RatingRow, measure: BarChart['measure'], [name, detail]: BarName, reading: Reading): Bar {
  const bar = { name, ...(detail === undefined ? {} : { detail }) };
  const value = measured(row, measure);
  if (value < 0) {
    const missing = row.suppressed === true ? leftOutShort(reading) : (row.notAvailable ?? 'not available');
    return { ...bar, missing };
  }
  const { index, profilePercent = 0, reachPercent } = row;
  if (measure === 'profile')
    return {
      ...bar,
      value,
      ...(index === undefined ? {} : { index }),
      ...(index ? { mark: (100 * profilePercent) / index } : {}),
    };
  return { ...bar, value, ...(measure === 'rating' && reachPercent !== undefined ? { mark: reachPercent } : {}) };
}

/** The largest groups by time watched, in the order of the report; says what else there is. */
function largest(groups: Map<string, RatingRow[]>, notes: string[]): [string, RatingRow[]][] {
  if (groups.size <= PANELS) return [...groups];
  const watched = (rows: readonly RatingRow[]): number => rows.reduce((sum, row) => sum + (row.viewerSeconds ?? 0), 0);
  const kept = new Set(
    [...groups]
      .toSorted(([, a], [, b]) => watched(b) - watched(a))
      .slice(0, PANELS)
      .map(([name]) => name),
  );
  notes.push(`The ${PANELS} of ${groups.size} that were watched most are drawn; the table has the rest.`);
  return [...groups].filter(([name]) => kept.has(name));
}
