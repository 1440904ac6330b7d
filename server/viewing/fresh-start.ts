// Where deriving a device's sessions may begin, so that it gives what deriving from the beginning gives (V11). Pure.

import type { SessionRules } from './derive-sessions.ts';
import { findInverted, GREATEST_JUMP_MS } from './inverted-reports.ts';
import type { StoredReport } from './report.ts';

/**
 * The latest instant at or before `at`, the time of a report, before which nothing was open: the device had logged out, or was
 * silent for longer than any session lives. Undefined when the reports do not show one; they are in order, and all of the
 * device since some time. A second that may be one end of a clock's jump is passed over.
 */
export function findFreshStart(
  reports: readonly StoredReport[],
  at: number,
  { capMs }: SessionRules,
): number | undefined {
  const mayJump = (instant: number): boolean =>
    reports.some(
      ({ sequence, sentAt }) => sequence !== undefined && sentAt < instant && instant - sentAt <= GREATEST_JUMP_MS,
    );
  const { rest } = findInverted(reports);
  let start = at;
  for (let index = rest.findLastIndex(({ sentAt }) => sentAt < at); index >= 0; ) {
    const instant = rest[index]?.sentAt ?? start;
    let isOver = true;
    for (; rest[index]?.sentAt === instant; index -= 1) {
      isOver &&= rest[index]?.type === 'LogOutInfo' || rest[index]?.service === '';
    }
    if ((isOver || start - instant > capMs) && !mayJump(start)) return start;
    start = instant;
  }
  return undefined;
}
