// One open session and what happens to it: signs of life, silence, the end of its window (V12, G6). Pure but for the session at hand.

import type { StoredReport } from './report.ts';
import type { Session } from './session.ts';

/** All in ms. */
export interface SessionRules {
  /** What a session that fell silent is granted after its last sign of life. */
  heartbeatMs: number;
  /** Silence after which a device counts as gone. */
  timeoutMs: number;
  /** The longest silence that a session survives, and the length of one that gave no sign but its LogIn. */
  capMs: number;
  /** The end of the measured window of a service that holds an instant, epoch ms; infinite where none ends. Absent: none does. */
  measuredUntil?(service: string, at: number): number;
}

/** From so many heartbeats on a device has shown its rhythm, and a silence of three beats means it stopped. */
const HEARTBEATS_OF_A_RHYTHM = 2;
const BEATS_OF_SILENCE = 3;

export interface OpenSession {
  session: Session;
  heartbeats: number;
  longestGapMs: number;
  verified: boolean;
  /** Epoch ms after which, without another sign, the session counts as left. */
  silentAt: number;
  /** Closed for its silence without a report: it is shown as it was closed then, and goes on if a report shows that it did. */
  isGivenUp?: true;
}

export function silenceLimitMs(open: OpenSession, rules: SessionRules): number {
  if (open.heartbeats < HEARTBEATS_OF_A_RHYTHM) return rules.capMs;
  return Math.min(rules.capMs, Math.max(rules.timeoutMs, BEATS_OF_SILENCE * open.longestGapMs));
}

export function begin(report: StoredReport): OpenSession {
  const { device, viewer, service, programme, sentAt } = report;
  const session: Session = {
    device,
    viewer,
    service,
    programme,
    startedAt: sentAt,
    lastSignAt: sentAt,
    flags: [],
    imputedMs: 0,
    ...(report.timeShiftS === undefined ? {} : { timeShiftS: report.timeShiftS }),
    ...(report.access === undefined ? {} : { access: report.access }),
  };
  return { session, heartbeats: 0, longestGapMs: 0, verified: report.verified, silentAt: sentAt };
}

export function sign(open: OpenSession, report: StoredReport): void {
  const { session } = open;
  delete open.isGivenUp;
  if (report.verified) open.verified = true;
  if (report.sentAt === session.lastSignAt) return; // the same heartbeat twice
  open.longestGapMs = Math.max(open.longestGapMs, report.sentAt - session.lastSignAt);
  open.heartbeats += 1;
  session.lastSignAt = report.sentAt;
}

export function close(open: OpenSession, at: number, flag: 'switched' | 'mismatched' | 'capped' | undefined): void {
  const { session } = open;
  session.endedAt = at;
  if (flag !== undefined) session.flags = [...session.flags, flag];
  if (at === session.startedAt) session.quarantine = 'zero_length';
  markVerified(open);
}

/** Never closed: the last sign of life plus one heartbeat, or the cap where there was none; never past what came next. */
export function fallSilent(open: OpenSession, rules: SessionRules, nextAt: number): void {
  const { session } = open;
  const assumed = open.heartbeats > 0 ? session.lastSignAt + rules.heartbeatMs : session.startedAt + rules.capMs;
  close(open, Math.min(assumed, nextAt), 'capped');
  if (assumed > nextAt) session.flags = [...session.flags, 'cut'];
  session.imputedMs = Math.min(assumed, nextAt) - session.lastSignAt;
}

export const windowEndOf = ({ session }: OpenSession, rules: SessionRules): number =>
  rules.measuredUntil?.(session.service, session.lastSignAt) ?? Number.POSITIVE_INFINITY;

/** What is not measured is not known (G6): a session ends with its window, unless it fell silent within. */
export function endWithWindow(open: OpenSession, rules: SessionRules): void {
  const end = windowEndOf(open, rules);
  if (end - open.session.lastSignAt > silenceLimitMs(open, rules)) fallSilent(open, rules, end);
  else close(open, end, undefined);
}

export function markVerified(open: OpenSession): void {
  const others = open.session.flags.filter((flag) => flag !== 'unverified');
  open.session.flags = open.verified ? others : [...others, 'unverified'];
}
