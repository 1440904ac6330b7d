// From one device's reports to its sessions: the rules of V12, pure (CN101399958A steps s304-s311).

import { findInverted } from './inverted-reports.ts';
import type { StoredReport } from './report.ts';
import type { EndedSession, Session } from './session.ts';

/** All in ms. */
export interface SessionRules {
  /** What a session that fell silent is granted after its last sign of life. */
  heartbeatMs: number;
  /** Silence after which a device counts as gone. */
  timeoutMs: number;
  /** The longest silence that a session survives, and the length of one that gave no sign but its LogIn. */
  capMs: number;
}

/** No session is longer: readers of a window look back this far. The next sign of life opens another. */
export const LONGEST_SESSION_MS = 24 * 3_600_000;

/** From so many heartbeats on a device has shown its rhythm, and a silence of three beats means it stopped. */
const HEARTBEATS_OF_A_RHYTHM = 2;
const BEATS_OF_SILENCE = 3;

/** A LogOut with nothing open (V12): kept, no session is invented. */
export interface Orphan {
  device: number;
  viewer: number;
  service: string;
  programme: string;
  at: number;
}

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

/** Where deriving stands after the reports of `instant`; deriving goes on from it with later reports only. */
export interface DeviceState {
  instant: number;
  open?: OpenSession;
}

export interface Derived {
  /** Every session that the reports opened or changed, in order of start. */
  sessions: Session[];
  orphans: Orphan[];
  state: DeviceState;
}

/**
 * Derives from reports of one device, in any order, all later than `from.instant`. Quarantined reports must be left out.
 * The result is a function of the set of reports: order and doubles don't matter.
 */
export function deriveSessions(reports: readonly StoredReport[], rules: SessionRules, from?: DeviceState): Derived {
  const sessions: Session[] = [];
  const orphans: Orphan[] = [];
  let open = from?.open === undefined ? undefined : { ...from.open, session: { ...from.open.session } };
  if (open !== undefined) sessions.push(open.session);
  let instant = from?.instant ?? Number.NEGATIVE_INFINITY;

  const logIn = (report: StoredReport): void => {
    const at = report.sentAt;
    if (open !== undefined) {
      const { session } = open;
      const silent = at - session.lastSignAt > silenceLimitMs(open, rules);
      const same = session.service === report.service && session.programme === report.programme;
      if (same && !silent && at - session.startedAt < LONGEST_SESSION_MS) {
        sign(open, report);
        return;
      }
      if (silent) fallSilent(open, rules, at);
      else close(open, at, same ? 'capped' : 'switched');
    }
    open = report.service === '' ? undefined : begin(report);
    if (open === undefined) return;
    const last = sessions.at(-1);
    if (last?.startedAt === at && last.service === report.service && last.programme === report.programme)
      sessions.pop();
    sessions.push(open.session);
  };

  const logOut = (report: StoredReport): void => {
    const at = report.sentAt;
    if (open !== undefined && at - open.session.lastSignAt > rules.capMs) {
      fallSilent(open, rules, at);
      open = undefined;
    }
    if (open === undefined) {
      const { device, viewer, service, programme } = report;
      if (!orphans.some((orphan) => orphan.at === at && orphan.service === service && orphan.programme === programme)) {
        orphans.push({ device, viewer, service, programme, at });
      }
      return;
    }
    if (report.verified) open.verified = true;
    open.session.lastSignAt = at;
    close(open, at, report.service === open.session.service ? undefined : 'mismatched');
    open = undefined;
  };

  const { inversions, rest } = findInverted(reports);
  const inverted = inversions.map(
    ({ logIn, logOut }): Session => ({
      ...begin(logIn).session,
      endedAt: logOut.sentAt,
      quarantine: 'ends_before_start',
    }),
  );
  for (const group of byInstant(rest)) {
    const at = group[0]?.sentAt ?? instant;
    instant = at;
    const isWatched = open !== undefined && at - open.session.lastSignAt <= silenceLimitMs(open, rules);
    for (const report of inOrder(group, isWatched ? open?.session : undefined)) {
      if (report.type === 'LogInInfo') logIn(report);
      else logOut(report);
    }
  }
  for (const {
    logIn: { sentAt: at },
  } of inversions) {
    instant = Math.max(instant, at);
    if (open === undefined || at - open.session.lastSignAt <= rules.capMs) continue;
    fallSilent(open, rules, at); // time has passed, whatever the clock made of it
    open = undefined;
  }
  if (open !== undefined) {
    markVerified(open);
    open.silentAt = open.session.lastSignAt + silenceLimitMs(open, rules);
  }
  return { sessions: [...sessions, ...inverted], orphans, state: open === undefined ? { instant } : { instant, open } };
}

/** Without another report until `now`: an open session that fell silent is closed where V12 says, and given up. */
export function closeSilent(
  { instant, open }: DeviceState,
  rules: SessionRules,
  now: number,
): { session: EndedSession; state: DeviceState } | undefined {
  if (open === undefined || open.isGivenUp === true || now <= open.silentAt) return undefined;
  const closed = { ...open, session: { ...open.session } };
  fallSilent(closed, rules, now);
  return { session: closed.session as EndedSession, state: { instant, open: { ...open, isGivenUp: true } } };
}

function silenceLimitMs(open: OpenSession, rules: SessionRules): number {
  if (open.heartbeats < HEARTBEATS_OF_A_RHYTHM) return rules.capMs;
  return Math.min(rules.capMs, Math.max(rules.timeoutMs, BEATS_OF_SILENCE * open.longestGapMs));
}

function begin(report: StoredReport): OpenSession {
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

function sign(open: OpenSession, report: StoredReport): void {
  const { session } = open;
  delete open.isGivenUp;
  if (report.verified) open.verified = true;
  if (report.sentAt === session.lastSignAt) return; // the same heartbeat twice
  open.longestGapMs = Math.max(open.longestGapMs, report.sentAt - session.lastSignAt);
  open.heartbeats += 1;
  session.lastSignAt = report.sentAt;
}

function close(open: OpenSession, at: number, flag: 'switched' | 'mismatched' | 'capped' | undefined): void {
  const { session } = open;
  session.endedAt = at;
  if (flag !== undefined) session.flags = [...session.flags, flag];
  if (at === session.startedAt) session.quarantine = 'zero_length';
  markVerified(open);
}

/** Never closed: the last sign of life plus one heartbeat, or the cap where there was none; never past what came next. */
function fallSilent(open: OpenSession, rules: SessionRules, nextAt: number): void {
  const { session } = open;
  const assumed = open.heartbeats > 0 ? session.lastSignAt + rules.heartbeatMs : session.startedAt + rules.capMs;
  close(open, Math.min(assumed, nextAt), 'capped');
  if (assumed > nextAt) session.flags = [...session.flags, 'cut'];
  session.imputedMs = Math.min(assumed, nextAt) - session.lastSignAt;
}

function markVerified(open: OpenSession): void {
  const others = open.session.flags.filter((flag) => flag !== 'unverified');
  open.session.flags = open.verified ? others : [...others, 'unverified'];
}

function* byInstant(reports: readonly StoredReport[]): Iterable<StoredReport[]> {
  const sorted = [...reports].sort((a, b) => a.sentAt - b.sentAt);
  let group: StoredReport[] = [];
  for (const report of sorted) {
    if (group[0] !== undefined && group[0].sentAt !== report.sentAt) {
      yield group;
      group = [];
    }
    if (!group.some((other) => other.key === report.key)) group.push(report);
  }
  if (group.length > 0) yield group;
}

/**
 * Reports of one instant (an HTTP Date counts whole seconds) in the order in which they make sense: by the handset's own
 * count where all have one, else what ends the open session, what starts another, what ends that again.
 */
function inOrder(group: StoredReport[], open: Session | undefined): StoredReport[] {
  if (group.length === 1) return group;
  if (group.every((report) => report.sequence !== undefined)) {
    return group.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0) || compareText(contentOf(a), contentOf(b)));
  }
  const rank = (report: StoredReport): number => {
    const ofOpen = report.service === open?.service;
    if (report.type === 'LogInInfo') return ofOpen && report.programme === open?.programme ? 1 : 2;
    return ofOpen ? 0 : 3;
  };
  return group.sort((a, b) => rank(a) - rank(b) || compareText(contentOf(a), contentOf(b)));
}

const contentOf = (report: StoredReport): string => `${report.type}\n${report.service}\n${report.programme}`;
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
