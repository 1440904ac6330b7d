// Stored reports for tests, with times counted in minutes of one evening.

import { keyOf } from '../../server/viewing/pseudonyms.ts';
import type { StoredReport } from '../../server/viewing/report.ts';

export const EVENING = Date.UTC(2026, 10, 20, 18);
export const atMinute = (minute: number): number => EVENING + Math.round(minute * 60_000);

/** A verified report of device 7, viewer 70. */
export function report(
  type: 'in' | 'out',
  minute: number,
  service: string,
  programme = '',
  more: Partial<StoredReport> = {},
): StoredReport {
  const sentAt = atMinute(minute);
  return {
    device: 7,
    viewer: 70,
    type: type === 'in' ? 'LogInInfo' : 'LogOutInfo',
    service,
    programme,
    sentAt,
    receivedAt: sentAt,
    key: keyOf(`${type}\n${service}\n${programme}\n${sentAt}\n${more.reportId ?? ''}`),
    verified: true,
    origin: 1,
    document: { template: 0, rest: '' },
    ...more,
  };
}
