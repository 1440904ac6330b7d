// The report on a day without data, in UTC.

import type { DayQuality } from '../../reports/quality/day-quality.ts';
import { createDayTally } from '../../reports/quality/day-tally.ts';

export function dayQuality(date: string, madeAt = 0): DayQuality {
  const from = Date.parse(date);
  const schedule = {
    isKnownService: () => true,
    dwellMsOf: () => 0,
    hasProgramme: () => true,
    scheduledAt: () => undefined,
  };
  return createDayTally({ date, zone: 'UTC', from, to: from + 86_400_000 }, schedule).finish(0, madeAt);
}
