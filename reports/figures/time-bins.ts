// Sums of weighted viewing seconds by bins of time, at a constant cost per stretch however many bins it covers (R2, R18).

import { countUpTo, type Span } from './spans.ts';

export interface Bins {
  /** Adds `weight` for every second of [from, to), which lies within the bounds. */
  add(from: number, to: number, weight: number): void;
  /** Weighted seconds by bin. */
  sums(): Float64Array;
}

/** Bins between ascending bounds, in epoch seconds. */
export function createBins(bounds: Float64Array): Bins {
  return bins(
    Math.max(0, bounds.length - 1),
    (second) => countUpTo(bounds, second) - 1,
    (bin) => bounds[bin] as number,
  );
}

/** One bin per clock minute from that of second `from` to that of the second before `to`. */
export function createMinuteBins(from: number, to: number): Bins {
  const first = Math.floor(from / 60);
  return bins(
    Math.max(0, Math.ceil(to / 60) - first),
    (second) => Math.floor(second / 60) - first,
    (bin) => (first + bin) * 60,
  );
}

function bins(count: number, binOf: (second: number) => number, startOf: (bin: number) => number): Bins {
  // part: bins covered in part; rise: by how much the weight that covers a bin whole differs from the bin before
  const part = new Float64Array(count);
  const rise = new Float64Array(count + 1);
  return {
    add(from, to, weight) {
      const first = binOf(from);
      const last = binOf(to - 1);
      if (first === last) {
        part[first] = (part[first] as number) + weight * (to - from);
        return;
      }
      part[first] = (part[first] as number) + weight * (startOf(first + 1) - from);
      part[last] = (part[last] as number) + weight * (to - startOf(last));
      rise[first + 1] = (rise[first + 1] as number) + weight;
      rise[last] = (rise[last] as number) - weight;
    },
    sums() {
      const sums = new Float64Array(count);
      let covering = 0;
      for (let bin = 0; bin < count; bin++) {
        covering += rise[bin] as number;
        sums[bin] = (part[bin] as number) + (covering === 0 ? 0 : covering * (startOf(bin + 1) - startOf(bin)));
      }
      return sums;
    },
  };
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
