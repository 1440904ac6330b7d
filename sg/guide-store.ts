// The port to the stored guide: versioned services, purchase items and pages, one published number, a stage for loads (G1-G4).

import type { PurchaseItem } from './purchase-item.ts';
import type { Page, Programme, Service } from './schedule.ts';

/** A programme read from a source, waiting to be merged. `stopAt` may be missing; `sequence` is its place in the source. */
export interface StagedProgramme {
  line: number;
  sequence: number;
  programme: Omit<Programme, 'stopAt'> & { stopAt?: number };
}

/** In the place of a service or purchase item: from its revision on there is none of this id. */
export interface Removed {
  id: string;
  removed: true;
}

/** What one revision writes; nothing has two records of one name. */
export interface GuideRecords {
  services: readonly (Service | Removed)[];
  items: readonly (PurchaseItem | Removed)[];
  pages: readonly Page[];
}

/** Names of what has a record in a range of revisions, each once. */
interface GuideChanges {
  services: string[];
  items: string[];
  pages: { service: string; day: number }[];
}

/**
 * Each service, purchase item and page is kept at every revision that changed it: (id, revision) and (service, day, revision)
 * name one record, or one document. What a reader sees at revision V is, for each name, the record with the greatest revision ≤ V.
 * One more record, the state, holds the published revision (0 at first), the oldest that is kept, and whose turn it is to write.
 */
export interface GuideStore {
  /** The published revision. Records beyond it are never shown. */
  revision(): Promise<number>;

  /** The oldest revision that can still be read whole; 0 until something was forgotten. */
  oldestRevision(): Promise<number>;

  /** The greatest revision that was published at or before `at`, epoch ms; 0 if none was, or before times were noted. */
  revisionAt(at: number): Promise<number>;

  /**
   * Makes `revision`, a published one, the oldest, unless it is older than the oldest already; then removes what no revision from
   * there on shows. Calling again is harmless, and goes on where a crash left off. Answers how many records were removed.
   */
  forgetBefore(revision: number): Promise<number>;

  /**
   * Gives `holder` the turn to write until `untilAt` (epoch ms), in one conditional write of the state: if nobody has it,
   * if the former turn is over at `now`, or if `holder` has it already (then only `untilAt` moves). False if another has it.
   * When the turn passes to a new holder, what a crashed one left is removed before this returns: all that is staged,
   * and all records beyond the published revision.
   */
  takeTurn(holder: string, now: number, untilAt: number): Promise<boolean>;

  /**
   * Ends the turn: publishes `revision` if it is given, noting `now` (epoch ms) as its time before, in one write of the state, and all of it is visible at once; removes
   * what is staged and what is beyond the published revision; only then lets others have the turn, or they would lose what
   * they stage. False, and nothing done, if `holder` has not got the turn. A failure after the first write is made good by the
   * next turn.
   */
  endTurn(holder: string, revision: number | undefined, now: number): Promise<boolean>;

  /** Keeps programmes for listStaged; (service, sequence) names one, and one that is there stays. Only the holder of the turn calls it. */
  stage(programmes: readonly StagedProgramme[]): Promise<void>;

  /** Staged programmes of one service in order of (startAt, sequence), those after `after`, at most `limit`. */
  listStaged(service: string, after: StagedProgramme | undefined, limit: number): Promise<StagedProgramme[]>;

  /**
   * Writes records at a revision beyond the published one; the same again replaces. Need not be atomic. Gives
   * other work a chance to run when there is much.
   */
  put(revision: number, records: Partial<GuideRecords>): Promise<void>;

  /** Every service as of the revision that is not removed, in order of (order, code points of the id). */
  listServices(revision: number): Promise<Service[]>;

  /** Every purchase item as of the revision that is not removed, in order of the code points of the id. */
  listItems(revision: number): Promise<PurchaseItem[]>;

  /** What has a record at a revision r with since < r ≤ through, in no order. */
  listChanges(since: number, through: number): Promise<GuideChanges>;

  /** Pages of these services with fromDay ≤ day < toDay as of the revision, in order of (code points of the service, day); empty ones too. */
  listPages(services: readonly string[], fromDay: number, toDay: number, revision: number): Promise<Page[]>;
}
