// The port to the log of reports as they came: the truth from which sessions are derived (V11, V17; O2, O3).

import type { Arrival, StoredReport } from './report.ts';

/** What of a report tells how well reports come in (R16). */
export type Receipt = Pick<StoredReport, 'device' | 'viewer' | 'type' | 'sentAt' | 'receivedAt' | 'quarantine'>;

export interface ReportLog {
  /** Appends all, in this order, durably when it resolves. Doubles may be appended too: `enrol` finds them. */
  append(reports: readonly StoredReport[]): Promise<void>;

  /** Those appended and not yet marked as settled, in order of arrival (of receipt, where many processes append), at most `limit`. */
  listUnsettled(limit: number): Promise<Arrival[]>;

  /**
   * Puts arrivals into the order of each device's time. Answers for each whether it is the first of its
   * (device, key) — repeated after a crash, the same answers come again. A double is removed from the log.
   */
  enrol(arrivals: readonly Arrival[]): Promise<boolean[]>;

  /** Marks arrivals as settled: their effect on sessions is stored. Idempotent. */
  markSettled(arrivals: readonly Arrival[]): Promise<void>;

  /** The enrolled reports of some viewers' devices, up to a thousand, that were sent at or after `from` (epoch ms), in order of sending. */
  listOfDevices(owners: readonly { viewer: number; device: number }[], from: number): Promise<StoredReport[]>;

  /** Reports received at or after `at` (epoch ms), in order of arrival, settled or not. */
  listReceivedSince(at: number): Promise<StoredReport[]>;

  /** The same, only of what other processes appended; none where there are no others. */
  listReceivedByOthers(at: number): Promise<StoredReport[]>;

  /** When the last report arrived, epoch ms. */
  findLastReceivedAt(): Promise<number | undefined>;

  /** Stores the text of a document template; the same number always has the same text. */
  putTemplate(template: number, text: string): Promise<void>;

  listTemplates(): Promise<{ template: number; text: string }[]>;

  /** A user's reports in order of arrival, in pages; those that are not enrolled yet may be left out. */
  listOfViewer(viewer: number): AsyncIterable<StoredReport[]>;

  /**
   * Settled reports received in [from, to), epoch ms, in pages, in any order; quarantined ones, too. Where one process appends, its clock
   * is taken to have gone backwards by a minute at most.
   */
  listReceipts(from: number, to: number): AsyncIterable<Receipt[]>;

  /** Removes settled reports received before `at`; with `viewer`, all of that viewer. Answers how many. */
  removeReceivedBefore(at: number): Promise<number>;
  removeOfViewer(viewer: number): Promise<number>;
}
