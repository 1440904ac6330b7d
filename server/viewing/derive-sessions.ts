// From one device's reports to its sessions: the rules of V12, pure (CN101399958A steps s304-s311).

import { findInverted } from './inverted-reports.ts';
import {
  begin,
  close,
  endWithWindow,
  fallSilent,
  markVerified,
  type OpenSession,
  type SessionRules,
  sign,
  silenceLimitMs,
  windowEndOf,
} from './open-session.ts';
import type { StoredReport } from './report.ts';
import type { EndedSession, Session } from './session.ts';

export type { SessionRules } from './open-session.ts';

/** No session is longer: readers of a window look back this far. The next sign of life opens another. */
export const LONGEST_SESSION_MS = 24 * 3_600_000;

/** A LogOut with nothing open (V12): kept, no session is invented. */
export interface Orphan {
  device: number;
  viewer: number;
  service: string;
  programme: string;
  at: number;
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
    if (open !== undefined && windowEndOf(open, rules) < at) {
      endWithWindow(open, rules);
      open = undefined;
    }
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
    open.silentAt = Math.min(open.session.lastSignAt + silenceLimitMs(open, rules), windowEndOf(open, rules));
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
  if (windowEndOf(closed, rules) < now) endWithWindow(closed, rules);
  else fallSilent(closed, rules, now);
  return { session: closed.session as EndedSession, state: { instant, open: { ...open, isGivenUp: true } } };
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
