// One run of a job under its lease: renewed while it works, aborted when it is lost, recorded at the end (R15, O4).

import type { JobRun, JobStore } from './job-store.ts';
import type { Log } from './log.ts';
import { Problem } from './problem.ts';

export interface JobContext {
  /** Aborts when the server stops or the lease is lost: another process may run the job from then on. */
  signal: AbortSignal;
  /** Epoch ms of the time that the run is for. */
  dueAt: number;
  /** Says how many rows were written so far, for those who watch. */
  progress(rows: number): void;
}

export const LEASE_MS = 60_000; // what a crash delays the next run by
const RENEW_MS = 15_000; // three renewals may fail before the lease is lost

/** Works, and answers the record with its end, well or not; does not reject. The lease of `run.fence` is held by the caller. */
export async function runUnderLease(deps: {
  store: JobStore;
  clock: () => number;
  log: Log;
  run: JobRun;
  work: (context: JobContext) => Promise<{ rows: number }>;
  abort: AbortController;
  progress: (rows: number) => void;
}): Promise<JobRun> {
  const { store, clock, log, run, work, abort, progress } = deps;
  let leaseEndsAt = clock() + LEASE_MS;
  const renewing = setInterval(async () => {
    const expiresAt = clock() + LEASE_MS;
    try {
      if (await store.renew(run.name, run.fence, expiresAt)) leaseEndsAt = expiresAt;
      else abort.abort(new Problem('conflict', 'another process took the job over'));
    } catch (error) {
      if (clock() >= leaseEndsAt)
        abort.abort(new Problem('unavailable', 'the lease could not be renewed', { cause: error }));
    }
  }, RENEW_MS);
  let result: Pick<JobRun, 'rows' | 'error'>;
  try {
    result = { rows: (await work({ signal: abort.signal, dueAt: run.dueAt, progress })).rows };
  } catch (error) {
    log.error({ job: run.name, dueAt: new Date(run.dueAt), error }, 'a job failed');
    const told = abort.signal.aborted ? abort.signal.reason : error;
    result = { error: told instanceof Problem ? told.detail : 'it failed for a reason that the log tells' };
  }
  clearInterval(renewing);
  const done = { ...run, endedAt: clock(), ...result };
  try {
    if (!(await store.finish(done)))
      log.warn({ job: run.name, fence: run.fence }, 'a job ended after another took it over');
    await store.renew(run.name, run.fence, 0);
  } catch (error) {
    log.error({ job: run.name, error }, 'the end of a job was not recorded');
  }
  return done;
}
