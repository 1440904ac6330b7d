// The identity side of terminals, kept apart from viewing data: the only place of an IMSI (O2).

import type { OriginStore } from './account-store.ts';
import { createFreshCache } from './fresh-cache.ts';
import type { Sealing } from './sealing.ts';

/** Who a report came from. */
interface Identity {
  user: string;
  deviceId?: string;
  imsi?: string;
  model?: string;
}

/** The numbers by which viewing data names the sender. */
interface OriginNumbers {
  no: number;
  device: number;
  viewer: number;
}

export interface Origins {
  /** Keeps who is behind the numbers, once. At once when it is known here; else durable when the promise is kept. */
  record(numbers: OriginNumbers, identity: Identity): void | Promise<void>;
  find(viewer: number): Promise<(OriginNumbers & Identity)[]>;
  removeOfViewer(viewer: number): Promise<void>;
}

const REMEMBERED = 200_000; // some 30 MB; one more only costs a write that changes nothing
const REMEMBERED_MS = 3_600_000; // so that what another process erased comes back with its next report at the latest

export function createOrigins(deps: { store: OriginStore; sealing: Sealing; clock: () => number }): Origins {
  const { store, sealing, clock } = deps;
  const known = createFreshCache<true>(REMEMBERED, REMEMBERED_MS);
  let waiting: Parameters<OriginStore['put']>[0][number][] = [];
  let flush: Promise<void> | undefined;

  const put = (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    flush = undefined;
    return store.put(batch);
  };

  return {
    record({ no, device, viewer }, identity) {
      const key = String(no);
      if (known.find(key, clock()) === true) return undefined;
      waiting.push({ no, device, viewer, sealedIdentity: sealing.seal(JSON.stringify(identity), contextOf(no)) });
      // All that arrive in one turn of the event loop share one write.
      flush ??= new Promise<void>((resolve) => setImmediate(resolve)).then(put);
      return flush.then(() => known.put(key, true, clock()));
    },
    async find(viewer) {
      const origins = await store.list(viewer);
      return origins.map(({ no, device, sealedIdentity }) => {
        const identity: Identity = JSON.parse(sealing.open(sealedIdentity, contextOf(no)));
        return { no, device, viewer, ...identity };
      });
    },
    async removeOfViewer(viewer) {
      for (const { no } of await store.list(viewer)) known.remove(String(no));
      await store.removeOfViewer(viewer);
    },
  };
}

const contextOf = (no: number): string => `origin:${no}`;
