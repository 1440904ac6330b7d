// When reports were sent, by what is learnt of each device's clock (V4).

import type { LogReport } from './report.ts';
import { type ClockEstimate, type TimeLimits, timeReport } from './report-time.ts';

/** When the request came in, and by the sender's clock the HTTP Date header and a batch's own time of sending; epoch ms. */
interface RequestTimes {
  arrivedAt: number;
  date?: number;
  batchSentAt?: number;
}

const KNOWN_CLOCKS = 200_000;
const SAME_EVENT_MS = 1_500; // a Date that close to the client time tells the same moment in whole seconds

/** Answers what the sender claims, the corrected time of sending, and why the report can't count; remembers the device's clock. */
export function createDeviceClocks(limits: TimeLimits) {
  const clocks = new Map<number, ClockEstimate>();
  return (report: LogReport, { arrivedAt, date, batchSentAt }: RequestTimes, device: number) => {
    const { clientTime } = report.extension ?? {};
    const claimedAt = clientTime ?? date;
    const queued = clientTime !== undefined && date !== undefined && date - clientTime > SAME_EVENT_MS;
    const sendClockAt = batchSentAt ?? (queued ? date : undefined);
    const claim = {
      receivedAt: arrivedAt,
      ...(claimedAt === undefined ? {} : { claimedAt }),
      ...(sendClockAt === undefined ? {} : { sendClockAt }),
    };
    const timed = timeReport(claim, clocks.get(device), limits);
    if (timed.estimate !== undefined && (timed.estimate.skewMs !== 0 || timed.estimate.lag !== undefined)) {
      if (clocks.size >= KNOWN_CLOCKS) clocks.clear();
      clocks.set(device, timed.estimate);
    }
    return { claimedAt, ...timed };
  };
}
