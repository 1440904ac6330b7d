// How far devices have acknowledged the stream of events: `since` and Last-Event-ID say so (G14, V5).

import type { Log } from '../log.ts';
import type { Subject } from './concern.ts';
import type { Cursor, EventStore } from './event-store.ts';

export interface Cursors {
  /** The subject has all through the offset. Kept soon; a lost one only makes a mark stand too long. */
  acknowledge(subject: Subject, offset: number): void;
  /** What the device, or its user for all devices, acknowledged last; at once when it is known here. */
  find(subject: Subject): number | undefined | Promise<number | undefined>;
  forgetViewer(viewer: number): Promise<void>;
  drain(): Promise<void>;
}

const KNOWN = 400_000; // some 60 MB
const FRESH_MS = 600_000; // what is acknowledged at another process is known here by then: until then a mark may stand
const FLUSH_MS = 500;
const MOST_WAITING = 20_000;
const GROUP = 1_000;

interface Known {
  offset: number | undefined;
  at: number;
}

export function createCursors(deps: {
  store: Pick<EventStore, 'putCursors' | 'findCursors' | 'removeCursors'>;
  epoch(): string;
  clock: () => number;
  log: Log;
}): Cursors {
  const { store, clock, log } = deps;
  const known = new Map<string, Known>();
  const dirty = new Map<string, Cursor>();
  const asked = new Set<string>();
  let asking: Promise<Map<string, number>> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;

  const nameOf = ({ viewer, device }: Subject): string =>
    `${deps.epoch()}/${device === undefined ? `viewer/${viewer}` : `device/${device}`}`;

  const keep = (name: string, offset: number | undefined): void => {
    known.delete(name); // a Map keeps the order of first insertion
    if (known.size >= KNOWN) known.delete(known.keys().next().value ?? '');
    known.set(name, { offset, at: clock() });
  };

  const flush = async (): Promise<void> => {
    timer = undefined;
    while (dirty.size > 0) {
      const group = [...dirty.values()].slice(0, GROUP);
      for (const { name } of group) dirty.delete(name);
      try {
        await store.putCursors(group);
      } catch (error) {
        log.error({ error }, 'what devices acknowledged is not kept');
        return;
      }
    }
  };

  /** All that are asked for in one turn of the event loop share one read. */
  const read = async (name: string): Promise<number | undefined> => {
    asked.add(name);
    asking ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const names = [...asked];
      asked.clear();
      asking = undefined;
      return store.findCursors(names);
    });
    const found = (await asking).get(name);
    keep(name, found);
    return found;
  };

  const findOne = (name: string): number | undefined | Promise<number | undefined> => {
    const entry = known.get(name);
    return entry !== undefined && Math.abs(clock() - entry.at) < FRESH_MS ? entry.offset : read(name);
  };

  const greater = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined ? b : b === undefined ? a : Math.max(a, b);

  return {
    acknowledge(subject, offset) {
      const name = nameOf(subject);
      const before = known.get(name)?.offset;
      if (before !== undefined && before >= offset) return;
      keep(name, offset);
      if (dirty.size >= MOST_WAITING && !dirty.has(name)) return;
      dirty.set(name, { name, viewer: subject.viewer, offset, at: clock() });
      timer ??= setTimeout(() => {
        flushing = flush();
      }, FLUSH_MS);
    },

    find({ viewer, device }) {
      const all = findOne(nameOf({ viewer }));
      if (device === undefined) return all;
      const own = findOne(nameOf({ viewer, device }));
      if (!(all instanceof Promise) && !(own instanceof Promise)) return greater(all, own);
      return Promise.all([all, own]).then(([a, b]) => greater(a, b));
    },

    async forgetViewer(viewer) {
      for (const [name, cursor] of dirty) if (cursor.viewer === viewer) dirty.delete(name);
      await flushing;
      await store.removeCursors({ viewer });
    },

    async drain() {
      clearTimeout(timer);
      await flushing;
      await flush();
    },
  };
}
