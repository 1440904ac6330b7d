// The measuring of viewing: takes handsets' reports, keeps them, derives sessions, knows who is online (CN101399958A).

import type { Log } from '../log.ts';
import type { SessionRules } from './derive-sessions.ts';
import { createGroupCommit } from './group-commit.ts';
import { createOnline, type Online } from './online.ts';
import { createOnlineFollowing } from './online-following.ts';
import { keyOf, type SenderNumbers } from './pseudonyms.ts';
import { createRecentKeys } from './recent-keys.ts';
import type { LogReport, PackedDocument, QuarantineReason, StoredReport } from './report.ts';
import type { ReportLog } from './report-log.ts';
import { type ClockEstimate, type TimeLimits, timeReport } from './report-time.ts';
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
  /** The user agreed to be measured (O2); else only the online state is kept. */
  measurable: boolean;
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
  readonly online: Online;
  closeSilentSessions(): Promise<number>;
  exportViewer(viewer: number): AsyncIterable<StoredReport[]>;
  /** Again, it changes nothing. */
  eraseViewer(viewer: number): Promise<void>;
  removeOld(limits: { reportsBefore: number; sessionsBefore: number }): Promise<number>;
  /** Reports that wait for their commit. */
  queueDepth(): number;
  /** Builds the online list again from the store (V15); a device gets one time-out of grace. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const RECENT_REPORTS = 100_000;
const KNOWN_CLOCKS = 200_000;
const SAME_EVENT_MS = 1_500; // a Date that close to the client time tells the same moment in whole seconds

export function createViewing(deps: {
  reports: ReportLog;
  sessions: SessionStore;
  turn: SettlingTurn;
  rules: ViewingRules;
  clock: () => number;
  log: Log;
}): Viewing {
  const { reports, sessions, turn, rules, clock } = deps;
  const online = createOnline(rules.timeoutMs);
  const settling = createSettling(deps);
  const following = createOnlineFollowing({ reports, online, log: deps.log });
  const recent = createRecentKeys(RECENT_REPORTS);
  const clocks = new Map<number, ClockEstimate>();
  const commit = createGroupCommit<StoredReport>(async (group) => {
    await reports.append(group);
    settling.wake();
  }, rules.queueLimit);

  const timeOf = (report: LogReport, reception: Reception, device: number) => {
    const { clientTime } = report.extension ?? {};
    const claimedAt = clientTime ?? reception.date;
    const queued =
      clientTime !== undefined && reception.date !== undefined && reception.date - clientTime > SAME_EVENT_MS;
    const sendClockAt = reception.batchSentAt ?? (queued ? reception.date : undefined);
    const timed = timeReport(
      {
        receivedAt: reception.arrivedAt,
        ...(claimedAt === undefined ? {} : { claimedAt }),
        ...(sendClockAt === undefined ? {} : { sendClockAt }),
      },
      clocks.get(device),
      rules,
    );
    if (timed.estimate !== undefined && (timed.estimate.skewMs !== 0 || timed.estimate.lag !== undefined)) {
      if (clocks.size >= KNOWN_CLOCKS) clocks.clear();
      clocks.set(device, timed.estimate);
    }
    return { claimedAt, ...timed };
  };

  return {
    online,

    async receive(report, reception) {
      const receivedAt = clock();
      const { reportId, sequence, endReason, access, timeShiftS } = report.extension ?? {};
      const { device, origin, viewer } = reception;
      const { claimedAt, sentAt, quarantine } = timeOf(report, reception, device);
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
        sentAt,
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
        if (quarantine === undefined) online.apply({ ...stored, service: '', programme: '' }, receivedAt);
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
      online.apply(stored, receivedAt);
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

    closeSilentSessions() {
      online.sweep(clock()); // readers sweep as well; without any the list would only grow
      return settling.closeSilentSessions();
    },
    exportViewer: (viewer) => reports.listOfViewer(viewer),

    async eraseViewer(viewer) {
      await commit.drain();
      await settling.settled();
      await reports.removeOfViewer(viewer);
      await sessions.removeOfViewer(viewer);
      online.removeViewer(viewer);
    },

    async removeOld({ reportsBefore, sessionsBefore }) {
      await settling.settled();
      const removed = await reports.removeReceivedBefore(reportsBefore);
      return removed + (await sessions.removeEndedBefore(sessionsBefore));
    },

    queueDepth: () => commit.depth(),

    async start() {
      const now = clock();
      const last = await reports.findLastReceivedAt();
      if (last !== undefined) {
        for (const report of await reports.listReceivedSince(Math.min(now, last) - rules.timeoutMs)) {
          if (report.quarantine === undefined) online.apply(report, report.receivedAt);
        }
        for (const entry of online.list({ limit: Number.MAX_SAFE_INTEGER })) online.sign(entry.device, now);
      }
      if (turn.isShared) following.start(now);
      settling.wake();
    },

    async stop() {
      await following.stop();
      await commit.drain();
      await settling.stop(); // what is not settled yet is settled at the next start
    },
  };
}
