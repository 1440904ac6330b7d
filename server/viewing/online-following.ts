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
  reports: Pick<ReportLog, 'listReceivedSince'>;
  online: Pick<Online, 'apply'>;
  log: Log;
}): OnlineFollowing {
  const { reports, online, log } = deps;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let through = 0;
  let failed = false;

  async function look(): Promise<void> {
    try {
      for (const report of await reports.listReceivedSince(through - OVERLAP_MS)) {
        if (report.quarantine === undefined) online.apply(report, report.receivedAt);
        through = Math.max(through, report.receivedAt);
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
