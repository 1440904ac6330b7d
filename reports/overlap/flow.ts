// Where a programme's viewers came from, and where the lead-in's went (ratings R2, "flow").

import type { TallyOptions } from '../figures/tally.ts';

type Watch = NonNullable<TallyOptions['watch']>;

/** From place `from` before to place `to` after, among the services; undefined is off: no service was watched. */
interface FlowCell {
  from?: number;
  to?: number;
  /** Weighted; `people` are not. */
  viewers: number;
  people: number;
}

export interface Flow {
  /** Of each service, who was reached before, and after. */
  before: number[];
  after: number[];
  /** Only those that somebody took. Who watched two services before or after is in more than one. */
  cells: FlowCell[];
}

/**
 * Gathers the flow between `services` services from a tally whose targets are, in this order, each service before and each
 * service after. Who was reached counts as its viewer. Memory: 16 bytes for each pair of services.
 */
export function createFlow(services: number): { watch: Watch; read(): Flow } {
  const side = services + 1; // the last place is off
  const viewers = new Float64Array(side * side);
  const people = new Float64Array(side * side);
  const before = new Array<number>(services).fill(0);
  const after = new Array<number>(services).fill(0);
  let [from, to]: [number[], number[]] = [[], []];
  return {
    watch: {
      target(target, isReached) {
        if (!isReached) return;
        if (target < services) from.push(target);
        else to.push(target - services);
      },
      viewerEnds(_viewer, weight) {
        if (from.length + to.length === 0) return;
        for (const place of from) before[place] = (before[place] as number) + weight;
        for (const place of to) after[place] = (after[place] as number) + weight;
        for (const one of from.length === 0 ? [services] : from) {
          for (const other of to.length === 0 ? [services] : to) {
            const cell = one * side + other;
            viewers[cell] = (viewers[cell] as number) + weight;
            people[cell] = (people[cell] as number) + 1;
          }
        }
        [from, to] = [[], []];
      },
    },
    read() {
      const cells: FlowCell[] = [];
      for (let cell = 0; cell < viewers.length; cell++) {
        if (people[cell] === 0) continue;
        const [one, other] = [Math.floor(cell / side), cell % side];
        cells.push({
          ...(one === services ? {} : { from: one }),
          ...(other === services ? {} : { to: other }),
          viewers: viewers[cell] as number,
          people: people[cell] as number,
        });
      }
      return { before, after, cells };
    },
  };
}

/** Of those who watch, the percentage that watched the other before: |L∩F| / |F|; absent where nobody watches. */
export const sourcePercent = (both: number, after: number): number | undefined =>
  after > 0 ? (100 * both) / after : undefined;

/** Of those who watched, the percentage that stayed: |L∩F| / |L|; absent where nobody did. */
export const retentionPercent = (both: number, before: number): number | undefined =>
  before > 0 ? (100 * both) / before : undefined;
