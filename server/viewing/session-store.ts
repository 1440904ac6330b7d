// The port to the viewing sessions derived from reports (V12, V13).

import type { Orphan } from './derive-sessions.ts';
import type { Session } from './session.ts';

/** What deriving found for one device. (device, startedAt, service, programme) names a session. */
export interface SessionChange {
  device: number;
  /** Epoch ms: what is stored of the device from here on and is not given is removed. Absent: nothing is removed. */
  replaceFrom?: number;
  sessions: readonly Session[];
  orphans: readonly Orphan[];
}

/** Sessions that overlap [from, to), epoch ms, in order of (startedAt, device, service, programme). */
export interface SessionQuery {
  from: number;
  to: number;
  viewer?: number;
  services?: readonly string[];
  limit: number;
  /** The last session of the page before. */
  after?: Session;
}

export interface SessionStore {
  /** Writes what deriving found; the same change again changes nothing. */
  put(changes: readonly SessionChange[]): Promise<void>;

  /** Start of the device's latest session that is `fresh` and began before `at`: deriving can begin there. */
  findFreshStart(device: number, at: number): Promise<number | undefined>;

  list(query: SessionQuery): Promise<Session[]>;

  /** Sessions without quarantine that overlap [from, to), in pages, by (viewer, startedAt). */
  listByViewer(from: number, to: number): AsyncIterable<Session[]>;

  /** Devices with an open session whose last sign is before `at`, at most `limit`. */
  listSilentDevices(at: number, limit: number): Promise<number[]>;

  listOrphans(from: number, to: number, limit: number): Promise<Orphan[]>;

  /** Removes sessions that ended before `at`. Answers how many. */
  removeEndedBefore(at: number): Promise<number>;
  removeOfViewer(viewer: number): Promise<number>;
}
