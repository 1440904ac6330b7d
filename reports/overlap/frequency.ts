// How many broadcasts people saw: the frequency distribution (ratings R2).

import type { TallyOptions } from '../figures/tally.ts';

type Watch = NonNullable<TallyOptions['watch']>;

/** Who saw just `times` broadcasts, and who saw as many or more. Weighted; `people` are not. */
export interface Frequency {
  times: number;
  viewers: number;
  people: number;
  viewersOrMore: number;
  peopleOrMore: number;
}

/** From a tally whose targets are broadcasts; who is reached by one has seen it. */
export function createFrequency(broadcasts: number): { watch: Watch; read(): Frequency[] } {
  const viewers = new Float64Array(broadcasts + 1);
  const people = new Float64Array(broadcasts + 1);
  let times = 0;
  return {
    watch: {
      target(_target, isReached) {
        if (isReached) times++;
      },
      viewerEnds(_viewer, weight) {
        if (times === 0) return;
        viewers[times] = (viewers[times] as number) + weight;
        people[times] = (people[times] as number) + 1;
        times = 0;
      },
    },
    /** From once to as often as anybody did. */
    read() {
      const rows: Frequency[] = [];
      let [viewersOrMore, peopleOrMore] = [0, 0];
      for (let seen = broadcasts; seen > 0; seen--) {
        viewersOrMore += viewers[seen] as number;
        peopleOrMore += people[seen] as number;
        if (peopleOrMore === 0) continue;
        rows.push({
          times: seen,
          viewers: viewers[seen] as number,
          people: people[seen] as number,
          viewersOrMore,
          peopleOrMore,
        });
      }
      return rows.reverse();
    },
  };
}
