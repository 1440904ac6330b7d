// When a report was sent, by a clock that may be wrong (V4).

import type { QuarantineReason } from './report.ts';

export interface TimeLimits {
  /** A clock that is off by more is not believed. */
  clockSkewLimitMs: number;
  /** A report that is older is too late to count. */
  reportMaxAgeMs: number;
}

/** What a report says of time, epoch ms: `claimedAt` the event's, `sendClockAt` the sender's clock when it was sent. */
export interface TimeClaim {
  claimedAt?: number;
  sendClockAt?: number;
  receivedAt: number;
}

/** What is known of a device's clock; positive means fast. */
export interface ClockEstimate {
  skewMs: number;
  /** Claims that lag behind receipt: a slow clock or a late report, told apart by keeping the same lag over time. */
  lag?: { leastMs: number; mostMs: number; count: number; since: number };
}

const TOLERANCE_MS = 2_000; // HTTP Date counts whole seconds, and networks take a moment
const SAME_LAG_MS = 10_000;
const SAME_LAG_COUNT = 3;
const SAME_LAG_FOR_MS = 5 * 60_000; // a batch of late reports lags alike for seconds, a slow clock for ever

/** Corrects a claim; answers the time of sending, what the clock is now thought to be, and why it can't count. */
export function timeReport(
  claim: TimeClaim,
  known: ClockEstimate | undefined,
  limits: TimeLimits,
): { sentAt: number; estimate: ClockEstimate | undefined; quarantine?: QuarantineReason } {
  const { claimedAt, sendClockAt, receivedAt } = claim;
  if (claimedAt === undefined) return { sentAt: receivedAt, estimate: known };
  const estimate = measure(claimedAt, sendClockAt, receivedAt, known);
  const skewMs = Math.abs(estimate.skewMs) > TOLERANCE_MS ? estimate.skewMs : 0;
  if (Math.abs(skewMs) > limits.clockSkewLimitMs) {
    const ahead = claimedAt - receivedAt > limits.clockSkewLimitMs;
    return { sentAt: claimedAt, estimate: known, quarantine: ahead ? 'future' : 'clock_skew' };
  }
  const sentAt = claimedAt - skewMs;
  if (sentAt - receivedAt > TOLERANCE_MS) return { sentAt, estimate, quarantine: 'future' };
  if (receivedAt - sentAt > limits.reportMaxAgeMs) return { sentAt, estimate, quarantine: 'too_old' };
  return { sentAt: Math.min(sentAt, receivedAt), estimate };
}

function measure(
  claimedAt: number,
  sendClockAt: number | undefined,
  receivedAt: number,
  known: ClockEstimate | undefined,
): ClockEstimate {
  if (sendClockAt !== undefined) return { skewMs: sendClockAt - receivedAt };
  const ahead = claimedAt - receivedAt;
  if (ahead > TOLERANCE_MS) return { skewMs: Math.max(ahead, known?.skewMs ?? 0) };
  if (known !== undefined && known.skewMs > 0) return known;
  const lag = known?.lag;
  if (ahead > -SAME_LAG_MS) return { skewMs: 0 };
  if (lag === undefined || Math.max(lag.mostMs, -ahead) - Math.min(lag.leastMs, -ahead) > SAME_LAG_MS) {
    return { skewMs: 0, lag: { leastMs: -ahead, mostMs: -ahead, count: 1, since: receivedAt } };
  }
  const next = {
    leastMs: Math.min(lag.leastMs, -ahead),
    mostMs: Math.max(lag.mostMs, -ahead),
    count: lag.count + 1,
    since: lag.since,
  };
  const proven = next.count >= SAME_LAG_COUNT && receivedAt - next.since >= SAME_LAG_FOR_MS;
  return { skewMs: proven ? -next.leastMs : 0, lag: next };
}
