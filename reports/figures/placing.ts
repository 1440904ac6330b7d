// Where the targets of a tally lie on the services, cut to what was measured there (ratings R2, R4).

import { type Lane, layersOf, type PlacedPart, placedParts } from './lanes.ts';
import { intersect, type Span, unite } from './spans.ts';
import type { Part, Target } from './target.ts';

/** A target and its W. */
export interface PlacedTarget {
  target: Target;
  /** By service. */
  within: Span[][];
  /** In which its viewing can lie, so that minutes can be kept of it. */
  extent: Span;
  /** The number in the whole tally of each of its broadcasts. */
  broadcasts: Map<number, number>;
}

export interface Placing {
  targets: PlacedTarget[];
  /** Seconds measured of each broadcast. */
  broadcastLengths: number[];
  lanes: Map<string, Lane>;
  /** One that is new is learnt: it is part of what is of every service. */
  laneOf(service: string): Lane;
}

export interface PlacingOptions {
  window: Span;
  services: readonly string[];
  targets: readonly Target[];
  measuredWithin(service: string): Span[];
  admit?(service: string): readonly Target[];
}

/** `opened` is called with all targets and how many broadcasts they have, whenever some were added. */
export function createPlacing(
  options: PlacingOptions,
  opened: (targets: readonly PlacedTarget[], broadcasts: number) => void,
): Placing {
  const { window } = options;
  const lanes = new Map<string, Lane>();
  const targets: PlacedTarget[] = [];
  const broadcastLengths: number[] = [];

  const openLane = (service: string): Lane => {
    const lane = { service, measured: options.measuredWithin(service), layers: [] };
    lanes.set(service, lane);
    return lane;
  };

  const place = (number: number, lane: Lane, parts: readonly Part[]): PlacedPart[] => {
    const { within, broadcasts } = targets[number] as PlacedTarget;
    const numberOf = (broadcast: number): number => {
      const known = broadcasts.get(broadcast);
      if (known !== undefined) return known;
      broadcasts.set(broadcast, broadcastLengths.length);
      return broadcastLengths.push(0) - 1;
    };
    const placed = placedParts(number, parts, intersect(lane.measured, [window]), numberOf);
    for (const { from, to, broadcast } of placed) {
      broadcastLengths[broadcast] = (broadcastLengths[broadcast] as number) + to - from;
    }
    within.push(unite(placed));
    return placed;
  };

  const open = (added: readonly Target[]): void => {
    const placed = new Map<Lane, PlacedPart[]>();
    for (const target of added) {
      const one: PlacedTarget = { target, within: [], extent: { ...window }, broadcasts: new Map() };
      const number = targets.push(one) - 1;
      const { everyService } = target;
      const wanted =
        everyService === undefined
          ? target.lanes
          : [...lanes.keys()].map((service) => ({ service, parts: everyService }));
      for (const { service, parts } of wanted) {
        const lane = lanes.get(service) ?? openLane(service);
        const of = placed.get(lane) ?? [];
        of.push(...place(number, lane, parts));
        placed.set(lane, of);
      }
      one.extent = extentOf(everyService === undefined ? one.within : [intersect(everyService, [window])]);
    }
    const pieces = new Map<number, number>(); // by target
    for (const { target } of [...placed.values()].flat()) pieces.set(target, (pieces.get(target) ?? 0) + 1);
    const isWhole = ({ target }: PlacedPart): boolean =>
      pieces.get(target) === 1 && targets[target]?.target.everyService === undefined;
    for (const [lane, parts] of placed) {
      lane.layers.push(...layersOf(parts.filter(isWhole), true), ...layersOf(parts.filter((part) => !isWhole(part))));
    }
    opened(targets, broadcastLengths.length);
  };

  const learn = (service: string): Lane => {
    const lane = openLane(service);
    const parts = targets.flatMap(({ target: { everyService } }, number) =>
      everyService === undefined ? [] : place(number, lane, everyService),
    );
    lane.layers.push(...layersOf(parts));
    if (options.admit !== undefined) open(options.admit(service));
    return lane;
  };

  for (const service of options.services) openLane(service);
  open(options.targets);

  return {
    targets,
    broadcastLengths,
    lanes,
    laneOf: (service) => lanes.get(service) ?? learn(service),
  };
}

/** From the first to the last second; empty where there is none. */
function extentOf(within: readonly (readonly Span[])[]): Span {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const spans of within) {
    from = Math.min(from, spans[0]?.from ?? from);
    to = Math.max(to, spans.at(-1)?.to ?? to);
  }
  return from < to ? { from, to } : { from: 0, to: 0 };
}
