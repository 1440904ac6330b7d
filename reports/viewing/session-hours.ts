// The port to sessions by the hour in which they started (ratings R18, R6).

import { hash } from 'node:crypto';
import { LONGEST_SESSION_MS } from '../../server/viewing/derive-sessions.ts';
import type { EndedSession, Session } from '../../server/viewing/session.ts';

export const HOUR_MS = 3_600_000;

/** The start, in epoch ms, of the UTC hour of an instant; it names the hour. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** What a removal did to the version of an hour that nobody else changed meanwhile. */
export interface VersionMove {
  hour: number;
  before: number;
  after: number;
}

export interface SessionHours {
  /**
   * Of the hours in [from, to) whose ended sessions ever changed: a number that grows with each change, when the change is
   * visible, if not before as well. Others have the version 0.
   */
  versions(from: number, to: number): Promise<Map<number, number>>;

  /** Ended sessions that started in [from, to), without those in quarantine, in order of startedAt, in pages; others are served between pages. */
  listStarted(from: number, to: number): AsyncIterable<EndedSession[]>;

  /** Open sessions that are not given up and started in [from - 24 h, to). */
  listOpen(from: number, to: number): Promise<Session[]>;

  /**
   * Sessions that overlap [from, to) and started at `startedFrom` or later, without those in quarantine, open ones included, in
   * pages, by (viewer, startedAt).
   */
  listByViewer(from: number, to: number, startedFrom: number): AsyncIterable<Session[]>;
}

/** Names the ended sessions that can reach into [from, to), epoch ms: another name, other sessions. */
export async function revisionOfHours(
  hours: Pick<SessionHours, 'versions'>,
  from: number,
  to: number,
): Promise<string> {
  const versions = await hours.versions(hourOf(from - LONGEST_SESSION_MS), to);
  const known = [...versions].sort(([a], [b]) => a - b);
  return hash('sha256', JSON.stringify(known)).slice(0, 16);
}
