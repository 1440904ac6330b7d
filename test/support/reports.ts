// Reports for tests: the message, and stored ones with times counted in minutes of one evening.

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

/** The method's message, as the oldest handsets send it. */
export const logReport = (type: string, user: string, service: string, programme: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<LogReport xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="LogReport.xsd">
  <Message_Type Message_Type_Type="${type}"/>
  <User_ID User_ID_Type="${user}"/>
  <Service_ID Service_ID_Type="${service}"/>
  <Program_ID Program_ID_Type="${programme}"/>
</LogReport>`;
