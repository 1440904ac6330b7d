// Pairs that a handset sends one way round and dates the other: its clock jumped between them (V12 "ends before it starts"). Pure.

import type { StoredReport } from './report.ts';

interface Inversion {
  logIn: StoredReport;
  logOut: StoredReport;
}

/** A clock that is off by more is quarantined when it reports (V4); further apart, the count began anew. */
export const GREATEST_JUMP_MS = 10 * 60_000;

/**
 * A LogOut counted right after a LogIn for the same service and received after it, yet dated before it; unless a LogIn of that
 * count is dated shortly before, since counts begin anew when a handset restarts. Neither takes part in other sessions; `rest` is
 * all others, in order. Whether two are a pair depends on no report further away than GREATEST_JUMP_MS.
 */
export function findInverted(reports: readonly StoredReport[]): {
  inversions: Inversion[];
  rest: readonly StoredReport[];
} {
  const logIns = Map.groupBy(
    reports.filter(({ type, sequence }) => type === 'LogInInfo' && sequence !== undefined),
    ({ sequence, service }) => `${sequence} ${service}`,
  );
  if (logIns.size === 0) return { inversions: [], rest: reports };
  const inversions: Inversion[] = [];
  const used = new Set<StoredReport>();
  for (const logOut of reports.toSorted((a, b) => a.sentAt - b.sentAt)) {
    if (logOut.type !== 'LogOutInfo' || logOut.sequence === undefined) continue;
    const near = (logIns.get(`${logOut.sequence - 1} ${logOut.service}`) ?? []).filter(
      ({ sentAt }) => Math.abs(sentAt - logOut.sentAt) <= GREATEST_JUMP_MS,
    );
    if (near.some(({ sentAt }) => sentAt <= logOut.sentAt)) continue;
    const [logIn] = near
      .filter((one) => one.receivedAt < logOut.receivedAt)
      .sort((a, b) => a.sentAt - b.sentAt || a.key - b.key);
    if (logIn === undefined || used.has(logIn)) continue;
    inversions.push({ logIn, logOut });
    used.add(logIn).add(logOut);
  }
  return { inversions, rest: used.size === 0 ? reports : reports.filter((report) => !used.has(report)) };
}
