// Who is reached by two services, and by one alone (ratings R2, "duplicated reach").

import type { TallyOptions } from '../figures/tally.ts';

type Watch = NonNullable<TallyOptions['watch']>;

/** Weighted reach; `people` are not. */
export interface Overlap {
  viewers: number;
  people: number;
}

export interface Duplication {
  /** By service. */
  reach: Overlap[];
  /** Reached by this service and by no other. */
  exclusive: Overlap[];
  /** Of two services, by their places: `one` < `other`; only those that share somebody. */
  pairs: ({ one: number; other: number } & Overlap)[];
}

/** From a tally whose targets are services. Memory: 8 bytes for each pair of them. */
export function createDuplication(services: number): { watch: Watch; read(): Duplication } {
  const weights = new Float64Array(services * services); // a pair below the diagonal, a service alone on it
  const people = new Float64Array(services * services);
  const none = (): Overlap[] => Array.from({ length: services }, () => ({ viewers: 0, people: 0 }));
  const [reach, exclusive] = [none(), none()];
  let reached: number[] = [];
  const count = (overlap: Overlap | undefined, weight: number): void => {
    if (overlap === undefined) return;
    overlap.viewers += weight;
    overlap.people++;
  };
  return {
    watch: {
      target(target, isReached) {
        if (isReached && target < services) reached.push(target);
      },
      viewerEnds(_viewer, weight) {
        for (const service of reached) count(reach[service], weight);
        if (reached.length === 1) count(exclusive[reached[0] as number], weight);
        for (const one of reached) {
          for (const other of reached) {
            if (one >= other) continue;
            const cell = one * services + other;
            weights[cell] = (weights[cell] as number) + weight;
            people[cell] = (people[cell] as number) + 1;
          }
        }
        if (reached.length > 0) reached = [];
      },
    },
    read() {
      const pairs: Duplication['pairs'] = [];
      for (let cell = 0; cell < people.length; cell++) {
        if (people[cell] === 0) continue;
        const [one, other] = [Math.floor(cell / services), cell % services];
        pairs.push({ one, other, viewers: weights[cell] as number, people: people[cell] as number });
      }
      return { reach, exclusive, pairs };
    },
  };
}
