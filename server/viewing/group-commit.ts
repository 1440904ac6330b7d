// What arrives while one commit is in flight shares the next (V17); a full queue is refused, not stored in memory (V18).

import { Problem } from '../problem.ts';

const RETRY_AFTER_S = 1;

export interface GroupCommit<T> {
  /** Resolves when the item is durable. Problem `unavailable` when the queue is full or the store does not answer. */
  add(item: T): Promise<void>;
  /** Items that wait. */
  depth(): number;
  /** Groups that were written since the start. */
  written(): number;
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>;
}

/** `write` makes all items durable or none. */
export function createGroupCommit<T>(write: (items: readonly T[]) => Promise<void>, limit: number): GroupCommit<T> {
  let waiting: { item: T; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let flight: Promise<void> | undefined;
  let written = 0;

  async function commit(): Promise<void> {
    // Requests that the same turn of the event loop reads join the first group.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await write(group.map((entry) => entry.item));
        written += 1;
        for (const entry of group) entry.resolve();
      } catch (error) {
        for (const entry of group) entry.reject(error);
      }
    }
    flight = undefined;
  }

  return {
    add(item) {
      if (waiting.length >= limit) {
        return Promise.reject(
          new Problem('unavailable', 'too many reports wait to be stored', { retryAfterS: RETRY_AFTER_S }),
        );
      }
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        flight ??= commit();
      });
    },
    depth: () => waiting.length,
    written: () => written,
    async drain() {
      while (flight !== undefined) await flight;
    },
  };
}
