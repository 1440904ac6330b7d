// The base of minutes: a clock minute goes to one service, or to none (ratings R3).

import type { Stretches } from './stretches.ts';

/** A clock minute watched for less than this in all belongs to no service in the base of minutes (R3). */
export const MINUTE_FLOOR_S = 30;

interface Share {
  service: number;
  seconds: number;
  /** The session that was on last. */
  row: number;
}

/**
 * One viewer's viewing by whole clock minutes, into `into`: each goes to the service watched longest in it (of equals, the
 * one on last), to none if it was watched for less than MINUTE_FLOOR_S in all.
 */
export function toMinutes(seconds: Stretches, into: Stretches): void {
  into.clear();
  let minute = Number.NaN;
  let shares: Share[] = [];
  const emit = (service: number, from: number, to: number, row: number): void => {
    const last = into.count - 1;
    if (last >= 0 && into.service[last] === service && into.to[last] === from && into.row[last] === row)
      into.extend(to);
    else into.add(service, from, to, row);
  };
  const flush = (): void => {
    let total = 0;
    let best: Share | undefined;
    for (const share of shares) {
      total += share.seconds;
      if (best === undefined || share.seconds >= best.seconds) best = share; // they lie in the order in which they were last on
    }
    if (best !== undefined && total >= MINUTE_FLOOR_S) emit(best.service, minute * 60, minute * 60 + 60, best.row);
    shares = [];
  };
  for (let place = 0; place < seconds.count; place++) {
    const service = seconds.service[place] as number;
    const row = seconds.row[place] as number;
    const to = seconds.to[place] as number;
    for (let at = seconds.from[place] as number; at < to; ) {
      const current = Math.floor(at / 60);
      if (current !== minute) {
        flush();
        minute = current;
      }
      const whole = at === current * 60 ? Math.floor((to - at) / 60) * 60 : 0;
      if (whole > 0) {
        emit(service, at, at + whole, row);
        at += whole;
        continue;
      }
      const end = Math.min(to, current * 60 + 60);
      const before = shares.findIndex((share) => share.service === service);
      const watched = end - at + (before < 0 ? 0 : (shares.splice(before, 1)[0]?.seconds ?? 0));
      shares.push({ service, seconds: watched, row });
      at = end;
    }
  }
  flush();
}
