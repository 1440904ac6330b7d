// The port to reports as they were made (ratings R5, R6).

/** A report that was made: what was asked, by which data, and what came out. */
export interface StoredReport {
  /** Names what was asked: SHA-256, in hex, of criteria and rules. */
  asked: string;
  /** Counts the reports that were made to it, from 1. */
  revision: number;
  /** Of the report. */
  hash: string;
  status: 'preliminary' | 'final';
  /** End of its window and when it was made, epoch ms. */
  to: number;
  madeAt: number;
  /** The last schedule and viewing by which the same figures came out. */
  schedule: string;
  dataRevision: string;
  /** Its criteria, as JSON. */
  criteria: string;
  /** Itself as JSON, deflated, in base64; 12 MB at most. */
  content: string;
}

/** (asked, revision) names one. */
export interface ReportStore {
  findLatest(asked: string): Promise<StoredReport | undefined>;
  find(asked: string, revision: number): Promise<StoredReport | undefined>;
  /** False, and nothing changed, when there is one of that name. */
  add(report: StoredReport): Promise<boolean>;
  /** Says by what the same figures came out again. */
  confirm(asked: string, revision: number, by: Pick<StoredReport, 'schedule' | 'dataRevision'>): Promise<void>;
  /** Of each that was asked whose latest revision is preliminary: that one, without `content`; in pages. */
  listPreliminary(): AsyncIterable<Omit<StoredReport, 'content'>[]>;
  /** Removes those whose window ended before `at`, epoch ms. Answers how many. */
  removeEndedBefore(at: number): Promise<number>;
}
