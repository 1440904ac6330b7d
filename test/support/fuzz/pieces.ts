// Any file in any pieces: what is read of it must not depend on where it was cut (O11).

import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../../server/problem.ts';

export const place = fc.double({ min: 0, max: 1, noNaN: true });

/** Bytes that are no UTF-8. */
export const BROKEN = [Buffer.from([0xff]), Buffer.from([0xfe, 0xff]), Buffer.from([0xc3]), Buffer.from([0xf0, 0x9f])];

/** Where to cut: a few places, or after each byte. */
export const cuts = fc.oneof(
  { weight: 4, arbitrary: fc.array(place, { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constant('each' as const) },
);

/** The same bytes in pieces. */
export function cutUp(bytes: Buffer, at: readonly number[] | 'each'): Buffer[] {
  const places =
    at === 'each' ? [...bytes.keys()] : at.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
  return [...places, bytes.length]
    .map((to, index, all) => bytes.subarray(all[index - 1] ?? 0, to))
    .filter((piece) => piece.length > 0);
}

/** What was read before the end, or before the problem. */
export interface Outcome {
  items: unknown[];
  problem?: Problem;
}

/** Reads to the end; anything but a Problem goes through. */
export async function collect(items: AsyncIterable<unknown>): Promise<Outcome> {
  const found: unknown[] = [];
  try {
    for await (const item of items) found.push(...(Array.isArray(item) ? item : [item]));
    return { items: found };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    expect(problem.code).to.equal('invalid');
    return { items: found, problem };
  }
}

/** The same items, or problems that are alike. */
export function expectSame(whole: Outcome, pieces: Outcome, alike: (one: Problem, other: Problem) => boolean): void {
  if (whole.problem !== undefined && pieces.problem !== undefined && alike(whole.problem, pieces.problem)) return;
  expect(pieces.problem?.detail).to.equal(whole.problem?.detail);
  expect(pieces.items).to.deep.equal(whole.items);
}
