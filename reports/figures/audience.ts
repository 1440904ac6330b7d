// From the sessions of one viewer to what that viewer watched, each second once (ratings R1, R2; viewing V12).

import { hash } from 'node:crypto';

/** A session as figures read it; times in epoch ms, [startedAt, endedAt), an open one ending now. */
export interface SessionRow {
  viewer: number;
  device: number;
  service: string;
  programme: string;
  startedAt: number;
  endedAt: number;
  /** How much of its end was assumed, not reported. */
  imputedMs: number;
  timeShiftS?: number;
  flags: string[];
}

/** Viewing of one service, [from, to) in epoch seconds. */
export interface Stretch {
  service: string;
  from: number;
  to: number;
  /** Place of its session in the rows given. */
  session: number;
  /** Epoch second from which its session is assumed, not reported. */
  imputedFrom: number;
}

/** Epoch ms to the whole second it lies in. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

/** Shorter than the dwell: kept as surfing, never audience (V12). Judged by the session's whole length, in ms. */
function isSurfing(row: SessionRow, dwellMs: number): boolean {
  return row.endedAt - row.startedAt < dwellMs;
}

/**
 * Decides between services that one viewer's devices turn to at the same instant, as they do when both announce a programme. It
 * needs only what a report says, so that figures can be worked out again elsewhere, and favours no service.
 */
function lotOf({ startedAt, service }: SessionRow): string {
  return hash('sha256', `${startedAt} ${service}`);
}

/**
 * What one viewer watched over all its devices: ordered stretches that don't overlap. At every second the session that
 * started last counts (of two that start at once, that with the greater SHA-256 of "startedAt service", in hex); when it
 * ends, an earlier one that still runs goes on. Surfing takes no part: a second surfed on one device stays with what another shows.
 */
export function cleanViewing(rows: readonly SessionRow[], dwellMsOf: (service: string) => number): Stretch[] {
  const order: number[] = [];
  rows.forEach((row, index) => {
    if (!isSurfing(row, dwellMsOf(row.service))) order.push(index);
  });
  order.sort((a, b) => {
    const [x, y] = [rows[a] as SessionRow, rows[b] as SessionRow];
    if (x.startedAt !== y.startedAt) return x.startedAt - y.startedAt;
    const [lotX, lotY] = [lotOf(x), lotOf(y)];
    return lotX === lotY ? x.device - y.device : lotX < lotY ? -1 : 1;
  });
  const stretches: Stretch[] = [];
  const running: number[] = []; // a stack: whoever starts later lies on top
  let cursor = Number.NEGATIVE_INFINITY;
  const advance = (until: number): void => {
    while (cursor < until) {
      const index = running.at(-1);
      if (index === undefined) {
        cursor = until;
        return;
      }
      const row = rows[index] as SessionRow;
      const end = secondOf(row.endedAt);
      if (end <= cursor) {
        running.pop();
        continue;
      }
      const to = Math.min(end, until);
      const imputedFrom = end - Math.round(row.imputedMs / 1000);
      stretches.push({ service: row.service, from: cursor, to, session: index, imputedFrom });
      cursor = to;
    }
  };
  for (const index of order) {
    advance(secondOf((rows[index] as SessionRow).startedAt));
    running.push(index);
  }
  advance(Number.POSITIVE_INFINITY);
  return stretches;
}
