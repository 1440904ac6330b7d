// Sums of weighted viewing seconds by bins of time, at a constant cost per stretch however many bins it covers (R2, R18).

import { countBelow, createSeek } from './seek.ts';
import type { Span } from './spans.ts';

export interface Bins {
  /** Adds `weight` for every second of [from, to), which lies within the bounds. */
  add(from: number, to: number, weight: number): void;
  /** Weighted seconds by bin. */
  sums(): Float64Array;
}

/** Bins between ascending bounds, in epoch seconds. */
export function createBins(bounds: Float64Array): Bins {
  const count = Math.max(0, bounds.length - 1);
  // part: bins covered in part; rise: by how much the weight that covers a bin whole differs from the bin before
  const part = new Float64Array(count);
  const rise = new Float64Array(count + 1);
  const seek = createSeek(bounds);
  return {
    add(from, to, weight) {
      const first = countBelow(seek, from) - 1;
      const last = countBelow(seek, to - 1) - 1;
      if (first === last) {
        part[first] = (part[first] as number) + weight * (to - from);
        return;
      }
      part[first] = (part[first] as number) + weight * ((bounds[first + 1] as number) - from);
      part[last] = (part[last] as number) + weight * (to - (bounds[last] as number));
      rise[first + 1] = (rise[first + 1] as number) + weight;
      rise[last] = (rise[last] as number) - weight;
    },
    sums: () => covered(part, rise, (bin) => (bounds[bin + 1] as number) - (bounds[bin] as number)),
  };
}

/** Clock minutes of many extents, each with bins of its own, in one piece of memory. */
export interface MinuteBins {
  /** Opens the next extent, in epoch seconds. */
  open(from: number, to: number): void;
  add(extent: number, from: number, to: number, weight: number): void;
  /** Weighted seconds by clock minute, from that of the extent's first second. */
  sums(extent: number): Float64Array;
}

export function createMinuteBins(): MinuteBins {
  let part = new Float64Array(1_024);
  let rise = new Float64Array(1_024);
  const bases: number[] = []; // where the bin of minute 0 of 1970 would lie
  const starts: number[] = [0];
  const longer = (old: Float64Array, size: number): Float64Array<ArrayBuffer> => {
    const grown = new Float64Array(size);
    grown.set(old);
    return grown;
  };
  return {
    open(from, to) {
      const start = starts.at(-1) as number;
      const end = start + Math.max(0, Math.ceil(to / 60) - Math.floor(from / 60)) + 1; // one more for the last fall
      if (end > part.length) {
        const size = Math.max(end, part.length * 2);
        [part, rise] = [longer(part, size), longer(rise, size)];
      }
      bases.push(start - Math.floor(from / 60));
      starts.push(end);
    },
    add(extent, from, to, weight) {
      const base = bases[extent] as number;
      const firstMinute = Math.floor(from / 60);
      const lastMinute = Math.floor((to - 1) / 60);
      const first = base + firstMinute;
      if (firstMinute === lastMinute) {
        part[first] = (part[first] as number) + weight * (to - from);
        return;
      }
      const last = base + lastMinute;
      part[first] = (part[first] as number) + weight * (firstMinute * 60 + 60 - from);
      part[last] = (part[last] as number) + weight * (to - lastMinute * 60);
      rise[first + 1] = (rise[first + 1] as number) + weight;
      rise[last] = (rise[last] as number) - weight;
    },
    sums(extent) {
      const [start, end] = [starts[extent] as number, starts[extent + 1] as number];
      return covered(part.subarray(start, end - 1), rise.subarray(start, end), () => 60);
    },
  };
}

function covered(part: Float64Array, rise: Float64Array, lengthOf: (bin: number) => number): Float64Array {
  const sums = Float64Array.from(part);
  let covering = 0;
  for (let bin = 0; bin < sums.length; bin++) {
    covering += rise[bin] as number;
    if (covering !== 0) sums[bin] = (sums[bin] as number) + covering * lengthOf(bin);
  }
  return sums;
}

/** Where the window and any of the spans within it begin or end, ascending. */
export function boundsOf(window: Span, sets: readonly (readonly Span[])[]): Float64Array {
  const bounds = new Set([window.from, window.to]);
  for (const spans of sets) {
    for (const { from, to } of spans) {
      if (from > window.from && from < window.to) bounds.add(from);
      if (to > window.from && to < window.to) bounds.add(to);
    }
  }
  return Float64Array.from(bounds).sort();
}

/** The sum of what lies before each place; one more than there are values. */
export function runningSum(values: Float64Array): Float64Array {
  const before = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) before[i + 1] = (before[i] as number) + (values[i] as number);
  return before;
}
