// The port to the stored tables of subscriptions: one record a user, written whole or not at all (G7-G9).

import type { SubscriptionTable } from './subscription.ts';

export interface SubscriptionStore {
  /** The user's table as it was last put; undefined before the first. */
  find(viewer: number): Promise<SubscriptionTable | undefined>;

  /**
   * Puts `table` in the place of the user's, in one write, if the version there is `expected` (0: if there is none). Answers whether
   * it did; if not, nothing changed. Of two that expect the same version and bring another one succeeds.
   */
  put(table: SubscriptionTable, expected: number): Promise<boolean>;

  /** Tables with `dueAt` ≤ `at` (epoch ms), in order of (dueAt, viewer), at most `limit`. */
  listDue(at: number, limit: number): Promise<SubscriptionTable[]>;

  /** Removes the user's table. Again, it changes nothing. */
  remove(viewer: number): Promise<void>;
}
