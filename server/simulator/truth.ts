// The truth of a simulated fleet as a document, to compare a server's figures with (O10; R2).

import type { ExpectedSession, FleetPlan } from './plan.ts';

/** Figures of one service. A viewer's second counts once, on however many devices; sessions below 60 s are left out. */
export interface ServiceTruth {
  service: string;
  sessions: number;
  /** Below 60 s: surfing (V12). */
  surfing: number;
  /** Of expected sessions in which nothing was lost. */
  cleanViewerSeconds: number;
  /** Of all expected sessions, crashed ones as the server must take them. */
  viewerSeconds: number;
  /** Users with 60 s or more in all. */
  reach: number;
}

const DWELL_MS = 60_000;

/** The truth by service, in order of their names. */
export function serviceTruths(plan: FleetPlan): ServiceTruth[] {
  const byService = Map.groupBy(
    plan.handsets.flatMap(({ expected }) => expected),
    ({ service }) => service,
  );
  return [...byService.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, sessions]) => {
      const counted = sessions.filter(({ from, to }) => to - from >= DWELL_MS);
      const all = secondsByUser(counted);
      const clean = secondsByUser(counted.filter((session) => session.clean));
      return {
        service,
        sessions: sessions.length,
        surfing: sessions.length - counted.length,
        cleanViewerSeconds: sum(clean.values()),
        viewerSeconds: sum(all.values()),
        reach: [...all.values()].filter((seconds) => seconds * 1_000 >= DWELL_MS).length,
      };
    });
}

/** The whole truth, times in ISO 8601, ready for JSON.stringify. */
export function truthDocument(plan: FleetPlan): object {
  const deliveries = plan.handsets.flatMap((handset) => handset.deliveries);
  const doubles = deliveries.filter(({ double }) => double);
  return {
    seed: plan.seed,
    from: iso(plan.from),
    to: iso(plan.to),
    handsets: plan.handsets.map(({ handset }) => handset),
    users: new Set(plan.handsets.map(({ handset }) => handset.user)).size,
    reportsSent: reportsIn(deliveries),
    doubles: reportsIn(doubles),
    distinctReports: reportsIn(deliveries) - reportsIn(doubles),
    batches: deliveries.filter(({ batch }) => batch).length,
    crashes: plan.handsets.flatMap(({ sessions }) => sessions).filter(({ end }) => end === 'crashed').length,
    services: serviceTruths(plan),
    sessions: plan.handsets.flatMap(({ sessions }) => sessions.map(withIsoTimes)),
    expected: plan.handsets.flatMap(({ expected }) => expected.map(withIsoTimes)),
  };
}

function secondsByUser(sessions: readonly ExpectedSession[]): Map<string, number> {
  const byUser = Map.groupBy(sessions, ({ user }) => user);
  return new Map([...byUser].map(([user, own]) => [user, unionMs(own) / 1_000]));
}

function unionMs(sessions: readonly ExpectedSession[]): number {
  let covered = 0;
  let upTo = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...sessions].sort((a, b) => a.from - b.from)) {
    covered += Math.max(0, to - Math.max(from, upTo));
    upTo = Math.max(upTo, to);
  }
  return covered;
}

const reportsIn = (deliveries: readonly { acts: readonly unknown[] }[]): number =>
  sum(deliveries.map(({ acts }) => acts.length));
const iso = (at: number): string => new Date(at).toISOString();
const withIsoTimes = <T extends { from: number; to: number }>(session: T): object => ({
  ...session,
  from: iso(session.from),
  to: iso(session.to),
});

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
