// From figures to the rows of a report (ratings R2, R4, R5).

import type { PeopleDimension } from '../breakdown/breakdown.ts';
import type { RowTarget } from '../breakdown/row-targets.ts';
import type { Figures } from '../figures/figures.ts';
import { affinity, profile, rating, samplingError } from '../figures/formulas.ts';
import { lengthOf, unite } from '../figures/spans.ts';
import type { TallyRow } from '../figures/tally-reading.ts';
import type { Universe } from './measurement.ts';
import { type RatingRow, type ReportStatus, rounded } from './rating-report.ts';

export interface RowRules {
  people?: PeopleDimension;
  /** Of the groups. */
  names: readonly string[];
  universe: Universe;
  showsMarket: boolean;
}

/** A row and its figures before they are shown. */
export interface MeasuredRow {
  row: RatingRow;
  figures: Figures;
  /** All groups together, where the row is of one. */
  all?: { averageAudience?: number; rating?: number };
}

export function statusOf(to: number, now: number, finalAfterMs: number): ReportStatus {
  if (now < to) return 'live';
  return now < to + finalAfterMs ? 'preliminary' : 'final';
}

/** The rows of one target: one, or one for each group. */
export function rowsOf({ key, target }: RowTarget, { groups }: TallyRow, rules: RowRules): MeasuredRow[] {
  const spans = target.everyService === undefined ? target.lanes.map(({ parts }) => parts) : [target.everyService];
  const ofSeconds = lengthOf(target.extent === 'union' ? unite(spans.flat()) : spans.flat());
  return groups.map((figures, group) => ({
    row: { ...key, ...groupKey(rules, group), measuredSeconds: figures.measuredS, ofSeconds },
    figures,
    ...(rules.people === undefined ? {} : { all: together(groups, rules.universe) }),
  }));
}

/** Groups are all people and all viewing: their audiences sum to everybody's. */
function together(groups: readonly Figures[], universe: Universe): NonNullable<MeasuredRow['all']> {
  if (groups.some(({ averageAudience }) => averageAudience === undefined)) return {};
  const averageAudience = groups.reduce((sum, figures) => sum + (figures.averageAudience ?? 0), 0);
  const ofAll = rating(averageAudience, universe.weight);
  return { averageAudience, ...(ofAll === undefined ? {} : { rating: ofAll }) };
}

function groupKey({ people, names }: RowRules, group: number): Partial<RatingRow> {
  const name = names[group] ?? '';
  if (people === undefined) return {};
  return people.startsWith('group:') ? { group: `${people.slice('group:'.length)}=${name}` } : { [people]: name };
}

/** The row with its figures, or `suppressed` where they may not be shown. */
export function shownRow({ row, figures, all }: MeasuredRow, isShown: boolean, rules: RowRules): RatingRow {
  if (!isShown) return { ...row, suppressed: true };
  const { universe, showsMarket } = rules;
  const notAvailable = reasonOf(figures, showsMarket);
  const cells: [keyof RatingRow, number | undefined][] = [
    ['universe', figures.universe],
    ['viewerSeconds', figures.viewerSeconds],
    ['averageAudience', figures.averageAudience],
    ['ratingPercent', figures.rating],
    ['samplingErrorPoints', universe.isSample ? samplingError(figures.rating, universe.effectiveSize) : undefined],
    ['totalViewingPercent', showsMarket ? figures.put : undefined],
    ['sharePercent', showsMarket ? figures.share : undefined],
    ['reach', figures.reach],
    ['reachPercent', figures.reachPercent],
    ['secondsPerViewer', figures.secondsPerViewer],
    ['secondsPerHead', figures.secondsPerHead],
    ['completeness', figures.completeness],
    ['grossRatingPoints', figures.grp],
    ['averageFrequency', figures.averageFrequency],
    ['profilePercent', all === undefined ? undefined : profile(figures.averageAudience, all.averageAudience)],
    ['index', all === undefined ? undefined : affinity(figures.rating, all.rating)],
    ['peakMinuteAudience', figures.peak?.audience],
    ['lowestMinuteAudience', figures.lowest?.audience],
  ];
  const shown = cells.flatMap(([key, value]) => (value === undefined ? [] : [[key, rounded(value)]]));
  return {
    ...row,
    ...(notAvailable === undefined ? {} : { notAvailable }),
    ...Object.fromEntries(shown),
    ...(figures.peak === undefined ? {} : { peakMinuteAt: figures.peak.at * 1000 }),
    ...(figures.lowest === undefined ? {} : { lowestMinuteAt: figures.lowest.at * 1000 }),
  };
}

/** Why figures are missing. */
function reasonOf({ measuredS, universe, reach, put }: Figures, showsMarket: boolean): string | undefined {
  if (measuredS === 0) return 'nothing of it was measured';
  if (universe === 0) return 'nobody could be watching';
  if (reach === undefined) return 'too few people were reached'; // see few-people.ts
  if (reach === 0) return 'nobody was reached';
  if (showsMarket && put === undefined) return 'what else was watched is not known for all of it';
  return undefined;
}
