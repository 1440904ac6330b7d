// Groups as a column of bytes: which group each member is in, and their names in order (ratings R3).

import { Problem } from '../../server/problem.ts';

/** Where nothing is told: members of no group, services and programmes that the guide doesn't know until it does (V12). */
export const UNKNOWN = 'Unknown';
/** A breakdown into more says nothing, and one of few people each says too much (R14). */
const GROUPS_MOST = 200;

export interface GroupColumn {
  /** Puts the next member, by its place from 0 in any order, into a group. Members who are never put are Unknown. */
  put(member: number, name: string): void;
  /**
   * Names in natural order ("5-9" before "10-14"), Unknown last where there are such among `count` members; and the place in them of each.
   * Problem `too_large` for more than GROUPS_MOST names.
   */
  finish(count: number): Groups;
}

interface Groups {
  names: readonly string[];
  groupOf(member: number): number;
}

const FIRST_SIZE = 1_024;
const natural = new Intl.Collator('en', { numeric: true });
/** Negative when `one` comes first; the same in every process. */
export const compareNames = (one: string, other: string): number =>
  natural.compare(one, other) || (one < other ? -1 : 1);

export function createGroupColumn(of: string): GroupColumn {
  let codes = new Uint8Array(FIRST_SIZE); // 0: not put
  const known = new Map<string, number>();
  let hasTooMany = false;

  return {
    put(member, name) {
      if (hasTooMany) return;
      let code = known.get(name);
      if (code === undefined) {
        if (known.size === GROUPS_MOST) {
          hasTooMany = true;
          codes = new Uint8Array(0);
          return;
        }
        code = known.size + 1;
        known.set(name, code);
      }
      while (member >= codes.length) {
        const larger = new Uint8Array(2 * codes.length);
        larger.set(codes);
        codes = larger;
      }
      codes[member] = code;
    },

    finish(count) {
      if (hasTooMany) throw new Problem('too_large', `there are more than ${GROUPS_MOST} groups by ${of}`);
      // Whoever says "Unknown" is with those who say nothing.
      const told = [...known.keys()].filter((name) => name !== UNKNOWN).sort(compareNames);
      const saysUnknown = known.has(UNKNOWN) || known.size === 0 || count > codes.length;
      const hasUnknown = saysUnknown || codes.subarray(0, count).includes(0);
      const names = hasUnknown ? [...told, UNKNOWN] : told;
      const places = new Uint8Array(known.size + 1).fill(told.length);
      for (const [place, name] of told.entries()) places[known.get(name) ?? 0] = place;
      return { names, groupOf: (member) => places[codes[member] ?? 0] ?? told.length };
    },
  };
}
