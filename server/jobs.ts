// Jobs: one table of name, schedule and run; each due time is run once in a cluster, recorded, and made up for (R15, O4).

import { setTimeout as sleep } from 'node:timers/promises';
import { type JobContext, LEASE_MS, runUnderLease } from './job-run.ts';
import { createSchedule, type Schedule } from './job-schedule.ts';
import type { JobRun, JobStore } from './job-store.ts';
import type { Log } from './log.ts';
import { Problem } from './problem.ts';

/** A job must bear being run again for the same `dueAt`: a crash between its last write and the record repeats it. */
export interface JobDefinition {
  name: string;
  /** Cron expression of five fields; six have seconds in front. */
  schedule: string;
  /** IANA zone of the schedule; the jobs' common one when absent. */
  zone?: string;
  /** Whether the last due time is made up for when it was missed or failed. */
  catchUp: boolean;
  run(context: JobContext): Promise<{ rows: number }>;
}

/** A job as shown: what it is, what it does now, and its last run in any process. */
export interface JobState {
  name: string;
  schedule: string;
  zone: string;
  catchUp: boolean;
  nextDueAt?: number;
  /** In this process. */
  running?: { dueAt: number; startedAt: number; rows: number };
  lastRun?: JobRun;
}

interface StartedRun {
  run: JobRun;
  /** The run's record once it ended, well or not; does not reject. */
  ended: Promise<JobRun>;
}

export interface Jobs {
  /** Before `start`. Problem `invalid` for a bad schedule, `conflict` for a name that is taken. */
  define(job: JobDefinition): void;
  /** Begins to run what is due, and makes up for what was missed. */
  start(): Promise<void>;
  /** Runs nothing new, waits for what runs, aborts it when that takes too long. */
  stop(): Promise<void>;
  /**
   * Runs a job now; `dueAt` (epoch ms) makes up for a due time, else the run is for now. Problem `not_found` without such a job,
   * `conflict` when it runs anywhere or was done for `dueAt`.
   */
  runNow(name: string, by: string, dueAt?: number): Promise<StartedRun>;
  /** In order of definition. */
  list(): Promise<JobState[]>;
  /** Latest first. Problem `not_found` without such a job. */
  listRuns(name: string, page: { limit: number; before?: number }): Promise<JobRun[]>;
}

export interface JobsDeps {
  store: JobStore;
  clock: () => number;
  log: Log;
  /** IANA zone of schedules that name none. */
  zone: string;
  /** Names this process in leases and records; no two that run at once may share it. */
  holder: string;
  /** How long `stop` waits before it aborts, and again after it: each can be taken up again; default 2 s. */
  graceMs?: number;
  /** How long after `start` what was missed is made up for; default 0. */
  catchUpAfterMs?: number;
}

const SWEEP_MS = 60_000; // due times are missed by a blocked process, a crashed peer or a store that was away
const MAX_ATTEMPTS = 3; // a run that fails on its data must not be tried each minute for ever
const RUNS_KEPT_MS = 90 * 86_400_000;

interface Job extends JobDefinition {
  zone: string;
  timing: Schedule;
  running?: { run: JobRun; rows: number; abort: AbortController; ended: Promise<JobRun> };
}

export function createJobs({ store, clock, log, zone, holder, graceMs = 2_000, catchUpAfterMs = 0 }: JobsDeps): Jobs {
  const jobs = new Map<string, Job>();
  let sweeper: NodeJS.Timeout | undefined;
  let firstSweep: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  let stopped = true;
  const beginning = new Set<Promise<void>>();

  const jobOf = (name: string): Job => {
    const job = jobs.get(name);
    if (job === undefined) throw new Problem('not_found', `there is no job ${name}`);
    return job;
  };

  /** Undefined when the job runs already, or when this due time was done or tried too often. */
  async function begin(job: Job, dueAt: number, by: string, maxAttempts: number): Promise<StartedRun | undefined> {
    if (job.running !== undefined) return undefined;
    const fence = await store.acquire(job.name, holder, clock(), clock() + LEASE_MS);
    if (fence === undefined) return undefined;
    const begun = { name: job.name, dueAt, startedAt: clock(), by, holder, fence };
    let attempts: number | undefined;
    try {
      attempts = await store.begin(begun, maxAttempts);
    } finally {
      if (attempts === undefined) await store.renew(job.name, fence, 0);
    }
    if (attempts === undefined) return undefined;
    const run: JobRun = { ...begun, attempts };
    const running = { run, rows: 0, abort: new AbortController(), ended: Promise.resolve(run) };
    job.running = running;
    const progress = (rows: number): void => {
      running.rows = rows;
    };
    running.ended = runUnderLease({ store, clock, log, run, work: job.run, abort: running.abort, progress }).finally(
      () => {
        delete job.running;
      },
    );
    return { run, ended: running.ended };
  }

  function attempt(job: Job, dueAt: number, by: string): Promise<void> {
    const attempted = tryToBegin(job, dueAt, by).finally(() => beginning.delete(attempted));
    beginning.add(attempted);
    return attempted;
  }

  async function tryToBegin(job: Job, dueAt: number, by: string): Promise<void> {
    try {
      const [last] = await store.listRuns(job.name, 1, dueAt + 1);
      const isDone = last?.dueAt === dueAt && last.endedAt !== undefined && last.error === undefined;
      if (!isDone && !stopped) await begin(job, dueAt, by, MAX_ATTEMPTS);
    } catch (error) {
      log.error({ job: job.name, error }, 'a job could not be begun');
    }
  }

  async function sweep(): Promise<void> {
    for (const job of jobs.values()) {
      if (!job.catchUp || job.running !== undefined || stopped) continue;
      const dueAt = await job.timing.findLastDueAt(clock());
      if (dueAt !== undefined) await attempt(job, dueAt, 'catch-up');
    }
    await store
      .removeRunsBefore(clock() - RUNS_KEPT_MS)
      .catch((error: unknown) => log.error({ error }, 'old runs stay'));
  }

  const sweepOnce = (): Promise<void> => {
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  };

  return {
    define(job) {
      if (jobs.has(job.name)) throw new Problem('conflict', `there are two jobs ${job.name}`);
      const fire = (dueAt: number): void => void attempt(defined, dueAt, 'schedule');
      const timing = createSchedule({ name: job.name, expression: job.schedule, zone: job.zone ?? zone, log, fire });
      const defined: Job = { ...job, zone: job.zone ?? zone, timing };
      jobs.set(job.name, defined);
    },

    async start() {
      stopped = false;
      for (const job of jobs.values()) job.timing.start();
      sweeper = setInterval(sweepOnce, SWEEP_MS);
      if (catchUpAfterMs === 0) await sweepOnce();
      else firstSweep = setTimeout(sweepOnce, catchUpAfterMs);
    },

    async stop() {
      stopped = true;
      clearInterval(sweeper);
      clearTimeout(firstSweep);
      for (const job of jobs.values()) await job.timing.stop();
      await Promise.all([sweeping, ...beginning]);
      const running = [...jobs.values()].flatMap((job) => job.running ?? []);
      const ended = Promise.all(running.map((each) => each.ended));
      const grace = (): Promise<unknown> => {
        const bound = new AbortController();
        const over = sleep(graceMs, undefined, { signal: bound.signal }).catch(() => undefined);
        return Promise.race([ended, over]).finally(() => bound.abort());
      };
      await grace();
      for (const { abort } of running) abort.abort(new Problem('unavailable', 'the server stopped'));
      await grace();
    },

    async runNow(name, by, dueAt = clock()) {
      const started = await begin(jobOf(name), dueAt, by, Number.MAX_SAFE_INTEGER);
      if (started === undefined) throw new Problem('conflict', `${name} is running, or was done for that time`);
      return started;
    },

    list: () => Promise.all([...jobs.values()].map((job) => stateOf(job, store))),

    async listRuns(name, { limit, before }) {
      return store.listRuns(jobOf(name).name, limit, before);
    },
  };
}

async function stateOf({ name, schedule, zone, catchUp, timing, running }: Job, store: JobStore): Promise<JobState> {
  const state: JobState = { name, schedule, zone, catchUp };
  const nextDueAt = timing.nextDueAt();
  if (nextDueAt !== undefined) state.nextDueAt = nextDueAt;
  if (running !== undefined)
    state.running = { dueAt: running.run.dueAt, startedAt: running.run.startedAt, rows: running.rows };
  const [lastRun] = await store.listRuns(name, 1);
  if (lastRun !== undefined) state.lastRun = lastRun;
  return state;
}
