// From what a tally gathered to figures (ratings R2).

import type { CellSums } from './cell-sums.ts';
import { type Figures, figuresOf } from './figures.ts';
import { extremeMinutes } from './minute-audience.ts';
import type { PlacedTarget, Placing } from './placing.ts';
import { countUpTo, intersect, lengthOf, type Span, unite } from './spans.ts';
import type { Segmentation, Target } from './target.ts';
import { type Bins, runningSum } from './time-bins.ts';

/** Figures by group, in the order of the segmentation's names; one group where there is none. */
export interface TallyRow {
  target: Target;
  groups: Figures[];
}

interface Gathered {
  window: Span;
  universe: number;
  segmentation?: Segmentation;
  groups: number;
  placing: Placing;
  cells: CellSums;
  /** Viewing of any service, by group, in bins between `bounds`. */
  anyService: readonly Bins[];
  bounds: Float64Array;
  broadcastSeconds: Float64Array;
}

export function readTally(
  gathered: Gathered,
  minutesOf: (cell: number) => Float64Array | undefined,
): { rows: TallyRow[]; total: Figures } {
  const { window, universe, segmentation, groups, placing, cells, bounds } = gathered;
  const before = gathered.anyService.map((bins) => runningSum(bins.sums()));

  const anyWithin = (spans: readonly Span[], group: number): number | undefined => {
    const sums = before[group] as Float64Array;
    let sum = 0;
    for (const { from, to } of spans) {
      const [first, last] = [countUpTo(bounds, from) - 1, countUpTo(bounds, to) - 1];
      if (bounds[first] !== from || bounds[last] !== to) return undefined; // measured by a window learnt too late
      sum += (sums[last] as number) - (sums[first] as number);
    }
    return sum;
  };

  const figuresAt = (placed: PlacedTarget, number: number, group: number): Figures => {
    const { target, within, broadcasts, extent } = placed;
    const united = within.length === 1 ? (within[0] as Span[]) : unite(within.flat());
    const time = target.extent === 'union' ? united : within.flat();
    const cell = number * groups + group;
    const anySeconds = anyWithin(time, group);
    const sums = minutesOf(cell);
    const minutes = sums === undefined ? undefined : extremeMinutes(united, Math.floor(extent.from / 60), sums);
    return figuresOf({
      sum: cells.read(1 + cell),
      measuredS: lengthOf(time),
      universe: segmentation?.universes?.[group] ?? universe,
      ...(anySeconds === undefined ? {} : { anySeconds }),
      broadcasts:
        target.extent === 'sum'
          ? [...broadcasts.values()].map((broadcast) => ({
              viewerSeconds: gathered.broadcastSeconds[broadcast * groups + group] ?? 0,
              lengthS: placing.broadcastLengths[broadcast] as number,
            }))
          : [],
      ...(minutes === undefined ? {} : { minutes }),
    });
  };

  const total = cells.read(0);
  const measured = unite([...placing.lanes.values()].flatMap((lane) => intersect(lane.measured, [window])));
  return {
    rows: placing.targets.map((placed, number) => ({
      target: placed.target,
      groups: Array.from({ length: groups }, (_, group) => figuresAt(placed, number, group)),
    })),
    total: figuresOf({
      sum: total,
      measuredS: lengthOf(measured),
      universe,
      anySeconds: total.viewerSeconds,
      broadcasts: [],
    }),
  };
}
