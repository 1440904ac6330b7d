// Keeps sessions in step with the log of reports: new reports continue a device's state, late ones derive anew what they
// touch (V11). The log is the truth: what a stopped process left unsettled is settled at the next start.

import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { closeSilent, type DeviceState, deriveSessions, type SessionRules } from './derive-sessions.ts';
import type { Arrival, StoredReport } from './report.ts';
import type { ReportLog } from './report-log.ts';
import type { TimeLimits } from './report-time.ts';
import type { SessionChange, SessionStore } from './session-store.ts';

export interface Settling {
  /** Says that reports were appended. */
  wake(): void;
  /** Resolves when every report appended before the call has its effect on sessions. */
  settled(): Promise<void>;
  /** Closes sessions that fell silent (V12 "never closed"); answers how many: none where another process settles. */
  closeSilentSessions(): Promise<number>;
  stop(): Promise<void>;
}

const CHUNK = 500; // one chunk holds the event loop for a few ms
const GATHER_MS = 50; // larger chunks cost less each; figures ask for settled() and don't wait for this
const KEPT_STATES = 200_000;
const RETRY_MS = 1_000;
const SILENT_AT_ONCE = 1_000;
const LOOK_AGAIN_MS = 50; // while another process settles

export function createSettling(deps: {
  reports: ReportLog;
  sessions: SessionStore;
  rules: SessionRules & TimeLimits;
  clock: () => number;
  log: Log;
  /** Whether this process is the one that settles. Once it is, it stays so: what it keeps of devices is right for it alone. */
  claimSettling(): Promise<boolean>;
}): Settling {
  const { reports, sessions, rules, clock, log, claimSettling } = deps;
  const states = new Map<number, DeviceState>();
  let running: Promise<void> | undefined;
  let woken = false;
  let wokenAt = Number.NEGATIVE_INFINITY;
  let stopped = false;

  const remember = (device: number, state: DeviceState): void => {
    states.delete(device);
    states.set(device, state);
    if (states.size <= KEPT_STATES) return;
    for (const oldest of states.keys()) {
      states.delete(oldest);
      break;
    }
  };

  /** Where nothing was open. An older start is no use: its reports may be gone, and nothing lasts that long. */
  async function deriveFrom(device: number, at: number): Promise<number> {
    const start = await sessions.findFreshStart(device, at);
    return start === undefined || start < at - rules.reportMaxAgeMs ? at : start;
  }

  async function changeOf(device: number, fresh: StoredReport[]): Promise<SessionChange> {
    const known = states.get(device);
    const earliest = fresh.reduce((least, report) => Math.min(least, report.sentAt), Number.POSITIVE_INFINITY);
    // A user who was erased and came back has the same device and another pseudonym: nothing goes on from before.
    const isOfViewer = fresh.every(({ viewer }) => viewer === (known?.open?.session.viewer ?? viewer));
    if (known !== undefined && isOfViewer && earliest > known.instant) {
      const derived = deriveSessions(fresh, rules, known);
      remember(device, derived.state);
      return { device, sessions: derived.sessions, orphans: derived.orphans };
    }
    const from = await deriveFrom(device, earliest);
    const derived = deriveSessions(await reports.listOfDevice(device, from), rules);
    remember(device, derived.state);
    return { device, replaceFrom: from, sessions: derived.sessions, orphans: derived.orphans };
  }

  async function settle(arrivals: Arrival[]): Promise<void> {
    const first = await reports.enrol(arrivals);
    const byDevice = new Map<number, StoredReport[]>();
    arrivals.forEach(({ report }, index) => {
      if (first[index] !== true || report.quarantine !== undefined) return;
      const group = byDevice.get(report.device);
      if (group === undefined) byDevice.set(report.device, [report]);
      else group.push(report);
    });
    const changes: SessionChange[] = [];
    try {
      for (const [device, fresh] of byDevice) changes.push(await changeOf(device, fresh));
      if (changes.length > 0) await sessions.put(changes);
      await reports.markSettled(arrivals);
    } catch (error) {
      for (const device of byDevice.keys()) states.delete(device); // they ran ahead of what is stored
      throw error;
    }
  }

  async function run(): Promise<void> {
    let failed = false;
    while (!stopped) {
      try {
        woken = false;
        const isMine = await claimSettling();
        const arrivals = await reports.listUnsettled(isMine ? CHUNK : 1);
        if (!isMine) {
          // Two that settle would each go on from what the other changed: this one waits for the other's work.
          const [first] = arrivals;
          if (first === undefined || first.report.receivedAt > wokenAt) break;
          await setTimeout(LOOK_AGAIN_MS);
        } else if (arrivals.length > 0) await settle(arrivals);
        else if (!woken) break;
        if (failed) log.info({}, 'sessions are derived again');
        failed = false;
        await setImmediate();
      } catch (error) {
        if (!failed) log.error({ error }, 'sessions cannot be derived, trying again');
        failed = true;
        await setTimeout(RETRY_MS);
      }
    }
  }

  const start = (delayMs: number): Promise<void> => {
    running ??= (async () => {
      if (delayMs > 0) await setTimeout(delayMs);
      await run();
      running = undefined;
      if (woken && !stopped) start(0);
    })();
    return running;
  };

  return {
    wake() {
      woken = true;
      wokenAt = clock();
      if (!stopped) start(GATHER_MS);
    },
    async settled() {
      woken = true;
      wokenAt = clock();
      await start(0);
    },
    async closeSilentSessions() {
      await this.settled();
      if (!(await claimSettling())) return 0; // the process that settles closes them, too
      const now = clock();
      let closed = 0;
      const devices = await sessions.listSilentDevices(now - rules.timeoutMs, SILENT_AT_ONCE);
      for (const device of devices) {
        const from = await deriveFrom(device, now);
        const { state } = deriveSessions(await reports.listOfDevice(device, from), rules);
        const session = closeSilent(state, rules, now);
        if (session === undefined) continue;
        await sessions.put([{ device, sessions: [session], orphans: [] }]);
        closed += 1;
      }
      return closed;
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
