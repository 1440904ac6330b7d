// Minutes in which far more devices reported than is usual: sudden mass log-ins or log-outs (ratings R16). Pure.

/** A minute that stands out: how many there were, how many are usual around it, and above how many one stands out. */
export interface Burst {
  /** Place of the minute in the day, from 0. */
  minute: number;
  count: number;
  usual: number;
  threshold: number;
}

const AROUND_MINUTES = 30;
/** Of deviations: for counts that come by chance (Poisson) some four standard deviations, one false alarm in some ten days. */
const DEVIATIONS = 6;
const TIMES_USUAL = 2;
/** Fewer reports in a minute are no mass. */
const FLOOR = 20;

/**
 * A minute stands out when its count is above max(FLOOR, 2 x median, median + 6 x MAD), where median and MAD (the median of the
 * distances from the median) are of the 30 minutes before it and the 30 after it, as far as the day has them.
 */
export function findBursts(counts: ArrayLike<number>): Burst[] {
  const bursts: Burst[] = [];
  for (let minute = 0; minute < counts.length; minute++) {
    const count = counts[minute] ?? 0;
    if (count <= FLOOR) continue;
    const around: number[] = [];
    const last = Math.min(counts.length - 1, minute + AROUND_MINUTES);
    for (let at = Math.max(0, minute - AROUND_MINUTES); at <= last; at++)
      if (at !== minute) around.push(counts[at] ?? 0);
    const usual = median(around);
    const deviation = median(around.map((each) => Math.abs(each - usual)));
    const threshold = Math.max(FLOOR, TIMES_USUAL * usual, usual + DEVIATIONS * deviation);
    if (count > threshold) bursts.push({ minute, count, usual, threshold });
  }
  return bursts;
}

/** Of an even number of values the mean of the two in the middle; 0 of none. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [below = 0, above = below] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (below + above) / 2;
}
