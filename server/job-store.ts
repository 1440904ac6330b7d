// The port to the jobs' leases and the record of their runs (R15). Each method is one compare-and-set of one document.

/** One run of a job. (name, dueAt) names it. Times in epoch ms. */
export interface JobRun {
  name: string;
  /** The time that the run is for: that of the schedule, or of the asking when run by hand. */
  dueAt: number;
  startedAt: number;
  /** Who asked: `schedule`, `catch-up`, or a user. */
  by: string;
  /** The process that ran it. */
  holder: string;
  /** The number of the lease under which it ran; grows with every lease of the job. */
  fence: number;
  /** How often it was begun, this time included. */
  attempts: number;
  /** Absent while it runs, and for good when its process died. */
  endedAt?: number;
  /** What it wrote; only of a run that ended well. */
  rows?: number;
  /** Why it failed; absent otherwise. */
  error?: string;
}

export interface JobStore {
  /**
   * Takes the job's lease for `holder` until `expiresAt` if nobody holds one at `now`, and answers its fencing number: one more than that
   * of the job's last lease, from 1, released or expired ones counted. Undefined when somebody holds it, the same holder included.
   * Of several calls at once exactly one succeeds.
   */
  acquire(name: string, holder: string, now: number, expiresAt: number): Promise<number | undefined>;

  /** Sets the end of the lease `fence`; false, changing nothing, when a later lease was given out. The past releases it. */
  renew(name: string, fence: number, expiresAt: number): Promise<boolean>;

  /**
   * Records that a run begins. When (name, dueAt) has a record: takes it over, with `attempts` one more and no end, if the record
   * has an error or no end, a smaller fence, and fewer than `maxAttempts` attempts; else changes nothing. Answers the attempts, or undefined
   * when nothing was changed.
   */
  begin(run: Omit<JobRun, 'attempts' | 'endedAt' | 'rows' | 'error'>, maxAttempts: number): Promise<number | undefined>;

  /** Writes endedAt, rows and error of the run's record if its fence is still the run's and it has no end; says whether it did. */
  finish(run: JobRun & { endedAt: number }): Promise<boolean>;

  /** The job's runs with dueAt before `before`, latest first, at most `limit`. */
  listRuns(name: string, limit: number, before?: number): Promise<JobRun[]>;

  /** Removes the records of all jobs with dueAt before `at`; leases stay, so that fences grow for ever. Answers how many. */
  removeRunsBefore(at: number): Promise<number>;
}
