// From what a report is asked for to its rows: what each is of, and the time that its figures are asked of (ratings R1-R4).

import { Problem } from '../../server/problem.ts';
import type { Zone } from '../../sg/zone-time.ts';
import { secondOf } from '../figures/clean-viewing.ts';
import { countUpTo, intersect, type Span } from '../figures/spans.ts';
import type { Part, Target } from '../figures/target.ts';
import type { Breakdown } from './breakdown.ts';
import { broadcastDays, broadcastTime, dateOf } from './broadcast-calendar.ts';
import type { Broadcast, GuideProgramme, GuideService } from './broadcasts.ts';
import { type ContentKey, type ContentRow, contentRows } from './content-rows.ts';
import { DAYPARTS, type Daypart } from './dayparts.ts';
import { refuseMore, type TimeKey, type TimeRow, timeRows } from './time-rows.ts';

/** What names a row among those of a report, in the order of a report's columns. */
export interface RowKey extends ContentKey, TimeKey {
  /** How many broadcasts it is of, in its time; absent where rows are of whole services. */
  broadcasts?: number;
}

export interface RowTarget {
  key: RowKey;
  target: Target;
}

export interface RowsAsked {
  breakdown: Breakdown;
  /** Epoch seconds. */
  window: Span;
  zone: Zone;
  /** The broadcast day begins at this whole hour of the zone's wall time, 0 to 23. */
  dayStartHour: number;
  /** In the order of the guide, each once; what is on other services is in no row. */
  services: readonly GuideService[];
  programmes: readonly GuideProgramme[];
  dayparts?: readonly Daypart[];
}

/** Of all rows, parts and services counted: some 150 MB. Enough for each minute of a day, summed over 1,000 services. */
const PIECE_LIMIT = 2_000_000;

/**
 * Rows by content in guide order, then by time. A service has a row in every time, a programme only where it has time there: less
 * its breaks and what a later programme takes. Times lie in the window, except that the row of a programme without a time
 * dimension is of its whole slot. Problem `too_large` for more rows than a report may have, or more than fits in memory.
 */
export function targetsOf(asked: RowsAsked): RowTarget[] {
  const { breakdown, window, zone, dayStartHour, services, programmes } = asked;
  const times: TimeRow[] =
    breakdown.time === undefined
      ? [{ key: {}, spans: window.from < window.to ? [{ ...window }] : [] }]
      : timeRows(breakdown.time, window, broadcastDays(window, zone, dayStartHour), asked.dayparts ?? DAYPARTS);
  const contents = contentRows(breakdown.content, services, programmes);
  if (breakdown.content === 'programme' && breakdown.time === undefined) return wholeSlots(contents, asked);
  const rows: RowTarget[] = [];
  let pieces = 0;
  const count = (more: number): void => {
    pieces += more;
    if (pieces > PIECE_LIMIT) throw new Problem('too_large', 'the report would have more parts than fit in memory');
  };
  const partsOf = times.map(({ spans }) => spans.map((span): Part => ({ ...span, broadcast: 0 })));
  const spread = spreader(times, count);
  for (const content of contents) {
    if ('services' in content) {
      times.forEach((time, place) => {
        const parts = partsOf[place] ?? []; // the same for all services
        count(1 + content.services.length);
        const lanes = content.services.map((service) => ({ service, parts }));
        refuseMore(rows.push({ key: { ...content.key, ...time.key }, target: { lanes, extent: 'union' } }));
      });
      continue;
    }
    const cells = spread(content.broadcasts);
    times.forEach((time, place) => {
      const cell = cells.get(place);
      if (cell === undefined) return;
      const lanes = [...cell.lanes].map(([service, parts]) => ({ service, parts }));
      const own = breakdown.content === 'programme' ? slotWithin(cell.last.programme, time.spans) : {};
      const key = { ...content.key, broadcasts: cell.broadcasts, ...time.key, ...own };
      refuseMore(rows.push({ key, target: { lanes, extent: 'sum' } }));
    });
  }
  return rows;
}

/** Programmes over their slots; those that have time in the window. */
function wholeSlots(contents: readonly ContentRow[], { window, zone, dayStartHour }: RowsAsked): RowTarget[] {
  const shown = contents.flatMap((content) => {
    const broadcast = 'broadcasts' in content ? content.broadcasts[0] : undefined;
    if (broadcast === undefined || intersect(broadcast.parts, [window]).length === 0) return [];
    return [{ key: content.key, broadcast, from: secondOf(broadcast.programme.startAt) }];
  });
  refuseMore(shown.length);
  const earliest = shown.reduce((least, { from }) => Math.min(least, from), window.from);
  const days = broadcastDays({ from: earliest, to: window.to }, zone, dayStartHour);
  const starts = days.map(({ from }) => from);
  return shown.map(({ key, broadcast, from }) => {
    const day = days[countUpTo(starts, from) - 1];
    const time = day === undefined ? {} : { broadcastDay: dateOf(day.number), broadcastTime: broadcastTime(day, from) };
    const slot = { startAt: from * 1000, stopAt: secondOf(broadcast.programme.stopAt) * 1000 };
    const parts = broadcast.parts.map((part): Part => ({ ...part, broadcast: 0 }));
    const target: Target = { lanes: [{ service: broadcast.service, parts }], extent: 'sum' };
    return { key: { ...key, broadcasts: 1, ...time, ...slot }, target };
  });
}

/** What of a row's broadcasts lies in one of its times. */
interface Cell {
  lanes: Map<string, Part[]>;
  broadcasts: number;
  last: Broadcast;
}

/** Cuts broadcasts, ordered by service and time, by the times; tells how many pieces that makes. By place among the times. */
function spreader(times: readonly TimeRow[], count: (pieces: number) => void) {
  const spans = times.flatMap((time, place) => time.spans.map((span) => ({ ...span, place })));
  spans.sort((a, b) => a.from - b.from);
  const ends = spans.map(({ to }) => to);
  return (broadcasts: readonly Broadcast[]): Map<number, Cell> => {
    const cells = new Map<number, Cell>();
    for (const broadcast of broadcasts) {
      for (const part of broadcast.parts) {
        for (let at = countUpTo(ends, part.from); at < spans.length; at++) {
          const span = spans[at] as Span & { place: number };
          if (span.from >= part.to) break;
          const cell = cells.get(span.place) ?? { lanes: new Map(), broadcasts: 0, last: broadcast };
          if (cell.broadcasts === 0) cells.set(span.place, cell);
          if (cell.broadcasts === 0 || cell.last !== broadcast) cell.broadcasts++;
          cell.last = broadcast;
          const parts = cell.lanes.get(broadcast.service);
          const from = Math.max(part.from, span.from);
          const piece = { from, to: Math.min(part.to, span.to), broadcast: cell.broadcasts - 1 };
          if (parts === undefined) cell.lanes.set(broadcast.service, [piece]);
          else parts.push(piece);
          count(parts === undefined ? 2 : 1);
        }
      }
    }
    return cells;
  };
}

/** The programme's slot as far as it lies in the row's time: from its first instant there to its last. */
function slotWithin({ startAt, stopAt }: GuideProgramme, spans: readonly Span[]): { startAt: number; stopAt: number } {
  const within = intersect([{ from: secondOf(startAt), to: secondOf(stopAt) }], spans);
  return { startAt: (within[0]?.from ?? 0) * 1000, stopAt: (within.at(-1)?.to ?? 0) * 1000 };
}
