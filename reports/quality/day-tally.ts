// Counts a day's reports and sessions in one pass over each (ratings R16): memory grows with devices, never with reports.

import type { Receipt } from '../../server/viewing/report-log.ts';
import type { Session } from '../../server/viewing/session.ts';
import { findBursts } from './bursts.ts';
import { ARRIVAL_BOUNDS_S, type CalendarDay, type DayQuality, NOT_DELIVERED, percentOf } from './day-quality.ts';
import { createDistinctNumbers } from './distinct-numbers.ts';

/** What the guide says of sessions; times are epoch ms. */
export interface DaySchedule {
  isKnownService(service: string): boolean;
  dwellMsOf(service: string): number;
  /** Whether the guide has it about then. */
  hasProgramme(service: string, programme: string): boolean;
  scheduledAt(service: string, at: number): string | undefined;
}

export interface DayTally {
  /** Of the day before: which devices there were. Not called where that is not known. */
  seeBefore(receipts: readonly Receipt[]): void;
  see(receipts: readonly Receipt[]): void;
  /** Those that start in the day. */
  seeSessions(sessions: readonly Session[]): void;
  finish(orphans: number, madeAt: number): DayQuality;
}

const MINUTE_MS = 60_000;

export function createDayTally(day: CalendarDay, schedule: DaySchedule): DayTally {
  const [devices, viewers, before, brokenOff] = [
    createDistinctNumbers(),
    createDistinctNumbers(),
    createDistinctNumbers(),
    createDistinctNumbers(),
  ];
  const minutes = Math.ceil((day.to - day.from) / MINUTE_MS);
  const byMinute = { logIns: new Uint32Array(minutes), logOuts: new Uint32Array(minutes) };
  const quarantined: DayQuality['reports']['quarantined'] = { clock_skew: 0, future: 0, too_old: 0 };
  const flags: DayQuality['sessions']['flags'] = { switched: 0, mismatched: 0, capped: 0, cut: 0, unverified: 0 };
  const badSessions: DayQuality['sessions']['quarantined'] = { zero_length: 0, ends_before_start: 0 };
  const reports = { received: 0, logIns: 0, logOuts: 0 };
  const skew = { farthestAheadMs: 0, farthestBehindMs: 0 };
  const within = ARRIVAL_BOUNDS_S.map(() => 0);
  const sessions = { started: 0, open: 0, surfing: 0, unknownService: 0, unknownProgramme: 0 };
  const programmes = { compared: 0, disagreeing: 0 };
  let knowsBefore = false;
  let imputedMs = 0;
  let viewedMs = 0;

  const seeOne = ({ device, viewer, type, sentAt, receivedAt, quarantine }: Receipt): void => {
    reports.received++;
    const kind = type === 'LogInInfo' ? 'logIns' : 'logOuts';
    reports[kind]++;
    devices.add(device);
    viewers.add(viewer);
    if (quarantine !== undefined) quarantined[quarantine]++;
    const lateMs = receivedAt - sentAt;
    if (quarantine === 'clock_skew' || quarantine === 'future') {
      skew.farthestAheadMs = Math.max(skew.farthestAheadMs, -lateMs);
      skew.farthestBehindMs = Math.max(skew.farthestBehindMs, lateMs);
      return;
    }
    const bound = ARRIVAL_BOUNDS_S.findIndex((seconds) => lateMs <= seconds * 1_000);
    if (bound >= 0) within[bound] = (within[bound] ?? 0) + 1;
    const minute = Math.floor((sentAt - day.from) / MINUTE_MS);
    if (quarantine === undefined && minute >= 0 && minute < minutes)
      byMinute[kind][minute] = (byMinute[kind][minute] ?? 0) + 1;
  };

  const seeProgramme = ({ service, programme, startedAt }: Session): void => {
    if (!schedule.isKnownService(service)) sessions.unknownService++;
    else if (programme !== '') {
      if (!schedule.hasProgramme(service, programme)) sessions.unknownProgramme++;
      const scheduled = schedule.scheduledAt(service, startedAt);
      if (scheduled === undefined) return;
      programmes.compared++;
      if (scheduled !== programme) programmes.disagreeing++;
    }
  };

  const seeSession = (session: Session): void => {
    sessions.started++;
    for (const flag of session.flags) flags[flag]++;
    if (session.flags.includes('capped')) brokenOff.add(session.device);
    if (session.quarantine !== undefined) {
      badSessions[session.quarantine]++;
      return;
    }
    seeProgramme(session);
    if (session.endedAt === undefined) {
      sessions.open++;
      return;
    }
    const lengthMs = session.endedAt - session.startedAt;
    if (lengthMs < schedule.dwellMsOf(session.service)) sessions.surfing++;
    viewedMs += lengthMs;
    imputedMs += session.imputedMs;
  };

  const arrival = (): DayQuality['arrival'] => {
    const believed = reports.received - quarantined.clock_skew - quarantined.future;
    let sum = 0;
    const curve = ARRIVAL_BOUNDS_S.map((seconds, index) => {
      sum += within[index] ?? 0;
      return { seconds, percent: percentOf(sum, believed) };
    });
    return { reports: believed, within: curve };
  };
  const burstsOf = (of: 'logIns' | 'logOuts'): DayQuality['bursts'] =>
    findBursts(byMinute[of]).map(({ minute, ...rest }) => ({ of, at: day.from + minute * MINUTE_MS, ...rest }));

  return {
    seeBefore(receipts) {
      knowsBefore = true;
      for (const { device } of receipts) before.add(device);
    },
    see(receipts) {
      for (const receipt of receipts) seeOne(receipt);
    },
    seeSessions(page) {
      for (const session of page) seeSession(session);
    },
    finish(orphans, madeAt) {
      const beyond = quarantined.clock_skew + quarantined.future;
      return {
        ...day,
        madeAt,
        through: Math.min(day.to, madeAt),
        reports: { ...reports, devices: devices.count(), viewers: viewers.count(), quarantined },
        arrival: arrival(),
        skew: { reports: beyond, percent: percentOf(beyond, reports.received), ...skew },
        sessions: {
          ...sessions,
          flags,
          quarantined: badSessions,
          cappedSeconds: Math.round(imputedMs / 1_000),
          imputedPercent: percentOf(imputedMs, viewedMs),
        },
        programmes,
        orphans: { logOuts: orphans, percent: percentOf(orphans, reports.logOuts) },
        silence: {
          ...(knowsBefore ? { ofDayBefore: { devices: before.count(), silent: before.countMissingIn(devices) } } : {}),
          brokenOff: brokenOff.count(),
        },
        bursts: [...burstsOf('logIns'), ...burstsOf('logOuts')],
        delivered: { sessions: 0, reason: NOT_DELIVERED },
      };
    },
  };
}
