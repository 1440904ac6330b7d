// Single figures of a row that tell of too few people, though the row does not (ratings R14).

import type { Figures } from '../figures/figures.ts';

export interface FewRules {
  /** Smallest number of people behind a figure. */
  below: number;
  /** No one weighs more: audience / greatestWeight is the least number of people there can be. */
  greatestWeight: number;
}

/** Without reach, minutes, and what others watched, where those alone come from too few. */
export function figuresOfFew(figures: Figures, { below, greatestWeight }: FewRules): Figures {
  const kept = { ...figures };
  const isFew = (audience: number): boolean => audience > 0 && audience < below * greatestWeight;
  if (kept.reached > 0 && kept.reached < below) {
    delete kept.reach;
    delete kept.reachPercent;
    delete kept.secondsPerViewer;
    delete kept.completeness;
    delete kept.averageFrequency;
  }
  if (kept.peak !== undefined && isFew(kept.peak.audience)) delete kept.peak;
  if (kept.lowest !== undefined && isFew(kept.lowest.audience)) delete kept.lowest;
  const share = kept.share ?? 0;
  const others = share === 0 ? 0 : (kept.averageAudience ?? 0) * (100 / share - 1);
  if (others > 1e-9 && isFew(others)) {
    delete kept.put;
    delete kept.share;
  }
  return kept;
}
