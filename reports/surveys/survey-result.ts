// What a survey found, and what the session log says of those who answered (R11; CN101399958A, step s312 B, claims 3-7). Pure.

import { type Interval, wilsonInterval } from './wilson-interval.ts';

/** Of the survey, settled when it was begun. */
export interface SurveyFacts {
  service: string;
  /** Devices. */
  asked: number;
  /** Devices of which those asked are all, or a random sample. */
  population: number;
  /** Between 0 and 1. */
  confidence: number;
  timeLimitMs: number;
}

/** An answer within the time limit. */
export interface TalliedAnswer {
  /** Absent: none. */
  watching?: string;
  /** After the asking. */
  delayMs: number;
  /** Whether by the session log the device was on the asked service at the moment of the answer; absent where the log can't say. */
  logged?: boolean;
}

/** Counts of devices; figures that can't be had are null, and `missing` says why. Percentages are of 100. */
export interface SurveyResult {
  asked: number;
  /** Within the time limit. */
  answered: number;
  /** Answers that name the asked service, another one, or none: `answered` in all. */
  watching: number;
  others: number;
  none: number;
  /** Devices whose first answer came after the limit. */
  late: number;
  /** Answers of devices that had answered. */
  repeated: number;
  /** 100 · watching / answered, with its interval. */
  ratingPercent: number | null;
  ratingLowPercent: number | null;
  ratingHighPercent: number | null;
  /** 100 · (asked − answered) / asked. */
  nonResponsePercent: number | null;
  /** Devices of the population on the service: its rating times the population. */
  audience: number | null;
  audienceLow: number | null;
  audienceHigh: number | null;
  /** How many had answered after each tenth of the time limit. */
  responseCurve: number[];
  /** Absent before the survey is closed. */
  comparison?: Comparison;
  missing: Record<string, string>;
}

/** Answers against the log. `says` is what the answer claims, `log` what the sessions tell. */
interface Comparison {
  /** Answers of which the log can tell; the four that follow in all. */
  compared: number;
  saysWatchingLogWatching: number;
  saysWatchingLogNot: number;
  saysNotLogWatching: number;
  saysNotLogNot: number;
  /** Answers of which it can't: outside measured windows. */
  unlogged: number;
  /** Claim and log say the same, of all compared. */
  agreementPercent: number | null;
  /** Claim to watch, of those who by the log do not. */
  overClaimPercent: number | null;
  /** Claim not to watch, of those who by the log do. */
  underReportPercent: number | null;
  /** Who watches by the log / who claims to: by this a rating from answers alone is multiplied. */
  adjustmentFactor: number | null;
}

export interface SurveyTally {
  add(answer: TalliedAnswer): void;
  addLate(): void;
  addRepeats(number: number): void;
  /** With the comparison if `isClosed`. */
  result(isClosed: boolean): SurveyResult;
}

const TENTHS = 10;

export function createSurveyTally(facts: SurveyFacts): SurveyTally {
  const { service, asked, population, confidence, timeLimitMs } = facts;
  const counts = { watching: 0, others: 0, none: 0, late: 0, repeated: 0 };
  const cells = { saysWatchingLogWatching: 0, saysWatchingLogNot: 0, saysNotLogWatching: 0, saysNotLogNot: 0 };
  let unlogged = 0;
  const tenths = new Array<number>(TENTHS).fill(0);

  const compare = (missing: Record<string, string>): Comparison => {
    const { saysWatchingLogWatching: both, saysWatchingLogNot: claimed, saysNotLogWatching: logged } = cells;
    const neither = cells.saysNotLogNot;
    const compared = both + claimed + logged + neither;
    const share = shareInto(missing);
    return {
      compared,
      ...cells,
      unlogged,
      agreementPercent: percent(
        share('agreementPercent', both + neither, compared, 'the log can tell of none who answered'),
      ),
      overClaimPercent: percent(
        share('overClaimPercent', claimed, claimed + neither, 'nobody is off the service by the log'),
      ),
      underReportPercent: percent(
        share('underReportPercent', logged, both + logged, 'nobody is on the service by the log'),
      ),
      adjustmentFactor: share('adjustmentFactor', both + logged, both + claimed, 'nobody claims to watch'),
    };
  };

  return {
    add({ watching, delayMs, logged }) {
      const claims = watching === service;
      counts[claims ? 'watching' : watching === undefined ? 'none' : 'others'] += 1;
      const tenth = Math.min(TENTHS - 1, Math.max(0, Math.floor((TENTHS * delayMs) / timeLimitMs)));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      if (logged === undefined) unlogged += 1;
      else cells[`says${claims ? 'Watching' : 'Not'}Log${logged ? 'Watching' : 'Not'}`] += 1;
    },
    addLate() {
      counts.late += 1;
    },
    addRepeats(number) {
      counts.repeated += number;
    },
    result(isClosed) {
      const { watching, others, none } = counts;
      const answered = watching + others + none;
      const missing: Record<string, string> = {};
      const share = shareInto(missing);
      const rating = share('ratingPercent', watching, answered, 'nobody answered');
      const within: Partial<Interval> =
        rating === null ? {} : wilsonInterval(watching, answered, population, confidence);
      if (rating === null)
        for (const name of ['ratingLowPercent', 'ratingHighPercent', 'audience', 'audienceLow', 'audienceHigh'])
          missing[name] = 'nobody answered';
      const { low = null, high = null } = within;
      const times = (one: number | null): number | null => (one === null ? null : one * population);
      let through = 0;
      return {
        asked,
        answered,
        ...counts,
        ratingPercent: percent(rating),
        ratingLowPercent: percent(low),
        ratingHighPercent: percent(high),
        nonResponsePercent: percent(share('nonResponsePercent', asked - answered, asked, 'nobody was asked')),
        audience: times(rating),
        audienceLow: times(low),
        audienceHigh: times(high),
        responseCurve: tenths.map((number) => {
          through += number;
          return through;
        }),
        ...(isClosed ? { comparison: compare(missing) } : {}),
        missing,
      };
    },
  };
}

const percent = (share: number | null): number | null => (share === null ? null : 100 * share);

/** A share, or null and the reason noted under its name. */
const shareInto =
  (missing: Record<string, string>) =>
  (name: string, part: number, whole: number, reason: string): number | null => {
    if (whole > 0) return part / whole;
    missing[name] = reason;
    return null;
  };
