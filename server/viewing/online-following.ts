// Keeps this process's online list right: built from the store at the start, then following other processes (V15, O4).

import type { Log } from '../log.ts';
import type { Online, OnlineReport } from './online.ts';
import { type OnlineStateStore, reportOfState } from './online-states.ts';
import type { ReportLog } from './report-log.ts';

export interface OnlineFollowing {
  /** Builds the list as of `now`, epoch ms; a device gets one time-out of grace. */
  start(now: number): Promise<void>;
  /** Takes in what was received here. */
  take(report: OnlineReport, receivedAt: number): void;
  /** Resolves when a look that is under way has ended. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 500;
/** A report is in the log some time after it was received, and clocks differ: so much is read again each time. */
const OVERLAP_MS = 3_000;

type Received = OnlineReport & { receivedAt: number };

/** To apply a report again, in order of receipt with all after it, changes nothing. */
export function createOnlineFollowing(deps: {
  reports: Pick<ReportLog, 'findLastReceivedAt' | 'listReceivedByOthers' | 'listReceivedSince'>;
  /** Of users who are not measured; absent where no process shares the store. */
  states: OnlineStateStore | undefined;
  online: Online;
  timeoutMs: number;
  clock: () => number;
  log: Log;
}): OnlineFollowing {
  const { reports, states, online, timeoutMs, clock, log } = deps;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let through = 0;
  let statesThrough: number | undefined;
  const freshReports = createSieve<{ device: number; key: number }>(({ device, key }) => `${device} ${key}`);
  const freshStates = createSieve<{ device: number; putAt: number }>(({ device, putAt }) => `${device} ${putAt}`);
  /** What came in here since the look under way began, which may be missing in what it reads. */
  let meanwhile: Received[] | undefined;
  let failed = false;

  async function listFreshStates() {
    const put = await states?.listPutSince(statesThrough === undefined ? undefined : statesThrough - OVERLAP_MS);
    for (const { putAt } of put ?? []) statesThrough = Math.max(putAt, statesThrough ?? putAt);
    return freshStates.of(put ?? []).map(reportOfState);
  }

  /** A user who agrees, or no longer does, goes from the ones to the others. Of a batch all may be received at once. */
  function applyInOrder(logged: Awaited<ReturnType<ReportLog['listReceivedSince']>>, told: Received[]): void {
    const all = [...logged.filter(({ quarantine }) => quarantine === undefined), ...told];
    all.sort((a, b) => a.receivedAt - b.receivedAt || a.sentAt - b.sentAt);
    for (const report of all) online.apply(report, report.receivedAt, clock());
  }

  async function look(): Promise<void> {
    meanwhile = [];
    try {
      const theirs = freshReports.of(await reports.listReceivedByOthers(through - OVERLAP_MS));
      const [first] = theirs;
      // With what came in here after it: a device may have gone from one process to another and back.
      const logged = first === undefined ? [] : await reports.listReceivedSince(first.receivedAt);
      applyInOrder(logged, [...(await listFreshStates()), ...meanwhile]);
      through = theirs.at(-1)?.receivedAt ?? through;
      failed = false;
    } catch (error) {
      if (!failed) log.error({ error }, 'the online list does not follow other processes');
      failed = true;
      freshReports.forget(); // they had no effect
    } finally {
      meanwhile = undefined;
    }
  }

  const next = (): void => {
    timer = setTimeout(() => {
      looking = look().then(() => {
        if (timer !== undefined) next();
      });
    }, LOOK_EVERY_MS);
  };

  return {
    async start(now) {
      const last = await reports.findLastReceivedAt();
      const logged = last === undefined ? [] : await reports.listReceivedSince(Math.min(now, last) - timeoutMs);
      applyInOrder(logged, await listFreshStates());
      for (const { device } of online.list({ limit: Number.MAX_SAFE_INTEGER })) online.sign(device, now);
      through = now;
      if (states !== undefined) next();
    },
    take(report, receivedAt) {
      online.apply(report, receivedAt);
      meanwhile?.push({ ...report, receivedAt });
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await looking;
    },
  };
}

/** Lets through what was not in the list before. */
function createSieve<T>(nameOf: (item: T) => string) {
  let seen = new Set<string>();
  return {
    of<Item extends T>(items: readonly Item[]): Item[] {
      const fresh = items.filter((item) => !seen.has(nameOf(item)));
      seen = new Set(items.map(nameOf));
      return fresh;
    },
    forget: () => seen.clear(),
  };
}
