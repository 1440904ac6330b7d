// Groups of so few people that even who did not watch would be told (ratings R14).

import type { Segmentation } from '../figures/target.ts';

/** What small groups are together; it is told apart from a group of that name by being the last. */
const OTHER = 'Other';

/**
 * Puts groups of people whose universe is below `least` together, and with the next smallest while they are too few. Groups
 * that are not of people (device, time shift) stay: who isn't in one is not known.
 */
export function joinSmallGroups(segmentation: Segmentation, least: number): Segmentation {
  const { names, universes } = segmentation;
  if (universes === undefined) return segmentation;
  const bySize = names.map((_, group) => group).sort((a, b) => (universes[a] ?? 0) - (universes[b] ?? 0));
  const joined = new Set<number>();
  let size = 0;
  for (const group of bySize) {
    const own = universes[group] ?? 0;
    if (own >= least && (joined.size === 0 || size >= least)) break;
    joined.add(group);
    size += own;
  }
  if (joined.size === 0) return segmentation;
  const kept = names.map((_, group) => group).filter((group) => !joined.has(group));
  const places = names.map((_, group) => (joined.has(group) ? kept.length : kept.indexOf(group)));
  return {
    names: [...kept.map((group) => names[group] as string), OTHER],
    universes: [...kept.map((group) => universes[group] ?? 0), size],
    segmentOf(viewer, device, timeShiftS) {
      const group = segmentation.segmentOf(viewer, device, timeShiftS);
      return group < 0 ? group : (places[group] as number);
    },
  };
}
