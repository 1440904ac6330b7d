// From kept sums to preferences: rank, share, how sure it is, and what changed (R12). Pure.

import {
  type Cell,
  PREFERENCE_KINDS,
  type PreferenceKind,
  type PreferenceRecord,
  type Sums,
  sumsAsOf,
} from './preference-sums.ts';

export interface Preference {
  kind: PreferenceKind;
  id: string;
  /** Of a programme. */
  service?: string;
  /** From 1, by viewing time within the kind; equals share one. */
  rank: number;
  /** Of the user's viewing, 0 to 1, recent viewing more than old. */
  share: number;
  /** 0 to 1: see `confidenceOf`. */
  confidence: number;
  viewedSeconds: number;
  /** A week before; absent when it was not watched then, or that is not known. */
  rankBefore?: number;
  /** A week before; absent when that is not known. */
  shareBefore?: number;
}

/** What is now is held against what was so many days before. */
export const CHANGE_DAYS = 7;

/** Days of viewing at which a preference is half sure. */
const HALF_SURE_DAYS = 5;

/**
 * Bühlmann's credibility factor, Z = n / (n + k) (H. Bühlmann, Experience rating and credibility, ASTIN Bulletin 4, 1967): the weight
 * that a user's own viewing deserves against knowing nothing. n: the days on which it was watched, older ones for less; k = 5.
 */
export const confidenceOf = (days: number): number => days / (days + HALF_SURE_DAYS);

/** All kinds in order, each by rank, then id; none when nothing was watched. `day`: the first broadcast day that is not over. */
export function preferencesOf(record: PreferenceRecord, day: number, halfLifeDays: number): Preference[] {
  const now = sumsAsOf(record, day, halfLifeDays);
  if (now === undefined || now.seconds === 0) return [];
  const before = sumsAsOf(record, day - CHANGE_DAYS, halfLifeDays);
  return PREFERENCE_KINDS.flatMap((kind) => {
    const ranked = ranks(now.cells[kind]);
    const rankedBefore = ranks(before?.cells[kind]);
    return [...ranked].map(([id, { rank, cell }]): Preference => {
      const [, seconds, days] = cell;
      const earlier = rankedBefore.get(id);
      const slash = kind === 'programme' ? id.indexOf('/') : -1;
      return {
        kind,
        id: id.slice(slash + 1),
        ...(slash < 0 ? {} : { service: id.slice(0, slash) }),
        rank,
        share: rounded(seconds / now.seconds),
        confidence: rounded(confidenceOf(days)),
        viewedSeconds: Math.round(seconds),
        ...(earlier === undefined ? {} : { rankBefore: earlier.rank }),
        ...(before === undefined || before.seconds === 0 ? {} : { shareBefore: shareOf(earlier?.cell, before) }),
      };
    });
  });
}

const shareOf = (cell: Cell | undefined, { seconds }: Sums): number => rounded((cell?.[1] ?? 0) / seconds);

/** By id, in order of rank. */
function ranks(cells: readonly Cell[] = []): Map<string, { rank: number; cell: Cell }> {
  const ranked = new Map<string, { rank: number; cell: Cell }>();
  let last: { rank: number; cell: Cell } | undefined;
  cells.forEach((cell, at) => {
    last = { rank: last?.cell[1] === cell[1] ? last.rank : at + 1, cell };
    ranked.set(cell[0], last);
  });
  return ranked;
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
