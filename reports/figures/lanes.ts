// One service in a tally: what of its time is measured, and whose parts lie where (ratings R2, R4).

import { createSeek, type Seek } from './seek.ts';
import { intersect, type Span } from './spans.ts';
import type { Part } from './target.ts';
import { createWholeParts, type WholeParts } from './whole-parts.ts';

/** Parts that don't overlap, by time. Of each layer all parts, or none, are all that their target has. */
export interface Layer {
  starts: Float64Array;
  /** `countBelow` is the first part that ends after a time. */
  ends: Seek;
  /** The target of each part, and its broadcast's number in the whole tally. */
  targets: Int32Array;
  broadcasts: Int32Array;
  /** Who watched which parts from end to end, where that is all of a target. */
  wholes?: WholeParts;
}

export interface Lane {
  service: string;
  /** Ordered and disjoint, epoch seconds. */
  measured: Span[];
  layers: Layer[];
}

/** A part of a target on a service, within what is measured and asked for. */
export interface PlacedPart extends Span {
  target: number;
  broadcast: number;
}

/** The parts of a target on one service, cut to what was measured there; `numberOf` numbers its broadcasts in the whole tally. */
export function placedParts(
  target: number,
  parts: readonly Part[],
  measured: readonly Span[],
  numberOf: (broadcast: number) => number,
): PlacedPart[] {
  const placed: PlacedPart[] = [];
  for (const [broadcast, own] of Map.groupBy(parts, (part) => part.broadcast)) {
    const number = numberOf(broadcast);
    for (const { from, to } of intersect(own, measured)) placed.push({ from, to, target, broadcast: number });
  }
  return placed;
}

/** As few layers as the parts' overlaps need; `areWhole` says that each part is all that its target has. */
export function layersOf(parts: readonly PlacedPart[], areWhole = false): Layer[] {
  const layers: PlacedPart[][] = [];
  for (const part of parts.toSorted((a, b) => a.from - b.from)) {
    const layer = layers.find((one) => (one.at(-1)?.to ?? 0) <= part.from);
    if (layer === undefined) layers.push([part]);
    else layer.push(part);
  }
  return layers.map((layer) => ({
    starts: Float64Array.from(layer, ({ from }) => from),
    ends: createSeek(Float64Array.from(layer, ({ to }) => to)),
    targets: Int32Array.from(layer, ({ target }) => target),
    broadcasts: Int32Array.from(layer, ({ broadcast }) => broadcast),
    ...(areWhole ? { wholes: createWholeParts(layer.length) } : {}),
  }));
}

/** Calls for each measured piece of [from, to). */
export function cut(
  measured: readonly Span[],
  from: number,
  to: number,
  use: (from: number, to: number) => void,
): void {
  for (const span of measured) {
    if (span.from >= to) return;
    const start = Math.max(from, span.from);
    const end = Math.min(to, span.to);
    if (start < end) use(start, end);
  }
}
