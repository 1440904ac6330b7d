// A report's figures against those that sums of whole seconds give: every one of them has to be the same (ratings R2, R18).

import { averageAudience, reachPercent, share } from '../reports/figures/formulas.ts';
import { type RatingReport, type RatingRow, rounded } from '../reports/ratings/rating-report.ts';
import { serviceOf } from './filled-viewing.ts';

/** What another engine found of a programme, or of a minute of a service. `startS` is of the day; sums are whole seconds and people. */
export interface SummedRow {
  service: number;
  startS: number;
  stopS: number;
  seconds: number;
  anySeconds: number;
  reach: number;
  peakMinute: number;
  peakSeconds: number;
  lowestMinute: number;
  lowestSeconds: number;
}

/** Of a report's header. */
export interface SummedHeader {
  sessions: number;
  programmesCompared?: number;
  programmesDisagreeing?: number;
}

export interface Summed {
  rows: SummedRow[];
  header: SummedHeader;
}

/** Empty when all is the same. `day` is epoch ms. */
export function differencesOf({ items, criteria }: RatingReport, summed: Summed, day: number): string[] {
  const different: string[] = [];
  const compare = (of: string, ours: object, theirs: object): void => {
    const [one, other] = [JSON.stringify(ours), JSON.stringify(theirs)];
    if (one !== other) different.push(`${of}: ${one}, not ${other}`);
  };
  const rows = new Map(items.map((row) => [`${row.service} ${row.startAt}`, row]));
  compare('rows', { count: rows.size }, { count: summed.rows.length });
  for (const row of summed.rows) {
    const name = `${serviceOf(row.service)} ${day + row.startS * 1_000}`;
    compare(name, figuresOf(rows.get(name) ?? {}), expected(row, criteria.universe, day));
  }
  const { sessions, programmesCompared, programmesDisagreeing } = criteria;
  compare('header', { sessions, programmesCompared, programmesDisagreeing }, summed.header);
  return different;
}

const figuresOf = (row: Partial<RatingRow>): object => ({
  viewerSeconds: row.viewerSeconds,
  averageAudience: row.averageAudience,
  sharePercent: row.sharePercent,
  reach: row.reach,
  reachPercent: row.reachPercent,
  peakMinuteAt: row.peakMinuteAt,
  peakMinuteAudience: row.peakMinuteAudience,
  lowestMinuteAt: row.lowestMinuteAt,
  lowestMinuteAudience: row.lowestMinuteAudience,
});

function expected(row: SummedRow, universe: number, day: number): Partial<RatingRow> {
  const written = (value: number | undefined): { value?: number } =>
    value === undefined ? {} : { value: rounded(value) };
  const { seconds, startS, stopS } = row;
  return {
    viewerSeconds: seconds,
    averageAudience: written(averageAudience(seconds, stopS - startS)).value as number,
    sharePercent: written(share(seconds, row.anySeconds)).value as number,
    reach: row.reach,
    reachPercent: written(reachPercent(row.reach, universe)).value as number,
    peakMinuteAt: day + row.peakMinute * 60_000,
    peakMinuteAudience: rounded(row.peakSeconds / 60),
    lowestMinuteAt: day + row.lowestMinute * 60_000,
    lowestMinuteAudience: rounded(row.lowestSeconds / 60),
  };
}
