// The port to the stored preferences: one record a user, and notes of how far they are counted and what was found (R12, R13, R15).

import type { Bundle } from './bundles.ts';
import type { PreferenceRecord } from './preference-sums.ts';

/** What was found at the last run, with what it rests on. */
export interface BundleSuggestion {
  /** Epoch ms: viewing before it is in. */
  asOf: number;
  halfLifeDays: number;
  leastSharePercent: number;
  leastSeconds: number;
  suppressBelow: number;
  /** Users with a preference; and those beyond what one run holds. */
  users: number;
  usersLeftOut: number;
  bundles: readonly Bundle[];
}

/** Broadcast days, as days since 1970. */
export interface PreferenceState {
  /** Days before it are counted. */
  through: number;
  /** Days before it are counted for good. */
  finalThrough: number;
}

export interface PreferenceNotes {
  state: PreferenceState;
  suggestion: BundleSuggestion;
}

export interface PreferenceStore {
  /** The records of these users, in any order; users without one are left out. */
  find(viewers: readonly number[]): Promise<PreferenceRecord[]>;

  /**
   * Puts each record in the place of the user's, in one write, if the version there is one less than its own (1: if there is none).
   * Answers the users for whom it was another: there nothing changed. Of two that put the same version one succeeds.
   */
  put(records: readonly PreferenceRecord[]): Promise<number[]>;

  /** In order of viewer, behind `after`, at most `limit`. */
  list(after: number | undefined, limit: number): Promise<PreferenceRecord[]>;

  /** Removes the user's record. Again, it changes nothing. */
  remove(viewer: number): Promise<void>;

  /** Undefined before it is put for the first time. */
  findNote<Name extends keyof PreferenceNotes>(name: Name): Promise<PreferenceNotes[Name] | undefined>;
  /** Replaces it, in one write. */
  putNote<Name extends keyof PreferenceNotes>(name: Name, note: PreferenceNotes[Name]): Promise<void>;
}
