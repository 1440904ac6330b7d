// Which cells of a provider's report are left out because too few people are behind them (ratings R14).

import type { Figures } from '../figures/figures.ts';

export interface SuppressionRules {
  /** Smallest number of people in a cell; 0 and 1 are off. */
  below: number;
  /** The rows' sum is shown, so that a single hidden row could be had by subtraction. */
  totalShown: boolean;
  /** No one weighs more: audience / greatestWeight is the least number of people there can be. */
  greatestWeight: number;
}

/** Figures to show, in the order given; undefined for a row that is suppressed whole. */
export function suppress(rows: readonly Figures[], rules: SuppressionRules): (Figures | undefined)[] {
  if (rules.below <= 1) return [...rows];
  const hidden = new Set<number>();
  rows.forEach((figures, index) => {
    if (figures.viewers < rules.below) hidden.add(index);
  });
  if (rules.totalShown) hideComplements(rows, hidden, rules.below);
  return rows.map((figures, index) => (hidden.has(index) ? undefined : withoutSmallCells(figures, rules)));
}

/** While the hidden rows could be told from the rest, hides the next smallest. */
function hideComplements(rows: readonly Figures[], hidden: Set<number>, below: number): void {
  const bySize = rows.map((_, index) => index).sort((a, b) => viewersOf(rows, a) - viewersOf(rows, b));
  for (const index of bySize) {
    const people = [...hidden].reduce((sum, row) => sum + viewersOf(rows, row), 0);
    if (hidden.size === 0 || (hidden.size > 1 && people >= below)) return;
    hidden.add(index);
  }
}

const viewersOf = (rows: readonly Figures[], index: number): number => rows[index]?.viewers ?? 0;

/** Reach, minutes, and what others watched, where those alone come from too few. */
function withoutSmallCells(figures: Figures, { below, greatestWeight }: SuppressionRules): Figures {
  const kept = { ...figures };
  if (kept.reached < below) {
    delete kept.reach;
    delete kept.reachPercent;
    delete kept.secondsPerViewer;
    delete kept.completeness;
  }
  const isFew = (audience: number): boolean => audience < below * greatestWeight;
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
