// The port to the viewing sessions derived from reports (V12, V13).

import type { VersionMove } from '../../reports/viewing/session-hours.ts';
import type { DeviceState, Orphan } from './derive-sessions.ts';
import type { EndedSession, Session } from './session.ts';

/** What deriving found for one device. (device, startedAt, service, programme) names a session. */
export interface SessionChange {
  device: number;
  viewer: number;
  /** Epoch ms: ended sessions and orphans that are stored of the device from here on, and not given, are removed. */
  replaceFrom?: number;
  /** Ended ones; one that is stored is replaced. */
  sessions: readonly EndedSession[];
  orphans: readonly Orphan[];
  /** Replaces the device's open session; without `open` there is none any more. */
  state: DeviceState;
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
  /**
   * Writes what deriving found; the same change again changes nothing. `turn` is the caller's turn to settle: where several
   * machines share the store, what a former holder writes late, of a device that a later one has written, changes nothing.
   */
  put(changes: readonly SessionChange[], turn: number): Promise<void>;

  /** Where deriving stood for these devices when their open sessions were put; those without one are left out. */
  findStates(devices: readonly number[]): Promise<Map<number, DeviceState>>;

  /** Ended sessions, and open ones that are not given up. */
  list(query: SessionQuery): Promise<Session[]>;

  /** The same without those in quarantine, in pages, by (viewer, startedAt). */
  listByViewer(from: number, to: number): AsyncIterable<Session[]>;

  /** Devices whose open session is not given up and whose `silentAt` is before `at` (epoch ms), in pages. */
  listSilentDevices(at: number): AsyncIterable<number[]>;

  /** All that start in [from, to), epoch ms: ended, whatever became of them, and open ones that are not given up; in pages, in any order. */
  listStarted(from: number, to: number): AsyncIterable<Session[]>;

  /** Of [from, to), epoch ms. */
  countOrphans(from: number, to: number): Promise<number>;
  listOrphans(from: number, to: number, limit: number): Promise<Orphan[]>;

  /** Removes sessions that ended before `at`. Answers how many. */
  removeEndedBefore(at: number): Promise<number>;
  /** Answers how many, and what that did to the versions of the hours in which they started. */
  removeOfViewer(viewer: number): Promise<{ removed: number; moves: VersionMove[] }>;
}
