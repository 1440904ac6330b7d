// The best and the worst minute of a target (ratings R2).

import type { Span } from './spans.ts';

/** A clock minute, by its first epoch second, and the average audience of its measured seconds. */
export interface MinuteAudience {
  at: number;
  audience: number;
}

/** Peak and lowest of the minutes that W touches, the first of equals. `sums` are weighted seconds by minute from `first`. */
export function extremeMinutes(
  within: readonly Span[],
  first: number,
  sums: Float64Array,
): { peak: MinuteAudience; lowest: MinuteAudience } | undefined {
  let peak: MinuteAudience | undefined;
  let lowest: MinuteAudience | undefined;
  for (const { minute, seconds } of minuteSpans(within)) {
    const audience = (sums[minute - first] ?? 0) / seconds;
    if (peak === undefined || audience > peak.audience) peak = { at: minute * 60, audience };
    if (lowest === undefined || audience < lowest.audience) lowest = { at: minute * 60, audience };
  }
  return peak === undefined || lowest === undefined ? undefined : { peak, lowest };
}

/** The clock minutes that spans touch, in order, with how many of their seconds do. */
function* minuteSpans(spans: readonly Span[]): Generator<{ minute: number; seconds: number }> {
  let minute = Number.NaN;
  let seconds = 0;
  for (const { from, to } of spans) {
    for (let at = from; at < to; ) {
      const current = Math.floor(at / 60);
      if (current !== minute) {
        if (seconds > 0) yield { minute, seconds };
        minute = current;
        seconds = 0;
      }
      const end = Math.min(to, current * 60 + 60);
      seconds += end - at;
      at = end;
    }
  }
  if (seconds > 0) yield { minute, seconds };
}
