// The rating figures of many targets in one pass over viewing (ratings R2-R4, R18).

import type { Stretch } from './audience.ts';
import { type Piece, toMinutes } from './minute-base.ts';
import { countUpTo, intersect, lengthOf, type Span, unite } from './spans.ts';
import { createTargetTally, type MinuteAudience, type Reach, type TargetTally } from './target-tally.ts';
import { type Bins, boundsOf, createBins, runningSum } from './time-bins.ts';

export type Base = 'second' | 'minute';

/**
 * A service's window or a programme's slot. `parts` is its time less its breaks, ordered and disjoint; W is what of
 * that was measured on the service and lies in the window. The parts of two targets of one service don't overlap.
 */
export interface Target {
  service: string;
  parts: Span[];
}

/**
 * The figures of R2. Seconds are weighted where people are. `put` and `share` set the target against the viewing of any
 * service, each counted only where it is itself measured, within the target's own W. So for services with the same W
 * shares sum to 100 and ratings to the PUT. The total's W is the union of all services' measured time in the window.
 * A figure whose divisor is 0 is absent; with an empty W all but the sums are.
 */
export interface Figures {
  /** |W|. */
  measuredS: number;
  viewerSeconds: number;
  /** People with a second or more, unweighted; likewise those reached. */
  viewers: number;
  reached: number;
  averageAudience?: number;
  rating?: number;
  put?: number;
  share?: number;
  reach?: number;
  reachPercent?: number;
  secondsPerViewer?: number;
  secondsPerHead?: number;
  completeness?: number;
  peak?: MinuteAudience;
  lowest?: MinuteAudience;
}

/** What the figures rest on: sessions on services that have targets (R5). Seconds unweighted, before the base of minutes. */
interface Evidence {
  viewers: number;
  sessions: number;
  seconds: number;
  imputedSeconds: number;
}

export interface TallyOptions {
  window: Span;
  base: Base;
  reach: Reach;
  universe: number;
  keepsMinutes: boolean;
  /** Every service of the guide: their measured time makes the total's W. */
  services: readonly string[];
  targets: readonly Target[];
  /** Ordered, disjoint; asked once a service, may reach past the window. */
  measuredWithin(service: string): Span[];
  /** Whether a service that has no targets at first gets the whole window as one when it is first seen. */
  admits(service: string): boolean;
  weightOf(viewer: number): number;
}

export interface Tally {
  /** All viewing of one viewer, as cleanViewing gives it; each viewer once. */
  add(viewer: number, stretches: readonly Stretch[]): void;
  /** In the order of the targets given, then of those admitted; for a weight of 1 and up to 2^53 seconds all sums are exact. */
  finish(): {
    rows: { target: Target; figures: Figures }[];
    total: Figures;
    evidence: Evidence;
    greatestWeight: number;
  };
}

interface Lane {
  service: string;
  measured: Span[];
  /** Ends and starts of the targets' parts on this service, and whose they are. */
  ends: number[];
  starts: number[];
  owners: TargetTally[];
}

/** Memory grows with targets and their minutes, never with viewers or sessions. */
export function createTally(options: TallyOptions): Tally {
  const { window, base, universe } = options;
  const lanes = new Map<string, Lane>();
  const rows: { target: Target; within: Span[]; tally: TargetTally }[] = [];
  const total = createTargetTally(window, options.reach, options.keepsMinutes);
  const evidence: Evidence = { viewers: 0, sessions: 0, seconds: 0, imputedSeconds: 0 };
  let greatestWeight = 0;

  const openLane = (service: string): Lane => {
    const lane = { service, measured: options.measuredWithin(service), ends: [], starts: [], owners: [] };
    lanes.set(service, lane);
    return lane;
  };
  const openTargets = (lane: Lane, targets: readonly Target[]): void => {
    const parts: { from: number; to: number; owner: TargetTally }[] = [];
    for (const target of targets) {
      const within = intersect(intersect(target.parts, [window]), lane.measured);
      const extent = { from: within[0]?.from ?? window.from, to: within.at(-1)?.to ?? window.from };
      const tally = createTargetTally(extent, options.reach, options.keepsMinutes);
      rows.push({ target, within, tally });
      for (const span of within) parts.push({ ...span, owner: tally });
    }
    parts.sort((a, b) => a.from - b.from);
    lane.starts = parts.map(({ from }) => from);
    lane.ends = parts.map(({ to }) => to);
    lane.owners = parts.map(({ owner }) => owner);
  };
  for (const service of options.services) openLane(service);
  const byService = Map.groupBy(options.targets, ({ service }) => service);
  for (const [service, targets] of byService) openTargets(lanes.get(service) ?? openLane(service), targets);
  const place = new Map(options.targets.map((target, index) => [target, index]));
  rows.sort((a, b) => (place.get(a.target) ?? 0) - (place.get(b.target) ?? 0));

  const laneOf = (service: string): Lane => {
    const known = lanes.get(service);
    if (known !== undefined) return known;
    const lane = openLane(service);
    if (options.admits(service)) openTargets(lane, [{ service, parts: [{ ...window }] }]);
    return lane;
  };

  const bounds = boundsOf(window, [...rows.map(({ within }) => within), ...[...lanes.values()].map((l) => l.measured)]);
  const anyService: Bins = createBins(bounds);

  const count = (viewer: number, piece: Piece<Lane>, weight: number): void => {
    const { lane, from, to } = piece;
    anyService.add(from, to, weight);
    total.add(viewer, from, to, weight);
    for (let part = countUpTo(lane.ends, from); part < lane.ends.length; part++) {
      const start = Math.max(from, lane.starts[part] as number);
      const end = Math.min(to, lane.ends[part] as number);
      if (start >= end) return;
      lane.owners[part]?.add(viewer, start, end, weight);
    }
  };

  const gather = (stretches: readonly Stretch[]): Piece<Lane>[] => {
    const pieces: Piece<Lane>[] = [];
    const used = new Set<number>();
    for (const stretch of stretches) {
      const lane = laneOf(stretch.service);
      cut(lane, stretch.from, stretch.to, (from, to) => {
        pieces.push({ lane, from, to });
        const start = Math.max(from, window.from);
        const end = Math.min(to, window.to);
        if (start >= end || lane.owners.length === 0) return;
        used.add(stretch.session);
        evidence.seconds += end - start;
        evidence.imputedSeconds += Math.max(0, end - Math.max(start, stretch.imputedFrom));
      });
    }
    evidence.sessions += used.size;
    if (used.size > 0) evidence.viewers++;
    return pieces;
  };

  return {
    add(viewer, stretches) {
      const weight = options.weightOf(viewer);
      greatestWeight = Math.max(greatestWeight, weight);
      const seconds = gather(stretches);
      for (const piece of base === 'minute' ? toMinutes(seconds) : seconds) {
        cut(piece.lane, Math.max(piece.from, window.from), Math.min(piece.to, window.to), (from, to) =>
          count(viewer, { lane: piece.lane, from, to }, weight),
        );
      }
    },
    finish() {
      const before = runningSum(anyService.sums());
      const anyWithin = (spans: readonly Span[]): number | undefined => {
        let sum = 0;
        for (const { from, to } of spans) {
          const [first, last] = [countUpTo(bounds, from) - 1, countUpTo(bounds, to) - 1];
          if (bounds[first] !== from || bounds[last] !== to) return undefined; // measured by a window learnt too late
          sum += (before[last] as number) - (before[first] as number);
        }
        return sum;
      };
      const all = unite([...lanes.values()].flatMap(({ measured }) => intersect(measured, [window])));
      return {
        rows: rows.map(({ target, within, tally }) => ({
          target,
          figures: figuresOf(tally, within, anyWithin(within), universe),
        })),
        total: figuresOf(total, all, total.read().viewerSeconds, universe),
        evidence,
        greatestWeight,
      };
    },
  };
}

function figuresOf(tally: TargetTally, within: readonly Span[], any: number | undefined, universe: number): Figures {
  const { viewerSeconds, viewers, reach, reached } = tally.read();
  const measuredS = lengthOf(within);
  const sums = { measuredS, viewerSeconds, viewers, reached };
  if (measuredS === 0) return sums;
  const averageAudience = viewerSeconds / measuredS;
  return {
    ...sums,
    averageAudience,
    reach,
    ...(any === undefined || universe === 0 ? {} : { put: (100 * any) / (measuredS * universe) }),
    ...(any === undefined || any === 0 ? {} : { share: (100 * viewerSeconds) / any }),
    ...(universe === 0
      ? {}
      : {
          rating: (100 * averageAudience) / universe,
          reachPercent: (100 * reach) / universe,
          secondsPerHead: viewerSeconds / universe,
        }),
    ...(reach === 0 ? {} : { secondsPerViewer: viewerSeconds / reach, completeness: averageAudience / reach }),
    ...tally.minutes(within),
  };
}

function cut(lane: Lane, from: number, to: number, use: (from: number, to: number) => void): void {
  for (const span of lane.measured) {
    if (span.from >= to) return;
    const start = Math.max(from, span.from);
    const end = Math.min(to, span.to);
    if (start < end) use(start, end);
  }
}
