// Keeps sessions in step with the log of reports (V11). The log is the truth: what a stopped process left unsettled is settled
// at the next start.

import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { Problem } from '../problem.ts';
import type { SessionRules } from './derive-sessions.ts';
import type { Arrival } from './report.ts';
import type { ReportLog } from './report-log.ts';
import { createSessionChanges } from './session-changes.ts';
import type { SessionChange, SessionStore } from './session-store.ts';

export interface Settling {
  /** Says that reports were appended. */
  wake(): void;
  /** Resolves when every report appended before the call has its effect on sessions. Problem `unavailable` when that takes too long. */
  settled(): Promise<void>;
  /** Closes sessions that fell silent (V12 "never closed"); answers how many. */
  closeSilentSessions(): Promise<number>;
  stop(): Promise<void>;
}

const CHUNK = 1_000; // a larger one costs less for each report and holds the event loop longer: some 30 ms
const GATHER_MS = 50; // reports that come one by one are settled together
/** While reports pour in and nobody waits for sessions, settling takes a tenth of the time: a burst is taken in first. */
const REST = 9;
const RETRY_MS = 1_000;
const WAIT_MS = 15_000; // a backlog of some 300,000 reports

export function createSettling(deps: {
  reports: ReportLog;
  sessions: SessionStore;
  rules: SessionRules;
  clock: () => number;
  log: Log;
}): Settling {
  const { reports, sessions, clock, log } = deps;
  const sessionChanges = createSessionChanges(deps);
  let waiters: { resolve: () => void }[] = [];
  let running: Promise<void> | undefined;
  let woken = false;
  let stopped = false;
  let before: Promise<unknown> = Promise.resolve();

  /** One change of sessions after the other: two at once would derive from the same state. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = before.then(work);
    before = mine.catch(() => undefined);
    return mine;
  };

  async function put(changes: SessionChange[]): Promise<void> {
    try {
      if (changes.length > 0) await sessions.put(changes);
    } catch (error) {
      sessionChanges.forget(changes.map(({ device }) => device)); // they ran ahead of what is stored
      throw error;
    }
  }

  async function settle(arrivals: readonly Arrival[]): Promise<void> {
    const first = await reports.enrol(arrivals);
    const fresh = arrivals.flatMap(({ report }, index) =>
      first[index] === true && report.quarantine === undefined ? report : [],
    );
    try {
      await put(await sessionChanges.changesBy(fresh));
      await reports.markSettled(arrivals);
    } catch (error) {
      sessionChanges.forget(fresh.map(({ device }) => device));
      throw error;
    }
  }

  /** Settles one chunk; false when there is nothing left. Whoever waited before it began is told when it was the last. */
  async function step(): Promise<boolean> {
    woken = false;
    const told = waiters;
    waiters = [];
    try {
      const arrivals = await reports.listUnsettled(CHUNK);
      if (arrivals.length > 0) await settle(arrivals);
      if (arrivals.length < CHUNK) for (const { resolve } of told) resolve();
      else waiters.push(...told);
      return arrivals.length > 0 || woken;
    } catch (error) {
      waiters.push(...told);
      throw error;
    }
  }

  async function run(): Promise<void> {
    let failed = false;
    while (!stopped) {
      try {
        const begunAt = performance.now();
        if (!(await inTurn(step))) return;
        if (failed) log.info({}, 'sessions are derived again');
        failed = false;
        await setImmediate();
        const worked = performance.now() - begunAt;
        if (woken && waiters.length === 0) await rest(REST * worked);
      } catch (error) {
        if (!failed) log.error({ error }, 'sessions cannot be derived, trying again');
        failed = true;
        await setTimeout(RETRY_MS);
      }
    }
  }

  let endRest = (): void => undefined;
  async function rest(ms: number): Promise<void> {
    const asked = new Promise<void>((resolve) => {
      endRest = resolve;
    });
    const over = new AbortController();
    await Promise.race([asked, setTimeout(ms, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
  }

  const start = (delayMs: number): void => {
    running ??= (async () => {
      if (delayMs > 0 && waiters.length === 0) await rest(delayMs);
      await run();
      running = undefined;
      if ((woken || waiters.length > 0) && !stopped) start(0);
    })();
  };

  const settled = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = new Problem('unavailable', 'sessions are not up to date with the reports', { retryAfterS: 5 });
      const timer = globalThis.setTimeout(() => {
        waiters = waiters.filter((each) => each !== waiter);
        reject(late);
      }, WAIT_MS);
      const waiter = {
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      waiters.push(waiter);
      endRest();
      start(0);
    });

  return {
    wake() {
      woken = true;
      if (!stopped) start(GATHER_MS);
    },
    settled,
    async closeSilentSessions() {
      await settled();
      const now = clock();
      let closed = 0;
      for await (const devices of sessions.listSilentDevices(now)) {
        await inTurn(async () => {
          const changes = await sessionChanges.changesBySilence(devices, now);
          await put(changes);
          closed += changes.length;
        });
      }
      return closed;
    },
    async stop() {
      stopped = true;
      endRest();
      await running;
    },
  };
}
