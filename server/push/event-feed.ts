// The stored stream as one process sees it: the newest events in memory, those of other processes soon after (G14, G15).

import type { Log } from '../log.ts';
import type { PushEvent } from './event.ts';
import type { Kept } from './event-id.ts';
import type { EventStore } from './event-store.ts';
import { type EncodedEvent, encodeEvent } from './event-writing.ts';

export interface EventFeed {
  /** Reads all that is kept, told to `onPast`; then follows. */
  start(): Promise<void>;
  stop(): Promise<void>;
  epoch(): string;
  encode(event: PushEvent): EncodedEvent;
  /** All through this offset was told. */
  last(): number;
  /** Tells what was appended here, as far as nothing is missing before it; else looks at once. */
  take(events: readonly PushEvent[]): void;
  /** Looks now; all that was visible when it was called has been told when it resolves. */
  look(): Promise<void>;
  /** Those after an offset, at most `limit` and through `last()`, ascending. */
  list(after: number, limit: number): Promise<readonly EncodedEvent[]>;
  /** What is kept now, read from the store unless `after` is in memory. */
  kept(after?: number): Promise<Kept>;
}

export interface EventFeedDeps {
  store: Pick<EventStore, 'epoch' | 'list' | 'bounds'>;
  /** For a store that has no epoch yet. */
  newEpoch: string;
  log: Log;
  /** At the start, oldest first. */
  onPast(event: PushEvent): void;
  /** Each event once, in order. */
  onEvent(event: EncodedEvent): void;
  /** Somebody waits for events. */
  isBusy(): boolean;
}

const PAGE = 1_000;
const IN_MEMORY = 10_000;
const IN_MEMORY_CHARS = 16 * 1_048_576; // of content
const BUSY_MS = 100;
const IDLE_MS = 1_000;
/** After an event others are likely. */
const LIVELY_MS = 25;
const LIVELY_LOOKS = 40;

export function createEventFeed(deps: EventFeedDeps): EventFeed {
  const { store, log } = deps;
  let epoch = '';
  let last = 0;
  let window: EncodedEvent[] = [];
  let chars = 0;
  let lively = 0;
  let failed = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = true;
  let looking: Promise<void> | undefined;

  const sizeOf = ({ event }: EncodedEvent): number => JSON.stringify(event.content).length;

  const remember = (encoded: EncodedEvent): void => {
    window.push(encoded);
    chars += sizeOf(encoded);
    if (window.length <= IN_MEMORY + PAGE && chars <= IN_MEMORY_CHARS) return;
    // A thousand go at once, as the array moves; of large ones as many as are too many.
    let gone = Math.max(1, window.length - IN_MEMORY);
    for (const each of window.slice(0, gone)) chars -= sizeOf(each);
    for (; chars > IN_MEMORY_CHARS && gone < window.length; gone += 1) chars -= sizeOf(window[gone] as EncodedEvent);
    window = window.slice(gone);
  };

  const tell = (event: PushEvent): void => {
    const encoded = encodeEvent(event, epoch);
    remember(encoded);
    last = event.offset;
    deps.onEvent(encoded);
  };

  const readOn = async (): Promise<void> => {
    try {
      for (let isMore = true; isMore; ) {
        const events = await store.list(last, PAGE);
        const fresh = events.filter(({ offset }) => offset > last); // our own may have come meanwhile
        for (const event of fresh) tell(event);
        if (fresh.length > 0) lively = LIVELY_LOOKS;
        isMore = events.length === PAGE;
      }
      failed = false;
    } catch (error) {
      if (!failed) log.error({ error }, 'events of other processes are not followed');
      failed = true;
    }
  };

  const look = async (): Promise<void> => {
    await looking; // it may have begun before what the caller waits for
    looking ??= readOn().finally(() => {
      looking = undefined;
    });
    await looking;
  };

  const schedule = (): void => {
    if (stopped) return;
    if (lively > 0) lively -= 1;
    timer = setTimeout(() => void look().then(schedule), lively > 0 ? LIVELY_MS : deps.isBusy() ? BUSY_MS : IDLE_MS);
  };

  return {
    async start() {
      epoch = await store.epoch(deps.newEpoch);
      const { first } = await store.bounds();
      last = first - 1;
      for (let page: PushEvent[] = []; ; ) {
        page = await store.list(last, PAGE);
        for (const event of page) {
          deps.onPast(event);
          remember(encodeEvent(event, epoch));
          last = event.offset;
        }
        if (page.length < PAGE) break;
      }
      stopped = false;
      schedule();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
    epoch: () => epoch,
    encode: (event) => encodeEvent(event, epoch),
    last: () => last,
    take(events) {
      if (stopped) return;
      for (const event of events.toSorted((a, b) => a.offset - b.offset)) if (event.offset === last + 1) tell(event);
      if (events.some(({ offset }) => offset > last)) void look();
    },
    look,
    async list(after, limit) {
      const first = window[0]?.event.offset ?? last + 1;
      if (after >= first - 1) return window.slice(after - first + 1, after - first + 1 + limit);
      const events = await store.list(after, Math.min(limit, PAGE));
      return events.filter(({ offset }) => offset <= last).map((event) => encodeEvent(event, epoch));
    },
    async kept(after) {
      const first = window[0]?.event.offset ?? last + 1;
      if (after !== undefined && after >= first - 1) return { epoch, first, last };
      const bounds = await store.bounds();
      return { epoch, first: Math.min(bounds.first, last + 1), last };
    },
  };
}
