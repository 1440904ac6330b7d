// From the sessions of one viewer to what that viewer watched, each second once (ratings R1, R2; viewing V12).

import { hash } from 'node:crypto';
import type { ViewingBatch } from '../viewing/viewing-batch.ts';
import type { Stretches } from './stretches.ts';

/** Epoch ms to the whole second it lies in. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

/**
 * What the viewer of rows [first, end) watched over all devices, into `into`. At every second the session that started last
 * counts (of two that start at once, that with the greater SHA-256 of "startedAt service", in hex: D26); when it ends, an
 * earlier one that still runs goes on. A session whose whole length is below its service's dwell is surfing, kept but never
 * audience (V12): a second surfed on one device stays with what another shows.
 */
export function cleanViewing(
  batch: ViewingBatch,
  first: number,
  end: number,
  services: readonly string[],
  dwellMs: ArrayLike<number>,
  into: Stretches,
): void {
  into.clear();
  const { startedAt, endedAt, service } = batch;
  let last = Number.NEGATIVE_INFINITY;
  for (let row = first; row < end; row++) {
    const startMs = startedAt[row] as number;
    const endMs = endedAt[row] as number;
    if (endMs - startMs < (dwellMs[service[row] as number] as number)) continue;
    const from = secondOf(startMs);
    if (from < last) {
      untangle(batch, first, end, services, dwellMs, into);
      return;
    }
    last = secondOf(endMs);
    if (from < last) into.add(service[row] as number, from, last, row);
  }
}

/** The same of sessions that overlap: two devices, as a rule. */
function untangle(
  batch: ViewingBatch,
  first: number,
  end: number,
  services: readonly string[],
  dwellMs: ArrayLike<number>,
  into: Stretches,
): void {
  into.clear();
  const { startedAt, endedAt, service, device } = batch;
  const order: number[] = [];
  for (let row = first; row < end; row++) {
    if (lengthOf(batch, row) >= (dwellMs[service[row] as number] as number)) order.push(row);
  }
  const lotOf = (row: number): string => hash('sha256', `${startedAt[row]} ${services[service[row] as number]}`);
  order.sort((a, b) => {
    const apart = (startedAt[a] as number) - (startedAt[b] as number);
    if (apart !== 0) return apart;
    const [lotA, lotB] = [lotOf(a), lotOf(b)];
    return lotA === lotB ? (device[a] as number) - (device[b] as number) : lotA < lotB ? -1 : 1;
  });
  const running: number[] = []; // a stack: whoever starts later lies on top
  let cursor = Number.NEGATIVE_INFINITY;
  const advance = (until: number): void => {
    while (cursor < until) {
      const row = running.at(-1);
      if (row === undefined) {
        cursor = until;
        return;
      }
      const ended = secondOf(endedAt[row] as number);
      if (ended <= cursor) {
        running.pop();
        continue;
      }
      const to = Math.min(ended, until);
      into.add(service[row] as number, cursor, to, row);
      cursor = to;
    }
  };
  for (const row of order) {
    advance(secondOf(startedAt[row] as number));
    running.push(row);
  }
  advance(Number.POSITIVE_INFINITY);
}

const lengthOf = ({ startedAt, endedAt }: ViewingBatch, row: number): number =>
  (endedAt[row] as number) - (startedAt[row] as number);
