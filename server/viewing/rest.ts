// A pause that can be cut short.

import { setTimeout } from 'node:timers/promises';

export interface Rest {
  /** Resolves after so many ms, or when `end` is called. */
  for(ms: number): Promise<void>;
  end(): void;
}

export function createRest(): Rest {
  let abort: AbortController | undefined;
  return {
    async for(ms) {
      abort = new AbortController();
      await setTimeout(ms, undefined, { signal: abort.signal }).catch(() => undefined); // rejected: it was cut short
    },
    end() {
      abort?.abort();
    },
  };
}
