// What reports read of the guide, and the time of each broadcast in it (ratings R1, R2).

import { secondOf } from '../figures/clean-viewing.ts';
import { countBelow, createSeek, type Seek } from '../figures/seek.ts';
import { type Span, subtract, unite } from '../figures/spans.ts';

/** A service as reports need it. */
export interface GuideService {
  id: string;
  name: string;
  /** The content provider it belongs to. */
  provider?: string;
  /** Of its programmes that have no categories of their own. */
  genre?: string;
  /** Its own dwell, before the general one (V12). */
  dwellMs?: number;
}

/** A programme's slot on a service, half-open, epoch ms; `breaks` likewise. */
export interface GuideProgramme {
  id: string;
  service: string;
  title: string;
  startAt: number;
  stopAt: number;
  breaks?: { from: number; to: number }[];
  series?: string;
  episode?: string;
  categories?: string[];
}

/** One broadcast of a programme: `parts` is its time, in epoch seconds, ordered and disjoint. */
export interface Broadcast {
  service: string;
  parts: Span[];
  programme: GuideProgramme;
}

/** Epoch ms to whole seconds, ordered and disjoint. */
export function toSpans(spans: readonly { from: number; to: number }[]): Span[] {
  return unite(spans.map(({ from, to }) => ({ from: secondOf(from), to: secondOf(to) })));
}

/**
 * Each programme's slot less its breaks, ordered by service and time. Where a schedule overlaps, the programme that
 * starts later has the time from its start. A service's own window keeps the breaks in it: it is all that was sent.
 */
export function broadcastsOf(programmes: readonly GuideProgramme[]): Broadcast[] {
  const broadcasts: Broadcast[] = [];
  for (const [service, list] of Map.groupBy(programmes, (programme) => programme.service)) {
    const sorted = list.toSorted((a, b) => a.startAt - b.startAt || (a.id < b.id ? -1 : 1));
    sorted.forEach((programme, index) => {
      const to = Math.min(programme.stopAt, sorted[index + 1]?.startAt ?? Number.POSITIVE_INFINITY);
      const parts = subtract(toSpans([{ from: programme.startAt, to }]), toSpans(programme.breaks ?? []));
      broadcasts.push({ service, parts, programme });
    });
  }
  return broadcasts;
}

/** The programmes of one service by their starts. */
export interface Schedule {
  starts: Seek;
  programmes: readonly GuideProgramme[];
}

export function scheduleOf(programmes: readonly GuideProgramme[]): Schedule {
  const sorted = programmes.toSorted((a, b) => a.startAt - b.startAt);
  return { starts: createSeek(Float64Array.from(sorted, ({ startAt }) => startAt)), programmes: sorted };
}

/** The place in the schedule of the programme that is on at a time, epoch ms; -1 when none is. */
export function placeAt({ starts, programmes }: Schedule, at: number): number {
  const place = countBelow(starts, at) - 1;
  return at < (programmes[place]?.stopAt ?? at) ? place : -1;
}

/** Finds the programme that the schedule has on a service at a time, epoch ms. */
export function scheduleLookup(
  programmes: readonly GuideProgramme[],
): (service: string, at: number) => string | undefined {
  const services = Map.groupBy(programmes, ({ service }) => service);
  const schedules = new Map([...services].map(([service, list]) => [service, scheduleOf(list)]));
  return (service, at) => {
    const schedule = schedules.get(service);
    return schedule?.programmes[placeAt(schedule, at)]?.id;
  };
}
