// The measuring of viewing: takes handsets' reports, keeps them, derives sessions, knows who is online (CN101399958A).

import type { Measuring } from '../../sg/measuring.ts';
import type { Log } from '../log.ts';
import type { SessionRules } from './derive-sessions.ts';
import { createDeviceClocks } from './device-clocks.ts';
import { createGroupCommit } from './group-commit.ts';
import { createOnline, type Online } from './online.ts';
import { createOnlineFollowing } from './online-following.ts';
import { type OnlineState, type OnlineStateStore, stateAfter } from './online-states.ts';
import { keyOf, type SenderNumbers } from './pseudonyms.ts';
import { createRecentKeys } from './recent-keys.ts';
import type { LogReport, PackedDocument, QuarantineReason, StoredReport } from './report.ts';
import type { ReportLog } from './report-log.ts';
import type { TimeLimits } from './report-time.ts';
import type { Session } from './session.ts';
import type { SessionQuery, SessionStore } from './session-store.ts';
import { createSettling } from './settling.ts';
import type { SettlingTurn } from './settling-turn.ts';

export interface ViewingRules extends SessionRules, TimeLimits {
  /** Reports that may wait for a commit before more are refused (V18). */
  queueLimit: number;
}

/** What was done with a report (V5). */
export type Outcome =
  | { result: 'recorded' }
  | { result: 'duplicate' }
  | { result: 'not_measured' }
  | { result: 'quarantined'; reason: QuarantineReason };

/** How a report came in. Times are epoch ms, but for `arrivedAt` by the sender's clock. */
export interface Reception extends SenderNumbers {
  viewer: number;
  /** The user agreed to be measured (O2); else only that it is online is kept, in memory. */
  measurable: boolean;
  /** The user sees a mark for the service (G6); else only the online state is kept. */
  marked: boolean;
  verified: boolean;
  document: PackedDocument;
  /** When the request came in. The sender's clock is held against it: what the store took meanwhile is no error of that clock. */
  arrivedAt: number;
  /** The HTTP Date header (claim 5). */
  date?: number;
  /** A batch's own time of sending. */
  batchSentAt?: number;
}

export interface Viewing {
  /** Resolves when the report is durable. Problem `unavailable` when it can't be stored. */
  receive(report: LogReport, reception: Reception): Promise<Outcome>;
  listSessions(query: SessionQuery): Promise<Session[]>;
  /** Sessions for figures, by viewer; open ones end now. */
  listByViewer(from: number, to: number): AsyncIterable<(Session & { endedAt: number })[]>;
  /** Resolves when all reports that were taken have their effect on sessions. Problem `unavailable` when that takes too long. */
  settled(): Promise<void>;
  readonly online: Online;
  closeSilentSessions(): Promise<number>;
  exportViewer(viewer: number): AsyncIterable<StoredReport[]>;
  /** Again, it changes nothing. */
  eraseViewer(viewer: number): Promise<void>;
  removeOld(limits: { reportsBefore: number; sessionsBefore: number }): Promise<number>;
  /** Reports that wait for their commit. */
  queueDepth(): number;
  /** Groups of reports that shared a commit, since the start. */
  commitCount(): number;
  /** Builds the online list again from the store (V15); a device gets one time-out of grace. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const RECENT_REPORTS = 100_000;
const TOLD_OFFLINE_MS = 10_000; // others look for it several times in that time; then nothing is kept

export function createViewing(deps: {
  reports: ReportLog;
  sessions: SessionStore;
  /** Where other processes take reports, too. */
  onlineStates: OnlineStateStore | undefined;
  turn: SettlingTurn;
  rules: ViewingRules;
  clock: () => number;
  /** What is measured of a service and when (G5). */
  measuring: Pick<Measuring, 'refresh' | 'measuredAt'>;
  log: Log;
}): Viewing {
  const { reports, sessions, onlineStates: states, rules, clock, measuring } = deps;
  const online = createOnline(rules.timeoutMs);
  const settling = createSettling(deps);
  const following = createOnlineFollowing({
    reports,
    states,
    online,
    timeoutMs: rules.timeoutMs,
    clock,
    log: deps.log,
  });
  const recent = createRecentKeys(RECENT_REPORTS);
  const timeOf = createDeviceClocks(rules);
  const commit = createGroupCommit<StoredReport>(async (group) => {
    await reports.append(group);
    settling.wake();
  }, rules.queueLimit);
  const shared = createGroupCommit<OnlineState>(async (group) => {
    const keepMsOf = ({ isOnline }: OnlineState): number => (isOnline ? rules.timeoutMs : TOLD_OFFLINE_MS);
    await states?.put(group.map((state) => ({ ...state, keepMs: keepMsOf(state) })));
  }, rules.queueLimit);

  /** All that is kept of who is not measured (G6). */
  async function showOnline(report: StoredReport, receivedAt: number): Promise<void> {
    following.take(report, receivedAt);
    const state = states === undefined ? undefined : stateAfter(report, receivedAt, online);
    if (state !== undefined) await shared.add(state);
  }

  /** What counts of a report outside measured windows (G6): its time is then undefined. A LogOut belongs to what was before it. */
  const measuredTime = (report: LogReport, sentAt: number): number | undefined => {
    if (report.type === 'LogInInfo') return measuring.measuredAt(report.service, sentAt);
    return measuring.measuredAt(report.service, sentAt - 1) === undefined ? undefined : sentAt;
  };

  return {
    online,

    async receive(report, reception) {
      const receivedAt = clock();
      const { reportId, sequence, endReason, access, timeShiftS } = report.extension ?? {};
      const { device, origin, viewer } = reception;
      const refreshed = measuring.refresh();
      if (refreshed !== undefined) await refreshed;
      const { claimedAt, sentAt, quarantine } = timeOf(report, reception, device);
      const measuredAt = reception.marked ? measuredTime(report, sentAt) : undefined;
      const { type, service, programme } = report;
      const key = keyOf(
        reportId === undefined ? `${type}\n${service}\n${programme}\n${claimedAt ?? sentAt}` : `#${reportId}`,
      );
      const stored: StoredReport = {
        device,
        viewer,
        type,
        service,
        programme,
        sentAt: measuredAt ?? sentAt,
        receivedAt,
        key,
        verified: reception.verified,
        origin,
        document: reception.document,
      };
      if (report.onlineState !== undefined) stored.onlineState = report.onlineState;
      if (reportId !== undefined) stored.reportId = reportId;
      if (sequence !== undefined) stored.sequence = sequence;
      if (endReason !== undefined) stored.endReason = endReason;
      if (access !== undefined) stored.access = access;
      if (timeShiftS !== undefined) stored.timeShiftS = timeShiftS;
      if (quarantine !== undefined) stored.quarantine = quarantine;

      if (!reception.measurable) {
        if (quarantine === undefined) await showOnline({ ...stored, service: '', programme: '' }, receivedAt);
        return { result: 'not_measured' };
      }
      if (measuredAt === undefined) {
        if (quarantine === undefined) await showOnline(stored, receivedAt);
        return { result: 'not_measured' };
      }
      const before = recent.find(device, key);
      if (before !== undefined) {
        await before; // nothing is acknowledged that is not durable, a double neither
        online.sign(device, receivedAt);
        return { result: 'duplicate' };
      }
      const written = commit.add(stored);
      recent.put(device, key, written);
      try {
        await written;
      } catch (error) {
        recent.remove(device, key);
        throw error;
      }
      if (quarantine !== undefined) return { result: 'quarantined', reason: quarantine };
      following.take(stored, receivedAt);
      return { result: 'recorded' };
    },

    async listSessions(query) {
      await settling.settled();
      return sessions.list(query);
    },

    async *listByViewer(from, to) {
      await settling.settled();
      const now = clock();
      for await (const page of sessions.listByViewer(from, to)) {
        yield page.map((session) => ({ ...session, endedAt: session.endedAt ?? Math.max(now, session.startedAt) }));
      }
    },

    settled: settling.settled,

    closeSilentSessions() {
      online.sweep(clock()); // readers sweep as well; without any the list would only grow
      return settling.closeSilentSessions();
    },
    async *exportViewer(viewer) {
      await settling.settled();
      yield* reports.listOfViewer(viewer);
    },

    async eraseViewer(viewer) {
      await commit.drain();
      await settling.settled();
      await reports.removeOfViewer(viewer);
      await sessions.removeOfViewer(viewer);
      await shared.drain();
      await states?.removeOfViewer(viewer);
      online.removeViewer(viewer);
    },

    async removeOld({ reportsBefore, sessionsBefore }) {
      await settling.settled();
      const removed = await reports.removeReceivedBefore(reportsBefore);
      return removed + (await sessions.removeEndedBefore(sessionsBefore));
    },

    queueDepth: commit.depth,
    commitCount: commit.written,

    async start() {
      await following.start(clock());
      settling.wake();
    },

    async stop() {
      await following.stop();
      await commit.drain();
      await shared.drain();
      await settling.stop(); // what is not settled yet is settled at the next start
    },
  };
}
