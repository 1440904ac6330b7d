// A viewing session: the method's Stat record (CN101399958A table 8; V12, V13), derived from reports.

/** What happened to a session on the way from reports (V12), each counted in the data-quality report. */
export type SessionFlag = 'switched' | 'mismatched' | 'capped' | 'cut' | 'unverified';

/** Why a session takes no part in figures (V12). */
type SessionQuarantine = 'zero_length' | 'ends_before_start';

/**
 * A stretch of one device viewing one service, [startedAt, endedAt) in epoch ms. `endedAt` is absent while it is open.
 * (device, startedAt, service) names it. `imputedMs` of its length were assumed, not reported.
 */
export interface Session {
  device: number;
  viewer: number;
  service: string;
  programme: string;
  startedAt: number;
  endedAt?: number;
  /** Time of the last report that bears on it, epoch ms. */
  lastSignAt: number;
  flags: SessionFlag[];
  quarantine?: SessionQuarantine;
  imputedMs: number;
  timeShiftS?: number;
  access?: 'broadcast' | 'unicast';
}

export type EndedSession = Session & { endedAt: number };

export function isEnded(session: Session): session is EndedSession {
  return session.endedAt !== undefined;
}

/** By (startedAt, device, service, programme), the order of lists. */
export function compareSessions(a: Session, b: Session): number {
  return (
    a.startedAt - b.startedAt ||
    a.device - b.device ||
    compareText(a.service, b.service) ||
    compareText(a.programme, b.programme)
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
