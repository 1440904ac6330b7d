// Keeps sessions in step with the log of reports (V11, O4). The log is the truth: what a stopped process left unsettled is settled
// by whoever has the turn next.

import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { Problem } from '../problem.ts';
import type { SessionRules } from './derive-sessions.ts';
import type { Arrival } from './report.ts';
import type { ReportLog } from './report-log.ts';
import { createRest } from './rest.ts';
import { createSessionChanges } from './session-changes.ts';
import type { SessionStore } from './session-store.ts';
import type { SettlingTurn } from './settling-turn.ts';

export interface Settling {
  /** Says that reports were appended, or may have been. */
  wake(): void;
  /** Resolves when every report appended before the call has its effect on sessions. Problem `unavailable` when the store fails or that takes too long. */
  settled(): Promise<void>;
  /** Closes sessions that fell silent (V12 "never closed"); answers how many: none where another process has the turn. */
  closeSilentSessions(): Promise<number>;
  stop(): Promise<void>;
}

/** Somebody who asked at `at`, epoch ms, for sessions that are up to date. */
interface Waiter {
  at: number;
  resolve(): void;
  refuse(cause: unknown): void;
}

const CHUNK = 1_000; // a larger one costs less for each report and holds the event loop longer: some 30 ms
const GATHER_MS = 50; // reports that come one by one are settled together
/** While reports pour in and nobody waits for sessions, settling takes what they leave, a thirtieth at least: a burst comes first. */
const GREATEST_REST = 29;
const LEAST_REST_MS = 5; // long enough to see how busy the reports keep this process
const RETRY_MS = 1_000;
const WAIT_MS = 15_000; // a backlog of some 300,000 reports
const LOOK_AGAIN_MS = 50; // while another process settles what somebody here waits for
const POLL_MS = 200; // for reports that came in through other processes
const CLAIM_AGAIN_MS = 2_000;
const LOOK_FOR_SILENCE_MS = 60_000;

export function createSettling(deps: {
  reports: ReportLog;
  sessions: SessionStore;
  turn: SettlingTurn;
  rules: SessionRules;
  clock: () => number;
  log: Log;
}): Settling {
  const { reports, sessions, turn, clock, log } = deps;
  const sessionChanges = createSessionChanges(deps);
  const rest = createRest();
  let waiters: Waiter[] = [];
  let running: Promise<void> | undefined;
  let woken = false;
  let stopped = false;
  let lastTurn: number | undefined;
  let inDoubt = false;
  let lookedAt = clock();
  let before: Promise<unknown> = Promise.resolve();

  /** One change of sessions after the other: two at once would derive from the same state. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = before.then(work);
    before = mine.catch(() => undefined);
    return mine;
  };

  async function claim(): Promise<number | undefined> {
    // A write that was given up may be made after all: it must not be of the turn that goes on.
    if (inDoubt && turn.isShared) await turn.release();
    inDoubt = false;
    const number = await turn.claim();
    if (number !== undefined && number !== lastTurn) sessionChanges.forget(); // others may have changed what was kept
    lastTurn = number ?? lastTurn;
    return number;
  }

  /** Stores changes; when that fails, what is kept of their devices ran ahead of what is stored. */
  async function storing<T>(devices: readonly number[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      sessionChanges.forget(devices);
      inDoubt = true;
      throw error;
    }
  }

  async function settle(arrivals: readonly Arrival[], number: number): Promise<void> {
    const first = await reports.enrol(arrivals);
    const fresh = arrivals.flatMap(({ report }, index) =>
      first[index] === true && report.quarantine === undefined ? report : [],
    );
    const devices = fresh.map(({ device }) => device);
    await storing(devices, async () => {
      const changes = await sessionChanges.changesBy(fresh);
      if (changes.length > 0) await sessions.put(changes, number);
      await reports.markSettled(arrivals);
    });
  }

  const tell = (isUpToDate: (waiter: Waiter) => boolean): void => {
    const told = waiters.filter(isUpToDate);
    waiters = waiters.filter((waiter) => !told.includes(waiter));
    for (const { resolve } of told) resolve();
  };

  /** Settles one chunk. Whoever waited before it began is told when it was the last. Answers how many reports there were. */
  async function step(number: number): Promise<number> {
    woken = false;
    const waiting = new Set(waiters);
    const arrivals = await reports.listUnsettled(CHUNK);
    if (arrivals.length > 0) await settle(arrivals, number);
    if (arrivals.length < CHUNK) tell((waiter) => waiting.has(waiter));
    return arrivals.length;
  }

  /** While another process has the turn. */
  async function standBy(): Promise<void> {
    woken = false;
    if (waiters.length === 0) return;
    const [first] = await reports.listUnsettled(1);
    tell(({ at }) => first === undefined || first.report.receivedAt > at);
  }

  async function closeSilentSessions(): Promise<number> {
    const now = clock();
    let closed = 0;
    for await (const devices of sessions.listSilentDevices(now)) {
      await inTurn(async () => {
        const number = await claim();
        if (number === undefined) return;
        await storing(devices, async () => {
          const changes = await sessionChanges.changesBySilence(devices, now);
          if (changes.length > 0) await sessions.put(changes, number);
          closed += changes.length;
        });
      });
    }
    return closed;
  }

  let busy = 0.5; // share of the last rest in which this process was at work
  async function giveWay(workedMs: number): Promise<void> {
    const before = performance.eventLoopUtilization();
    await rest.for(Math.max(LEAST_REST_MS, workedMs * Math.min(GREATEST_REST, busy / (1 - busy))));
    busy = performance.eventLoopUtilization(before).utilization;
  }

  /** Goes on until there is nothing to do; for ever where the store is shared. */
  async function run(): Promise<void> {
    let failed = false;
    while (!stopped) {
      try {
        const begunAt = performance.now();
        const number = await inTurn(claim);
        const count = number === undefined ? await standBy() : await inTurn(() => step(number));
        if (failed) log.info({}, 'sessions are derived again');
        failed = false;
        await setImmediate();
        if (count === undefined) {
          if (waiters.length > 0) await rest.for(LOOK_AGAIN_MS);
          else if (turn.isShared) await rest.for(CLAIM_AGAIN_MS);
          else return;
        } else if (count > 0 || woken) {
          if (woken && waiters.length === 0) await giveWay(performance.now() - begunAt);
        } else if (turn.isShared) {
          // The job that closes silent sessions may run on any process.
          if (clock() - lookedAt >= LOOK_FOR_SILENCE_MS) {
            lookedAt = clock();
            await closeSilentSessions();
          }
          await rest.for(POLL_MS);
        } else return;
      } catch (error) {
        if (!failed) log.error({ error }, 'sessions cannot be derived, trying again');
        failed = true;
        for (const { refuse } of waiters) refuse(error);
        await setTimeout(RETRY_MS);
      }
    }
  }

  const start = (delayMs: number): void => {
    if (stopped) return;
    running ??= (async () => {
      if (delayMs > 0 && waiters.length === 0) await rest.for(delayMs);
      await run();
      running = undefined;
      if (woken || waiters.length > 0) start(0);
    })();
  };

  const settled = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const refuse = (cause?: unknown): void => {
        clearTimeout(timer);
        waiters = waiters.filter((each) => each !== waiter);
        const detail = 'sessions are not up to date with the reports';
        reject(new Problem('unavailable', detail, { retryAfterS: 5, cause }));
      };
      const timer = globalThis.setTimeout(refuse, WAIT_MS);
      const waiter = {
        at: clock(),
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        refuse,
      };
      waiters.push(waiter);
      rest.end();
      start(0);
    });

  return {
    wake() {
      woken = true;
      start(GATHER_MS);
    },
    settled,
    async closeSilentSessions() {
      await settled();
      return closeSilentSessions();
    },
    async stop() {
      stopped = true;
      rest.end();
      await running;
      await turn.release();
    },
  };
}
