// Keeps this process's online list right where others take reports in, too: follows the shared log (V15, O4).

import type { Log } from '../log.ts';
import type { Online } from './online.ts';
import type { ReportLog } from './report-log.ts';

export interface OnlineFollowing {
  /** From the time of receipt `at`, epoch ms, on. */
  start(at: number): void;
  /** Resolves when a look that is under way has ended. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 500;
/** A report is in the log some time after it was received, and clocks differ: so much is read again each time. */
const OVERLAP_MS = 3_000;

/** To apply a report again, in order of receipt with all after it, changes nothing. */
export function createOnlineFollowing(deps: {
  reports: Pick<ReportLog, 'listReceivedByOthers' | 'listReceivedSince'>;
  online: Pick<Online, 'apply'>;
  log: Log;
}): OnlineFollowing {
  const { reports, online, log } = deps;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let through = 0;
  let seen = new Set<string>();
  let failed = false;

  async function look(): Promise<void> {
    try {
      const theirs = await reports.listReceivedByOthers(through - OVERLAP_MS);
      const names = new Set(theirs.map(({ device, key }) => `${device} ${key}`));
      const fresh = theirs.filter(({ device, key }) => !seen.has(`${device} ${key}`));
      seen = names;
      const [first] = fresh;
      if (first !== undefined) {
        // With what came in here after it: a device may have gone from one process to another and back.
        for (const report of await reports.listReceivedSince(first.receivedAt)) {
          if (report.quarantine === undefined) online.apply(report, report.receivedAt);
        }
        through = fresh.at(-1)?.receivedAt ?? through;
      }
      failed = false;
    } catch (error) {
      if (!failed) log.error({ error }, 'the online list does not follow other processes');
      failed = true;
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
    start(at) {
      through = at;
      next();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await looking;
    },
  };
}
