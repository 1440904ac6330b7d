// Appends events for one process: what arrives while one commit is in flight shares the next (G14).

import { Problem } from '../problem.ts';
import type { NewEvent, PushEvent } from './event.ts';
import type { EventStore, TimedEvent } from './event-store.ts';

export interface EventAppender {
  /** Resolves with what is stored under the event's key when that is durable. Problem `unavailable`. */
  append(event: NewEvent): Promise<PushEvent>;
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>;
}

const GROUP = 500;
const MOST_WAITING = 10_000; // some seconds of commits: more would only be answered late
const RETRY_AFTER_S = 1;

interface Waiting {
  event: TimedEvent;
  resolve(stored: PushEvent): void;
  reject(error: unknown): void;
}

/** `onStored` is told of each commit before those who wait for it are. */
export function createEventAppender(deps: {
  store: Pick<EventStore, 'append'>;
  clock: () => number;
  onStored(events: readonly PushEvent[]): void;
}): EventAppender {
  const { store, clock, onStored } = deps;
  let waiting: Waiting[] = [];
  let flight: Promise<void> | undefined;

  async function commit(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // others of this turn of the event loop share the first group
    while (waiting.length > 0) {
      const group = waiting.slice(0, GROUP);
      waiting = waiting.slice(GROUP);
      try {
        const stored = await store.append(group.map(({ event }) => event));
        onStored(stored);
        for (const [index, one] of group.entries()) one.resolve(stored[index] as PushEvent);
      } catch (error) {
        for (const one of group) one.reject(error);
      }
    }
    flight = undefined;
  }

  return {
    append(event) {
      if (waiting.length >= MOST_WAITING) {
        const options = { retryAfterS: RETRY_AFTER_S };
        return Promise.reject(new Problem('unavailable', 'too many events wait to be stored', options));
      }
      return new Promise((resolve, reject) => {
        waiting.push({ event: { ...event, at: clock() }, resolve, reject });
        flight ??= commit();
      });
    },
    async drain() {
      while (flight !== undefined) await flight;
    },
  };
}
