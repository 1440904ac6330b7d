// Rendered answers, compressed and kept by name in bounded memory; who asks while one is being rendered gets it as it grows (G4).

import { Problem } from '../server/problem.ts';

/** One rendered answer, whole or still growing. */
interface Rendered {
  /** Bytes of the whole, once it is whole. */
  sizeBytes(): number | undefined;
  /** All of it from the start, as far as it is there at once, and the rest as it comes. Throws what rendering threw. */
  chunks(): AsyncGenerator<Uint8Array>;
}

export interface RenderedCache {
  /**
   * The answer of this name: the one that is kept or being made, else a new one. Resolves when there is something to send; throws
   * what rendering threw before that. Problem `unavailable` when too many wait, or too much is being made at once.
   */
  get(name: string, render: () => AsyncIterable<Uint8Array>): Promise<Rendered>;
}

/** Renderings at once: each takes a thread for compression and turns of the event loop, and others have a right to those. */
const RENDERINGS = 2;
const MOST_WAITING = 200;
/** What one takes beside its bytes: a thousand small ones are not free. */
const ENTRY_BYTES = 1_024;

interface Entry extends Rendered {
  bytes: number;
  isWhole: boolean;
}

/** `limitBytes` bounds what is kept and what is being made together. */
export function createRenderedCache(limitBytes: number): RenderedCache {
  const entries = new Map<string, Entry>(); // in order of use
  const waiting: (() => void)[] = [];
  let running = 0;
  let totalBytes = 0;

  const makeRoom = (): void => {
    for (const [name, entry] of entries) {
      if (totalBytes <= limitBytes) return;
      if (!entry.isWhole) continue;
      entries.delete(name);
      totalBytes -= entry.bytes;
    }
    if (totalBytes > limitBytes) throw new Problem('unavailable', 'too much of the guide is asked for at once');
  };

  const turn = async (): Promise<void> => {
    if (running >= RENDERINGS) {
      if (waiting.length >= MOST_WAITING) throw new Problem('unavailable', 'too many wait for the guide');
      await new Promise<void>((resolve) => waiting.push(resolve)); // who ends hands its place over
    } else running += 1;
  };
  const endTurn = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  const begin = (name: string, render: () => AsyncIterable<Uint8Array>): Entry => {
    const parts: Uint8Array[] = [];
    let failure: { error: unknown } | undefined;
    let changed = Promise.withResolvers<void>();
    const tell = (): void => {
      changed.resolve();
      changed = Promise.withResolvers();
    };
    const entry: Entry = {
      bytes: ENTRY_BYTES,
      isWhole: false,
      sizeBytes: () => (entry.isWhole ? entry.bytes - ENTRY_BYTES : undefined),
      async *chunks() {
        for (let index = 0; ; index += 1) {
          while (index >= parts.length) {
            if (failure !== undefined) throw failure.error;
            if (entry.isWhole) return;
            await changed.promise;
          }
          yield parts[index] as Uint8Array;
        }
      },
    };
    const fill = async (): Promise<void> => {
      await turn();
      try {
        for await (const part of render()) {
          parts.push(part);
          entry.bytes += part.length;
          totalBytes += part.length;
          makeRoom();
          tell();
        }
        entry.isWhole = true;
      } finally {
        endTurn();
      }
    };
    entries.set(name, entry);
    totalBytes += entry.bytes;
    fill().then(tell, (error: unknown) => {
      failure = { error };
      entries.delete(name);
      totalBytes -= entry.bytes;
      tell();
    });
    return entry;
  };

  return {
    async get(name, render) {
      let entry = entries.get(name);
      if (entry === undefined) entry = begin(name, render);
      else if (entry.isWhole) {
        entries.delete(name);
        entries.set(name, entry);
      }
      await entry.chunks().next();
      return entry;
    },
  };
}
