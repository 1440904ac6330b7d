// What a report is asked for (ratings R2, R3, R8).

import type { Breakdown } from '../breakdown/breakdown.ts';
import type { Reach } from '../figures/cell-sums.ts';
import type { Base } from '../figures/tally.ts';

/** What is asked: a window in epoch ms, half-open; `provider` limits rows to its own services and applies R14. */
export interface RatingCriteria {
  from: number;
  to: number;
  services?: string[];
  programme?: string;
  by: Breakdown;
  base: Base;
  reach: Reach;
  provider?: string;
}

export interface AttentionCriteria {
  from: number;
  to: number;
  of: 'programme' | 'service';
  /** The last rank listed. */
  limit: number;
  provider?: string;
}

/** Seconds that one may ask for as the threshold of reach: up to a day. */
export const REACH_BOUNDS_S = { least: 0, most: 86_400 };

/** How many ranks one may ask for: an answer is made in memory. */
export const RANKS = { least: 1, most: 1_000, otherwise: 10 };
