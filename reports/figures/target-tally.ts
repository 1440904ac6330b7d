// What one target of a report gathers from the viewing in it: seconds, reach, minutes (ratings R2).

import type { Span } from './spans.ts';
import { createMinuteBins } from './time-bins.ts';

/** Who counts as reached: `kSeconds` or more, in one run or in all; at least one second always. */
export interface Reach {
  kSeconds: number;
  kind: 'consecutive' | 'cumulative';
}

/** A clock minute, by its first epoch second, and the average audience of its measured seconds. */
export interface MinuteAudience {
  at: number;
  audience: number;
}

export interface TargetTally {
  /** Viewing [from, to) within the target; a viewer's come one after the other and in order of time. */
  add(viewer: number, from: number, to: number, weight: number): void;
  /** The sums so far. */
  read(): { viewerSeconds: number; viewers: number; reach: number; reached: number };
  /** The best and the worst minute of W; absent where W is empty or minutes aren't kept. */
  minutes(within: readonly Span[]): { peak: MinuteAudience; lowest: MinuteAudience } | undefined;
}

/** A tally over `extent`; `keepsMinutes` costs 16 bytes a minute of it. A run ends where the target's time does. */
export function createTargetTally(extent: Span, reach: Reach, keepsMinutes: boolean): TargetTally {
  const least = Math.max(1, reach.kSeconds); // reach(0) is whoever watched at all
  const bins = keepsMinutes ? createMinuteBins(extent.from, extent.to) : undefined;
  let [viewerSeconds, viewers, reached, reachWeight] = [0, 0, 0, 0];
  let [current, weightNow, seconds, run, longest, runEnd] = [Number.NaN, 0, 0, 0, 0, Number.NaN];
  const settle = (): void => {
    if (seconds === 0) return;
    viewers++;
    if ((reach.kind === 'consecutive' ? longest : seconds) >= least) {
      reached++;
      reachWeight += weightNow;
    }
    seconds = 0;
  };
  return {
    add(viewer, from, to, weight) {
      if (viewer !== current) {
        settle();
        current = viewer;
        weightNow = weight;
        run = 0;
        longest = 0;
        runEnd = Number.NaN;
      }
      seconds += to - from;
      run = from === runEnd ? run + to - from : to - from;
      runEnd = to;
      if (run > longest) longest = run;
      viewerSeconds += weight * (to - from);
      bins?.add(from, to, weight);
    },
    read() {
      settle();
      current = Number.NaN;
      return { viewerSeconds, viewers, reach: reachWeight, reached };
    },
    minutes(within) {
      if (bins === undefined || within.length === 0) return undefined;
      const first = Math.floor(extent.from / 60);
      const sums = bins.sums();
      let peak: MinuteAudience | undefined;
      let lowest: MinuteAudience | undefined;
      for (const span of minuteSpans(within)) {
        const audience = (sums[span.minute - first] ?? 0) / span.seconds;
        if (peak === undefined || audience > peak.audience) peak = { at: span.minute * 60, audience };
        if (lowest === undefined || audience < lowest.audience) lowest = { at: span.minute * 60, audience };
      }
      return peak === undefined || lowest === undefined ? undefined : { peak, lowest };
    },
  };
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
