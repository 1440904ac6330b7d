// When keys begin and end: the same periods for every service, counted from 1970 in UTC (G11). Pure.

/** [from, to) in epoch ms. */
export interface KeyPeriod {
  from: number;
  to: number;
}

export interface KeySchedule {
  periodMs: number;
  /** How long before a period begins its keys are given out. */
  leadMs: number;
}

function periodAt(at: number, { periodMs }: KeySchedule): KeyPeriod {
  const from = Math.floor(at / periodMs) * periodMs;
  return { from, to: from + periodMs };
}

/** The periods whose keys a subscriber gets now, who is one until `until` (epoch ms): the present one, and within the lead the next. */
export function periodsToGive(now: number, until: number | undefined, schedule: KeySchedule): KeyPeriod[] {
  const present = periodAt(now, schedule);
  const next = periodAt(present.to, schedule);
  const isNear = next.from - schedule.leadMs <= now;
  return isNear && next.from < (until ?? Number.POSITIVE_INFINITY) ? [present, next] : [present];
}

/** The period of which handsets are to be told now that its keys are there: soon to come, or begun no longer ago than the lead. */
export function periodToTell(now: number, schedule: KeySchedule): KeyPeriod | undefined {
  const ahead = periodAt(now + schedule.leadMs, schedule);
  return now - ahead.from < schedule.leadMs ? ahead : undefined;
}
