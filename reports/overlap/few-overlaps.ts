// What of overlaps may not be shown, since by itself or by what is shown beside it it tells of too few people (ratings R14).

import type { Duplication, Overlap } from './duplication.ts';

interface Cell {
  people: number;
}

/**
 * Places of cells to leave out: those of few people, and in each line whose sum others know, so many more that what is left out of it
 * is of enough people and of more than one cell. The next is always the smallest.
 */
export function hiddenCells(cells: readonly Cell[], lines: readonly (readonly number[])[], below: number): Set<number> {
  const peopleOf = (place: number): number => cells[place]?.people ?? 0;
  const hidden = new Set(cells.flatMap(({ people }, place) => (people < below ? [place] : [])));
  for (let before = -1; before < hidden.size; ) {
    before = hidden.size;
    for (const line of lines) {
      const out = line.filter((place) => hidden.has(place));
      const people = out.reduce((sum, place) => sum + peopleOf(place), 0);
      if (out.length === 0 || (out.length > 1 && people >= below)) continue;
      const [next] = line.filter((place) => !hidden.has(place)).sort((a, b) => peopleOf(a) - peopleOf(b));
      if (next !== undefined) hidden.add(next);
    }
  }
  return hidden;
}

/**
 * Services whose reach may not be shown, and those of which nothing but reach may be: reach less pairs is who watched one alone, so
 * that one number of few people in a group of services that share viewers hides what they share.
 */
export function hiddenOverlaps(
  { reach, exclusive, pairs }: Duplication,
  isShown: (service: number) => boolean,
  below: number,
): { reach: Set<number>; shared: Set<number> } {
  const isFew = (overlap: Overlap | undefined): boolean =>
    overlap !== undefined && overlap.people > 0 && overlap.people < below;
  const hidden = new Set(reach.keys().filter((service) => !isShown(service) || isFew(reach[service])));
  const shared = new Set([...hidden, ...exclusive.keys().filter((service) => isFew(exclusive[service]))]);
  for (const pair of pairs) if (isFew(pair)) shared.add(pair.one);
  for (let before = -1; before < shared.size; ) {
    before = shared.size;
    for (const { one, other } of pairs) if (shared.has(one) || shared.has(other)) shared.add(one).add(other);
  }
  return { reach: hidden, shared };
}
