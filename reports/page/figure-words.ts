// Every figure of a report in words: its name, unit, decimals on a page, formula and source (ratings R2; reports/figures/formulas.ts).

import type { RatingRow } from '../ratings/rating-report.ts';

export type FigureKey = Exclude<
  { [Key in keyof RatingRow]-?: NonNullable<RatingRow[Key]> extends number ? Key : never }[keyof RatingRow],
  'broadcasts' | 'weekday' | 'startAt' | 'stopAt'
>;

export interface FigureWords {
  key: FigureKey;
  name: string;
  unit: 'people' | '%' | 'h:mm:ss' | 'points' | 'times' | 'all = 100' | 'ratio' | 'time';
  decimals: number;
  /** What one would call it in the trade. */
  trade?: string;
  formula: string;
  source: string;
}

const BARB = 'Barb, “Glossary”';
const OZTAM = 'OzTAM, “Definitions”';
const NIELSEN = 'Nielsen, “TV audience terms”';
const OURS = 'pocketmeter';

type Line = [
  key: FigureKey,
  name: string,
  unit: FigureWords['unit'],
  decimals: number,
  trade: string,
  formula: string,
  source: string,
];

// biome-ignore format: one figure, one line
const LINES: readonly Line[] = [
  ['averageAudience', 'Average audience', 'people', 1, 'AMR', 'Seconds watched by all people, divided by the seconds measured: how many watched at an average moment.', BARB],
  ['ratingPercent', 'Rating', '%', 2, 'TVR', '100 × average audience ÷ universe.', BARB],
  ['samplingErrorPoints', 'Sampling error', 'points', 2, 'standard error', 'Square root of p × (1 − p) ÷ n, where p is the rating and n the effective sample; for an average over time an upper bound.', 'Kish, “Survey Sampling”, 1965, 11.7'],
  ['sharePercent', 'Share', '%', 1, 'share', '100 × seconds watched of this ÷ seconds watched of anything in the same time.', OZTAM],
  ['reach', 'Reach', 'people', 0, 'cume', 'People who watched for at least the threshold of this report.', NIELSEN],
  ['reachPercent', 'Reach', '%', 2, 'cume %', '100 × reach ÷ universe.', NIELSEN],
  ['secondsPerViewer', 'Time per viewer', 'h:mm:ss', 0, 'ATV', 'Seconds watched ÷ reach.', OZTAM],
  ['profilePercent', 'Profile', '%', 1, 'profile', '100 × average audience of the group ÷ average audience of all groups.', NIELSEN],
  ['index', 'Index', 'all = 100', 0, 'affinity', '100 × rating of the group ÷ rating of all groups: above 100 the group watches more than people do on average.', NIELSEN],
  ['universe', 'Universe', 'people', 0, 'universe', 'People who could have been watching and are measured; each counts by its weight.', BARB],
  ['viewerSeconds', 'Time watched', 'h:mm:ss', 0, 'viewer-seconds', 'Seconds watched, summed over people by their weights; a second counts once for each of them.', OURS],
  ['totalViewingPercent', 'Total viewing', '%', 2, 'PUT', '100 × average audience of anything in the same time ÷ universe.', NIELSEN],
  ['secondsPerHead', 'Time per head', 'h:mm:ss', 0, 'ATV of all', 'Seconds watched ÷ universe.', OZTAM],
  ['completeness', 'Completeness', 'ratio', 2, 'completeness', 'Average audience ÷ reach: what part of it those who were reached watched.', OURS],
  ['grossRatingPoints', 'Gross rating points', 'points', 2, 'GRP', 'Sum of the ratings of all broadcasts.', NIELSEN],
  ['averageFrequency', 'Average frequency', 'times', 2, 'OTS', 'Gross rating points ÷ reach in %: how many broadcasts those who were reached saw.', NIELSEN],
  ['peakMinuteAudience', 'Highest minute', 'people', 0, 'peak', 'Audience of the clock minute that most people watched.', OURS],
  ['peakMinuteAt', 'Highest at', 'time', 0, 'peak minute', 'When the highest minute began.', OURS],
  ['lowestMinuteAudience', 'Lowest minute', 'people', 0, 'trough', 'Audience of the clock minute that fewest people watched.', OURS],
  ['lowestMinuteAt', 'Lowest at', 'time', 0, 'lowest minute', 'When the lowest minute began.', OURS],
  ['measuredSeconds', 'Measured', 'h:mm:ss', 0, 'measured', 'Time in which it was measured; figures are of this time alone.', OURS],
  ['ofSeconds', 'Of its length', 'h:mm:ss', 0, 'length', 'Its whole time less its breaks, measured or not.', OURS],
];

const FIGURES: readonly FigureWords[] = LINES.map(([key, name, unit, decimals, trade, formula, source]) => ({
  key,
  name,
  unit,
  decimals,
  trade,
  formula,
  source,
}));

const BY_KEY = new Map(FIGURES.map((figure) => [figure.key, figure]));

export function figureWords(key: FigureKey): FigureWords {
  const words = BY_KEY.get(key);
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words;
}

/** What one reads first, and the rest, in the order of the tables. */
export const MAIN_FIGURES: readonly FigureKey[] = FIGURES.slice(0, 9).map(({ key }) => key);
export const FURTHER_FIGURES: readonly FigureKey[] = FIGURES.slice(9).map(({ key }) => key);
