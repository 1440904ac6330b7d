// The rules that rating figures are made by, each with its reason (ratings R3, R5, R6, R14; viewing V12; platform O2).

/** Printed on every report (R5); goes up whenever one of the rules below, or how they are applied, changes. */
export const RULES_REVISION = '3';

/** Shorter sessions are surfing, never audience (V12). */
const DEFAULT_DWELL_S = 60;

/** Late reports and corrected schedules may change figures until then (R6: 8 days). */
const DEFAULT_FINAL_AFTER_MS = 8 * 86_400_000;

/** Nothing about viewing is kept for longer than figures are (O2: 400 days). */
export const WINDOW_LIMIT_MS = 400 * 86_400_000;

/** Rows are held in memory with a number per minute each; a day of 1,000 services has some 50,000 programmes. */
export const ROW_LIMIT = 100_000;

/** Figures from fewer people tell about persons (R14). */
const DEFAULT_SUPPRESS_BELOW = 5;

/** The threshold of reach where none is asked for: the dwell, so that whoever is audience by V12 mostly is reach too. */
export const DEFAULT_REACH_S = 60;

/** Decimals of everything that isn't whole seconds, the same in XML, CSV and JSON. */
export const DECIMALS = 4;

/** What an installation may set; all of it goes into the hash of a report (R5). */
export interface RatingRules {
  /** For services to which the guide gives no dwell of their own. */
  dwellS: number;
  /** Smallest number of people in a cell of a provider's report; 0 and 1 are off (R14). */
  suppressBelow: number;
  /** Providers see total viewing and share, too (R14). */
  marketTotals: boolean;
  finalAfterMs: number;
  /** Everybody counts one; or a part of the users stands for all; or each counts by a weight. */
  basis: 'census' | 'sample' | 'weighted';
  /** Of broadcast days, weeks and hours; an IANA name. */
  zone: string;
  /** The hour of the zone's clocks at which a broadcast day begins, 0 to 23 (R3: 02:00 to 02:00). */
  dayStartHour: number;
}

export const DEFAULT_RULES: RatingRules = {
  dwellS: DEFAULT_DWELL_S,
  suppressBelow: DEFAULT_SUPPRESS_BELOW,
  marketTotals: false,
  finalAfterMs: DEFAULT_FINAL_AFTER_MS,
  basis: 'census',
  zone: 'UTC',
  dayStartHour: 2,
};
