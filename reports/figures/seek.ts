// Finding a place among ascending times at a near constant cost: a table of first guesses, a step or two from there (R18).

import { countUpTo } from './spans.ts';

export interface Seek {
  values: Float64Array;
  origin: number;
  /** Table entries a unit of time. */
  scale: number;
  /** How many values are at most the beginning of each entry's time. */
  table: Int32Array;
}

/** As many entries as values, at least: times of programmes and quarter-hours lie even enough. */
export function createSeek(values: Float64Array): Seek {
  const origin = values[0] ?? 0;
  const length = Math.max(1, (values.at(-1) ?? 0) - origin);
  const entries = values.length * 2 + 1;
  const scale = entries / length;
  const table = Int32Array.from({ length: entries }, (_, entry) => countUpTo(values, origin + entry / scale));
  // what rounding may put into the entry before must not be passed over
  for (let entry = entries - 1; entry > 0; entry--) table[entry] = table[entry - 1] as number;
  table[0] = 0;
  return { values, origin, scale, table };
}

/** The number of values that are at most `x`. */
export function countBelow({ values, origin, scale, table }: Seek, x: number): number {
  if (x < origin) return 0;
  const entry = Math.floor((x - origin) * scale);
  let place = table[entry < table.length ? entry : table.length - 1] as number;
  while (place < values.length && (values[place] as number) <= x) place++;
  return place;
}
