// One writer at a time makes the next revision of the guide and publishes it whole (G2, G3).

import { Problem } from '../server/problem.ts';
import type { GuideRecords, GuideStore } from './guide-store.ts';

/** A crashed writer keeps others out this long; a live one renews in time. */
const TURN_MS = 60_000;

/** The right to make one revision. */
export interface Turn {
  /** The published revision on which the change is based. */
  base: number;
  /** Writes at the next revision; nothing is visible yet. Keeps the turn. */
  put(records: Partial<GuideRecords>): Promise<void>;
  /** To be called now and then in long work; Problem `conflict` when the turn is lost. */
  keep(): Promise<void>;
}

export interface Turns {
  /**
   * Runs short work, after the short work before it, and publishes if it wrote. Answers the revision then published, and what the
   * work answers. Problem `conflict` while a load is running, here or elsewhere.
   */
  edit<T>(work: (turn: Turn) => Promise<T>): Promise<{ revision: number; result: T }>;
  /** The same for a load: a second one gets Problem `conflict` at once. */
  load<T>(work: (turn: Turn) => Promise<T>): Promise<{ revision: number; result: T }>;
}

export function createTurns(deps: {
  store: GuideStore;
  clock: () => number;
  newId: () => string;
  onPublished: (() => void) | undefined;
}): Turns {
  const { store, clock, newId, onPublished } = deps;
  let loading = false;
  let before: Promise<unknown> = Promise.resolve();
  const busy = (): Problem => new Problem('conflict', 'the guide is being loaded', { retryAfterS: 10 });

  const run = async <T>(work: (turn: Turn) => Promise<T>): Promise<{ revision: number; result: T }> => {
    const holder = newId();
    let untilAt = clock() + TURN_MS;
    if (!(await store.takeTurn(holder, clock(), untilAt))) throw busy();
    let wrote = false;
    const keep = async (): Promise<void> => {
      const now = clock();
      if (untilAt - now > TURN_MS / 2) return;
      untilAt = now + TURN_MS;
      if (!(await store.takeTurn(holder, now, untilAt))) throw new Problem('conflict', 'another load took over');
    };
    try {
      const base = await store.revision();
      const put: Turn['put'] = async (records) => {
        if (Object.values(records).every((some) => some.length === 0)) return;
        await keep();
        wrote = true;
        await store.put(base + 1, records);
      };
      const result = await work({ base, put, keep });
      const revision = wrote ? base + 1 : base;
      if (!(await store.endTurn(holder, wrote ? revision : undefined, clock()))) {
        throw new Problem('conflict', 'another load took over');
      }
      if (wrote) onPublished?.();
      return { revision, result };
    } catch (error) {
      // The first error is the one to tell; what can't be ended now is ended by time.
      await store.endTurn(holder, undefined, clock()).catch(() => false);
      throw error;
    }
  };

  const inOrder = <T>(work: (turn: Turn) => Promise<T>): Promise<{ revision: number; result: T }> => {
    const mine = before.then(() => run(work));
    before = mine.catch(() => undefined);
    return mine;
  };

  return {
    async edit(work) {
      if (loading) throw busy();
      return await inOrder(work);
    },
    async load(work) {
      if (loading) throw busy();
      loading = true;
      try {
        return await inOrder(work);
      } finally {
        loading = false;
      }
    },
  };
}
