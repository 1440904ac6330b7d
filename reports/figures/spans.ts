// Sets of time as ordered, disjoint, half-open spans of whole seconds, and the arithmetic on them (ratings R2, R4).

/** [from, to) in epoch seconds. */
export interface Span {
  from: number;
  to: number;
}

/** Any spans as ordered, disjoint ones; empty ones vanish. */
export function unite(spans: readonly Span[]): Span[] {
  const sorted = spans.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from);
  const united: Span[] = [];
  for (const { from, to } of sorted) {
    const last = united.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else united.push({ from, to });
  }
  return united;
}

/** What lies in both; each ordered and disjoint. */
export function intersect(a: readonly Span[], b: readonly Span[]): Span[] {
  const common: Span[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i] as Span, b[j] as Span];
    const from = Math.max(x.from, y.from);
    const to = Math.min(x.to, y.to);
    if (from < to) common.push({ from, to });
    if (x.to < y.to) i++;
    else j++;
  }
  return common;
}

/** `a` without `b`; each ordered and disjoint. */
export function subtract(a: readonly Span[], b: readonly Span[]): Span[] {
  const rest: Span[] = [];
  for (const { from, to } of a) {
    let cursor = from;
    for (const hole of b) {
      if (hole.to <= cursor || hole.from >= to) continue;
      if (hole.from > cursor) rest.push({ from: cursor, to: hole.from });
      cursor = Math.max(cursor, hole.to);
    }
    if (cursor < to) rest.push({ from: cursor, to });
  }
  return rest;
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The number of values that are at most `x`, in ascending values. */
export function countUpTo(values: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
