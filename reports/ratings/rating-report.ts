// A rating report: the citable header and the rows, as one table of columns that every format writes (ratings R5, R14).

import { createHash } from 'node:crypto';
import { DECIMALS } from './rules.ts';

/** Live: its window isn't over. Preliminary: late reports may still change it. Final: they no longer do (R6). */
export type ReportStatus = 'live' | 'preliminary' | 'final';

/** What was asked and what the figures rest on. Times in epoch ms; sessions and imputed are absent where R14 hides them. */
export interface ReportHeader {
  from: number;
  to: number;
  /** Figures cover [from, through): a window that isn't over ends now. */
  through: number;
  by: 'service' | 'programme';
  services?: string;
  programme?: string;
  provider?: string;
  base: 'second' | 'minute';
  basis: 'census' | 'weighted';
  reachSeconds: number;
  reachKind: 'consecutive' | 'cumulative';
  dwellSeconds: number;
  universe: number;
  status: ReportStatus;
  guideRevision: string;
  rulesRevision: string;
  /** Smallest number of people in a cell of this report; 0 is off. */
  suppressBelow: number;
  sessions?: number;
  imputedPercent?: number;
  /** Sessions that began in the window where a programme was scheduled, and those that named another one (R1). */
  programmesCompared?: number;
  programmesDisagreeing?: number;
  madeAt: number;
  /** SHA-256, in hex, of the criteria, the rules and both revisions. */
  hash: string;
}

/** One target's figures: whole seconds, the rest with DECIMALS decimals; a figure that isn't defined is absent. */
export interface RatingRow {
  service?: string;
  serviceName?: string;
  programme?: string;
  title?: string;
  startAt?: number;
  stopAt?: number;
  /** The figures are of this many measured seconds, of so many less breaks (R4). */
  measuredSeconds: number;
  ofSeconds: number;
  /** Figures are left out since too few people are behind them (R14). */
  suppressed?: true;
  viewerSeconds?: number;
  averageAudience?: number;
  ratingPercent?: number;
  totalViewingPercent?: number;
  sharePercent?: number;
  reach?: number;
  reachPercent?: number;
  secondsPerViewer?: number;
  secondsPerHead?: number;
  completeness?: number;
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

type Column<Key> = readonly [key: Key, kind: 'text' | 'number' | 'instant'];

/** Every field of a header, in order, for all formats. */
export const HEADER_COLUMNS: readonly Column<keyof ReportHeader>[] = [
  ['hash', 'text'],
  ['from', 'instant'],
  ['to', 'instant'],
  ['through', 'instant'],
  ['by', 'text'],
  ['services', 'text'],
  ['programme', 'text'],
  ['provider', 'text'],
  ['base', 'text'],
  ['basis', 'text'],
  ['reachSeconds', 'number'],
  ['reachKind', 'text'],
  ['dwellSeconds', 'number'],
  ['universe', 'number'],
  ['status', 'text'],
  ['guideRevision', 'text'],
  ['rulesRevision', 'text'],
  ['suppressBelow', 'number'],
  ['sessions', 'number'],
  ['imputedPercent', 'number'],
  ['programmesCompared', 'number'],
  ['programmesDisagreeing', 'number'],
  ['madeAt', 'instant'],
];

/** Every field of a row, in order, for all formats. */
export const ROW_COLUMNS: readonly Column<keyof RatingRow>[] = [
  ['service', 'text'],
  ['serviceName', 'text'],
  ['programme', 'text'],
  ['title', 'text'],
  ['startAt', 'instant'],
  ['stopAt', 'instant'],
  ['measuredSeconds', 'number'],
  ['ofSeconds', 'number'],
  ['suppressed', 'text'],
  ['viewerSeconds', 'number'],
  ['averageAudience', 'number'],
  ['ratingPercent', 'number'],
  ['totalViewingPercent', 'number'],
  ['sharePercent', 'number'],
  ['reach', 'number'],
  ['reachPercent', 'number'],
  ['secondsPerViewer', 'number'],
  ['secondsPerHead', 'number'],
  ['completeness', 'number'],
  ['peakMinuteAt', 'instant'],
  ['peakMinuteAudience', 'number'],
  ['lowestMinuteAt', 'instant'],
  ['lowestMinuteAudience', 'number'],
];

export type Shown = string | number | true;

/** The fields that are there, in the order of the columns; instants as ISO 8601 UTC. */
export function fieldsOf<Key extends string>(
  record: Readonly<Partial<Record<Key, Shown>>>,
  columns: readonly Column<Key>[],
): [Key, Shown][] {
  const fields: [Key, Shown][] = [];
  for (const [key, kind] of columns) {
    const value = record[key];
    if (value !== undefined) fields.push([key, kind === 'instant' ? new Date(value as number).toISOString() : value]);
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
