// What a day's reports and sessions say of the data that figures rest on (ratings R16; viewing V4, V12, V14).

import type { QuarantineReason } from '../../server/viewing/report.ts';
import type { Session, SessionFlag } from '../../server/viewing/session.ts';

/** A day of the calendar in a zone: 23, 24 or 25 hours, [from, to) in epoch ms. */
export interface CalendarDay {
  /** YYYY-MM-DD. */
  date: string;
  zone: string;
  from: number;
  to: number;
}

/** Reports count by their receipt, sessions by their start, LogOuts with nothing open by their time. Percents have two decimals. */
export interface DayQuality extends CalendarDay {
  madeAt: number;
  /** It is of what had come until then: `madeAt` of a day that is not over, else `to`. */
  through: number;
  reports: {
    received: number;
    /** Heartbeats and programmes announced are LogIns, too. */
    logIns: number;
    logOuts: number;
    devices: number;
    viewers: number;
    /** Kept, and counted in no session (V4). */
    quarantined: Record<QuarantineReason, number>;
  };
  /**
   * How late reports came: those whose time is believed, which is all but the clocks beyond the limit. Of each bound the percent
   * that was received within it after it was sent; the rest came later.
   */
  arrival: { reports: number; within: { seconds: number; percent: number }[] };
  /**
   * Clocks beyond the limit, by what they claimed against the receipt. How far others were corrected is not known: a report is
   * kept with its corrected time.
   */
  skew: { reports: number; percent: number; farthestAheadMs: number; farthestBehindMs: number };
  sessions: {
    started: number;
    /** Of these still open when this was made. */
    open: number;
    flags: Record<SessionFlag, number>;
    quarantined: Record<NonNullable<Session['quarantine']>, number>;
    /** Shorter than the dwell: never audience. */
    surfing: number;
    unknownService: number;
    unknownProgramme: number;
    /** Seconds that were assumed, not reported, of those that end without a LogOut, and their share of all seconds viewed. */
    cappedSeconds: number;
    imputedPercent: number;
  };
  /** Sessions that began while a programme was scheduled and name one, and those of them that name another (R1). */
  programmes: { compared: number; disagreeing: number };
  /** LogOuts with nothing open, and their number in percent of the LogOuts received. */
  orphans: { logOuts: number; percent: number };
  /** `ofDayBefore` is absent where the reports of the day before are gone. */
  silence: {
    /** Devices that reported on the day before, and those of them that did not on this one. */
    ofDayBefore?: { devices: number; silent: number };
    /** Devices that left a session open until it was closed for their silence. */
    brokenOff: number;
  };
  /** Sudden mass log-ins and log-outs by the minute in which they were sent; see findBursts for the rule. */
  bursts: { of: 'logIns' | 'logOuts'; at: number; count: number; usual: number; threshold: number }[];
  /** Sessions whose times are those of pieces sent by the server (V14). */
  delivered: { sessions: number; reason: string };
}

/** Seconds after sending within which a report was received. HTTP dates count whole seconds: the first may be one second off. */
export const ARRIVAL_BOUNDS_S = [1, 10, 60, 600, 3_600, 21_600, 86_400] as const;

/** V14 applies to a server that delivers streams. */
export const NOT_DELIVERED = 'not applicable: this server delivers no streams, so that all times are those of reports';

/** With two decimals; 0 of nothing. */
export const percentOf = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((10_000 * part) / whole) / 100;
