// The universe: who may be measured now, with which weights, and in which groups (ratings R2, R3; O2).

import type { Segmentation } from '../figures/target.ts';
import { createGroupColumn, type GroupColumn, UNKNOWN } from './groups.ts';
import { keepReading } from './kept-reading.ts';
import { createNumberIndex } from './number-index.ts';

/** A person who may be measured. */
export interface Person {
  viewer: number;
  /** For how many of the population; above 0. */
  weight: number;
  /** By key, such as `region` or `age`. */
  demographics?: Readonly<Record<string, string>>;
}

interface Universe {
  /** U of R2, the sum of weights. */
  weight: number;
  users: number;
  /** n of the sampling error: (sum of weights)^2 / sum of their squares; 0 without users. */
  effectiveSize: number;
  /** Figures are estimates: of a sample, or weighted. */
  isSample: boolean;
}

/** The people of one moment: all parts of it agree. */
export interface PeopleReading {
  universe: Universe;
  /**
   * Whoever may not be measured now (who withdrew, was removed or fell out of the sample since) has 0 and must not be counted, as a
   * person neither: figures are of the universe as it is, so that nobody is outside of it (R7).
   */
  weightOf(viewer: number): number;
  /** The people of the universe by a demographic; -1 for everybody else. Problem `too_large` for too many groups. */
  segmentation(demographic: string): Segmentation & { universes: readonly number[] };
}

/** Answers the people as they are, read just now, or longer ago where reading takes long. */
export type ReadPeople = () => Promise<PeopleReading>;

/** Bounds the memory at a byte a person for each; who is in it has 20 at most. */
const DEMOGRAPHICS_MOST = 32;

/** `list` gives the universe in pages; all is read in one pass. `isSample` says that the users are a sample of all. */
export function createPeople(deps: {
  list(): AsyncIterable<readonly Person[]>;
  isSample: boolean;
  /** For how long a reading is kept; never goes back. */
  elapsedMs: () => number;
}): ReadPeople {
  return keepReading(() => readPeople(deps.list(), deps.isSample), deps.elapsedMs);
}

async function readPeople(pages: AsyncIterable<readonly Person[]>, isSample: boolean): Promise<PeopleReading> {
  const index = createNumberIndex();
  const columns = new Map<string, GroupColumn>();
  let weights: Float64Array | undefined; // absent while all are 1
  let [weight, squares] = [0, 0];

  const putWeight = (place: number, given: number): void => {
    if (weights === undefined) {
      if (given === 1) return;
      weights = new Float64Array(2 * (place + 1)).fill(1);
    }
    if (place >= weights.length) {
      const larger = new Float64Array(2 * place).fill(1);
      larger.set(weights);
      weights = larger;
    }
    weights[place] = given;
  };
  const put = ({ viewer, weight: given, demographics }: Person): void => {
    const before = index.size;
    const place = index.add(viewer);
    if (place < before) return; // told twice, as a page may be while accounts change
    putWeight(place, given);
    weight += given;
    squares += given ** 2;
    for (const key in demographics) {
      let column = columns.get(key);
      if (column === undefined) {
        if (columns.size === DEMOGRAPHICS_MOST) continue;
        column = createGroupColumn(key);
        columns.set(key, column);
      }
      column.put(place, demographics[key] ?? '');
    }
  };
  for await (const page of pages) for (const person of page) put(person);

  const users = index.size;
  const own = weights;
  return {
    universe: {
      weight,
      users,
      effectiveSize: users === 0 ? 0 : weight ** 2 / squares,
      isSample: isSample || own !== undefined,
    },
    weightOf(viewer) {
      const place = index.find(viewer);
      return place < 0 ? 0 : (own?.[place] ?? 1);
    },
    segmentation(demographic) {
      const { names, groupOf } = columns.get(demographic)?.finish(users) ?? { names: [UNKNOWN], groupOf: () => 0 };
      const universes = names.map(() => 0);
      for (let place = 0; place < users; place += 1) {
        const group = groupOf(place);
        universes[group] = (universes[group] ?? 0) + (own?.[place] ?? 1);
      }
      let [last, lastGroup] = [-1, -1]; // sessions come by viewer
      return {
        names,
        universes,
        segmentOf(viewer) {
          if (viewer === last) return lastGroup;
          const place = index.find(viewer);
          last = viewer;
          lastGroup = place < 0 ? -1 : groupOf(place);
          return lastGroup;
        },
      };
    },
  };
}
