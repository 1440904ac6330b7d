// A rating report: the citable header and the rows, as one table of columns that every format writes (ratings R5, R14).

import { createHash } from 'node:crypto';
import type { RowKey } from '../breakdown/row-targets.ts';
import { DECIMALS } from './rules.ts';

/** Live: its window isn't over. Preliminary: late reports may still change it. Final: they no longer do (R6). */
export type ReportStatus = 'live' | 'preliminary' | 'final';

/** What was asked and what the figures rest on. Times in epoch ms; sessions and imputed are absent where R14 hides them. */
export interface ReportHeader {
  from: number;
  to: number;
  /** Figures cover [from, through): a window that isn't over ends now. */
  through: number;
  /** The dimensions of its rows, between commas. */
  by: string;
  services?: string;
  programme?: string;
  provider?: string;
  base: 'second' | 'minute';
  /** Everybody counts one; or a part of the users stands for all; or each counts by a weight. */
  basis: 'census' | 'sample' | 'weighted';
  reachSeconds: number;
  reachKind: 'consecutive' | 'cumulative';
  dwellSeconds: number;
  /** Of broadcast days, weeks and hours. */
  zone: string;
  dayStartHour: number;
  universe: number;
  /** The effective sample (Σw)²/Σw², where the basis is no census. */
  effectiveSample?: number;
  status: ReportStatus;
  /** Which of the reports that were made to these criteria, from 1; absent while the window runs. */
  revision?: number;
  guideRevision: string;
  /** Names the viewing that it was made of. */
  dataRevision: string;
  rulesRevision: string;
  /** Smallest number of people in a cell of this report; 0 is off. */
  suppressBelow: number;
  sessions?: number;
  imputedPercent?: number;
  /** Sessions that began in the window where a programme was scheduled, and those that named another one (R1). */
  programmesCompared?: number;
  programmesDisagreeing?: number;
  madeAt: number;
  /** SHA-256, in hex, of the criteria, the rules and all three revisions. */
  hash: string;
}

/** One target's figures: whole seconds, the rest with DECIMALS decimals; a figure that isn't defined is absent. */
export interface RatingRow extends RowKey {
  region?: string;
  device?: string;
  /** `live` or `time-shifted`. */
  shift?: string;
  /** Of demographics: "age=18-34". */
  group?: string;
  /** The figures are of this many measured seconds, of so many less breaks (R4). */
  measuredSeconds: number;
  ofSeconds: number;
  /** Figures are left out since too few people are behind them (R14). */
  suppressed?: true;
  /** Why figures are not available. */
  notAvailable?: string;
  universe?: number;
  viewerSeconds?: number;
  averageAudience?: number;
  ratingPercent?: number;
  samplingErrorPoints?: number;
  totalViewingPercent?: number;
  sharePercent?: number;
  reach?: number;
  reachPercent?: number;
  secondsPerViewer?: number;
  secondsPerHead?: number;
  completeness?: number;
  grossRatingPoints?: number;
  averageFrequency?: number;
  profilePercent?: number;
  index?: number;
  peakMinuteAt?: number;
  peakMinuteAudience?: number;
  lowestMinuteAt?: number;
  lowestMinuteAudience?: number;
}

/** `total` is all services together; absent where policy hides the market (R14). */
export interface RatingReport {
  criteria: ReportHeader;
  items: RatingRow[];
  total?: RatingRow;
}

/** A field, how it is written, and its name in the JSON of TV Data Exchange (tvdataexchange.com) where that has one. */
type Column<Key> = readonly [key: Key, kind: 'text' | 'number' | 'instant', exchangeName?: string];

/** Every field of a header, in order, for all formats. */
export const HEADER_COLUMNS: readonly Column<keyof ReportHeader>[] = [
  ['hash', 'text'],
  ['from', 'instant'],
  ['to', 'instant'],
  ['through', 'instant'],
  ['by', 'text'],
  ['services', 'text', 'channels'],
  ['programme', 'text'],
  ['provider', 'text'],
  ['base', 'text'],
  ['basis', 'text'],
  ['reachSeconds', 'number'],
  ['reachKind', 'text'],
  ['dwellSeconds', 'number'],
  ['zone', 'text'],
  ['dayStartHour', 'number'],
  ['universe', 'number'],
  ['effectiveSample', 'number'],
  ['status', 'text'],
  ['revision', 'number'],
  ['guideRevision', 'text'],
  ['dataRevision', 'text'],
  ['rulesRevision', 'text'],
  ['suppressBelow', 'number'],
  ['sessions', 'number'],
  ['imputedPercent', 'number'],
  ['programmesCompared', 'number'],
  ['programmesDisagreeing', 'number'],
  ['madeAt', 'instant', 'creationDate'],
];

/** What a row is of. */
export const KEY_COLUMNS: readonly Column<keyof RatingRow>[] = [
  ['service', 'text', 'channelId'],
  ['serviceName', 'text', 'channel'],
  ['provider', 'text'],
  ['programme', 'text', 'contentId'],
  ['title', 'text', 'title'],
  ['series', 'text'],
  ['episode', 'text'],
  ['genre', 'text', 'genre'],
  ['broadcasts', 'number'],
  ['broadcastDay', 'text', 'date'],
  ['week', 'text'],
  ['weekday', 'number'],
  ['weekdayName', 'text', 'day'],
  ['daypart', 'text'],
  ['broadcastTime', 'text', 'startTime'],
  ['startAt', 'instant', 'startDateTime'],
  ['stopAt', 'instant', 'endDateTime'],
  ['region', 'text', 'region'],
  ['device', 'text'],
  ['shift', 'text', 'activity'],
  ['group', 'text', 'demo'],
];

/** What was measured of it. */
export const FIGURE_COLUMNS: readonly Column<keyof RatingRow>[] = [
  ['measuredSeconds', 'number'],
  ['ofSeconds', 'number', 'nonIntervalDurationInSeconds'],
  ['suppressed', 'text'],
  ['notAvailable', 'text'],
  ['universe', 'number', 'universe'],
  ['viewerSeconds', 'number'],
  ['averageAudience', 'number', 'audience'],
  ['ratingPercent', 'number', 'tvr'],
  ['samplingErrorPoints', 'number'],
  ['totalViewingPercent', 'number'],
  ['sharePercent', 'number', 'share'],
  ['reach', 'number'],
  ['reachPercent', 'number'],
  ['secondsPerViewer', 'number'],
  ['secondsPerHead', 'number'],
  ['completeness', 'number'],
  ['grossRatingPoints', 'number'],
  ['averageFrequency', 'number'],
  ['profilePercent', 'number'],
  ['index', 'number'],
  ['peakMinuteAt', 'instant'],
  ['peakMinuteAudience', 'number', 'maxAudience'],
  ['lowestMinuteAt', 'instant'],
  ['lowestMinuteAudience', 'number', 'minAudience'],
];

/** Every field of a row, in order, for all formats. */
export const ROW_COLUMNS: readonly Column<keyof RatingRow>[] = [...KEY_COLUMNS, ...FIGURE_COLUMNS];

export type Shown = string | number | true;

/** The fields that are there, in the order of the columns; instants as ISO 8601 UTC. */
export function fieldsOf<Key extends string>(
  record: Readonly<Partial<Record<Key, Shown>>>,
  columns: readonly Column<Key>[],
  names: 'own' | 'exchange' = 'own',
): [string, Shown][] {
  const fields: [string, Shown][] = [];
  for (const [key, kind, exchangeName] of columns) {
    const value = record[key];
    if (value === undefined) continue;
    const name = names === 'exchange' ? (exchangeName ?? key) : key;
    fields.push([name, kind === 'instant' ? new Date(value as number).toISOString() : value]);
  }
  return fields;
}

/** Half away from zero, to DECIMALS. */
export function rounded(value: number): number {
  const scale = 10 ** DECIMALS;
  return Math.round((value + Number.EPSILON * value) * scale) / scale;
}

/** SHA-256 in hex of JSON whose keys are sorted at every depth: the same content, the same hash (R5). */
export function hashOf(content: unknown): string {
  const canonical = JSON.stringify(content, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(canonical).digest('hex');
}
