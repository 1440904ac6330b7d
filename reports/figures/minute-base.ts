// The base of minutes: a clock minute goes to one service, or to none (ratings R3).

import { MINUTE_FLOOR_S } from '../ratings/rules.ts';

/** Viewing of one lane (a service), [from, to) in epoch seconds. */
export interface Piece<Lane> {
  lane: Lane;
  from: number;
  to: number;
}

/**
 * One viewer's viewing by whole clock minutes: each goes to the lane watched longest in it (of equals, the one on last),
 * to none if it was watched for less than MINUTE_FLOOR_S in all. Pieces are ordered and disjoint, before and after.
 */
export function toMinutes<Lane>(pieces: readonly Piece<Lane>[]): Piece<Lane>[] {
  const minutes: Piece<Lane>[] = [];
  let minute = Number.NaN;
  let parts: { lane: Lane; seconds: number }[] = [];
  const emit = (lane: Lane, from: number, to: number): void => {
    const last = minutes.at(-1);
    if (last !== undefined && last.lane === lane && last.to === from) last.to = to;
    else minutes.push({ lane, from, to });
  };
  const flush = (): void => {
    let total = 0;
    let best: { lane: Lane; seconds: number } | undefined;
    for (const part of parts) {
      total += part.seconds;
      if (best === undefined || part.seconds >= best.seconds) best = part; // parts lie in the order in which they were last on
    }
    if (best !== undefined && total >= MINUTE_FLOOR_S) emit(best.lane, minute * 60, minute * 60 + 60);
    parts = [];
  };
  for (const { lane, from, to } of pieces) {
    for (let at = from; at < to; ) {
      const current = Math.floor(at / 60);
      if (current !== minute) {
        flush();
        minute = current;
      }
      const whole = at === current * 60 ? Math.floor((to - at) / 60) * 60 : 0;
      if (whole > 0) {
        emit(lane, at, at + whole);
        at += whole;
        continue;
      }
      const end = Math.min(to, current * 60 + 60);
      const before = parts.findIndex((part) => part.lane === lane);
      const seconds = end - at + (before < 0 ? 0 : (parts.splice(before, 1)[0]?.seconds ?? 0));
      parts.push({ lane, seconds });
      at = end;
    }
  }
  flush();
  return minutes;
}
