// The ports to the stored stream of events, what devices have acknowledged of it, and which devices have a stream open (G12-G15).

import type { NewEvent, PushEvent } from './event.ts';

/** An event before it has its place in the stream. */
export type TimedEvent = NewEvent & Pick<PushEvent, 'at'>;

/** What somebody has acknowledged: a user's device, or all of the user's devices. `name` is the product's; `offset` only grows. */
export interface Cursor {
  name: string;
  viewer: number;
  offset: number;
  /** When it was put last, epoch ms. */
  at: number;
}

/** Whose events: `{viewer}`, `{device}` and `{devices}` among these. */
export interface Addressees {
  viewer: number;
  devices: readonly number[];
}

/**
 * One stream of events with offsets 1, 2, 3 … without gaps. An event becomes visible after all with lesser offsets, whichever process
 * appended them. (`key`) names an event. The newest one is never removed: numbering goes on from it.
 */
export interface EventStore {
  /** Keeps `candidate` as the stream's epoch if it has none yet; answers the one it has. */
  epoch(candidate: string): Promise<string>;

  /** For data put back from a back-up: numbers that were given out after it are given out again, as other ids. */
  renewEpoch(epoch: string): Promise<void>;

  /**
   * Appends up to some hundreds, in order; durable when it resolves. One whose key is there already, or is given twice, is not
   * appended again. Answers for each what is stored under its key. Events may be appended when it rejects: again, they are the same.
   */
  append(events: readonly TimedEvent[]): Promise<PushEvent[]>;

  /** Those with offset > `after`, ascending, at most `limit`. */
  list(after: number, limit: number): Promise<PushEvent[]>;

  /** Those with a sender and offset < `before`, descending, at most `limit`. */
  listSent(before: number, limit: number): Promise<PushEvent[]>;

  /** Offsets that are kept; `{first: 1, last: 0}` while nothing was ever appended. */
  bounds(): Promise<{ first: number; last: number }>;

  /** Removes those stored before `at` (epoch ms) and all but the newest `number`, oldest first, so that no gap comes. Answers how many. */
  removeOld(at: number, number: number): Promise<number>;

  /** Events addressed to the viewer or one of the devices, ascending. */
  listOf(addressees: Addressees): Promise<PushEvent[]>;

  /** Empties these: audience `{nobody: true}`, no content, a key that says nothing. Their places stay. From `{devices}` the devices are taken. */
  blankOf(addressees: Addressees): Promise<void>;

  /** Keeps cursors; one that is there with a greater offset stays. */
  putCursors(cursors: readonly Cursor[]): Promise<void>;

  /** Offsets by name; unknown names are left out. */
  findCursors(names: readonly string[]): Promise<Map<string, number>>;
  listCursors(viewer: number): Promise<Cursor[]>;
  removeCursors(of: { viewer: number } | { putBefore: number }): Promise<number>;
}

/** What one process tells the others of its streams. */
export interface StreamSigns {
  process: string;
  /** Events through this offset are delivered on them. */
  through: number;
  /** Devices that have one. */
  devices: readonly number[];
  /** Users that have one for all their devices, by pseudonym. */
  viewers: readonly number[];
}

/** What processes that share a store know of each other's streams: one record a process, which goes by itself. */
export interface StreamSignStore {
  /** Replaces what `process` said; `keepMs` later it is gone. */
  put(signs: StreamSigns, keepMs: number): Promise<void>;
  /** What others than `process` said that is not gone; of what was put before `at`, epoch ms by the store's own clock, the names alone. */
  listOthers(process: string, at?: number): Promise<{ process: string; putAt: number; signs?: StreamSigns }[]>;
  remove(process: string): Promise<void>;
}
