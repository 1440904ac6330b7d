// The figures of one target and group, from its sums (ratings R2, R4).

import type { CellSum } from './cell-sums.ts';
import {
  averageAudience,
  averageFrequency,
  completeness,
  grossRatingPoints,
  rating,
  reachPercent,
  secondsPerHead,
  secondsPerViewer,
  share,
  totalViewing,
} from './formulas.ts';
import type { MinuteAudience } from './minute-audience.ts';

/**
 * The figures of R2. Seconds are weighted where people are. `put` and `share` set the target against the viewing of any
 * service, each counted only where it is itself measured, within the target's own W. So for services with the same W
 * shares sum to 100 and ratings to the PUT. A figure whose divisor is 0 is absent; with an empty W all but the sums are.
 */
export interface Figures extends Omit<CellSum, 'reach'> {
  /** |W|, and the sum of weights of everyone who could watch. */
  measuredS: number;
  universe: number;
  averageAudience?: number;
  rating?: number;
  put?: number;
  share?: number;
  reach?: number;
  reachPercent?: number;
  secondsPerViewer?: number;
  secondsPerHead?: number;
  completeness?: number;
  grp?: number;
  averageFrequency?: number;
  peak?: MinuteAudience;
  lowest?: MinuteAudience;
}

/** What the figures of a target are worked out from. */
export interface Evidence {
  sum: CellSum;
  measuredS: number;
  universe: number;
  /** Viewing of any service in the same time; absent where it isn't known. */
  anySeconds?: number;
  /** Of each broadcast, where the target is made of broadcasts. */
  broadcasts: readonly { viewerSeconds: number; lengthS: number }[];
  minutes?: { peak: MinuteAudience; lowest: MinuteAudience };
}

export function figuresOf({ sum, measuredS, universe, anySeconds, broadcasts, minutes }: Evidence): Figures {
  const { reach, viewerSeconds, ...people } = sum;
  const sums = { measuredS, universe, viewerSeconds, ...people };
  if (measuredS === 0) return sums;
  const amr = averageAudience(viewerSeconds, measuredS);
  const reachedPercent = reachPercent(reach, universe);
  const grp = broadcasts.length === 0 ? undefined : grossRatingPoints(broadcasts, universe);
  return {
    ...sums,
    reach,
    ...defined({
      averageAudience: amr,
      rating: rating(amr, universe),
      put: anySeconds === undefined ? undefined : totalViewing(anySeconds, measuredS, universe),
      share: anySeconds === undefined ? undefined : share(viewerSeconds, anySeconds),
      reachPercent: reachedPercent,
      secondsPerViewer: secondsPerViewer(viewerSeconds, reach),
      secondsPerHead: secondsPerHead(viewerSeconds, universe),
      completeness: completeness(amr, reach),
      grp,
      averageFrequency: averageFrequency(grp, reachedPercent),
    }),
    ...minutes,
  };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without the fields that are not available. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
