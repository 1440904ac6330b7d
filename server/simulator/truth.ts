// The truth of a simulated fleet as a document, to compare a server's figures with (O10; R2).

import { hash } from 'node:crypto';
import type { ExpectedSession, FleetPlan } from './plan.ts';

/** Figures of one service. A user's second counts once, for the service turned to last, on however many devices; sessions below 60 s are left out (R2). */
export interface ServiceTruth {
  service: string;
  sessions: number;
  /** Below 60 s: surfing (V12). */
  surfing: number;
  /** Of expected sessions in which nothing was lost. */
  cleanViewerSeconds: number;
  /** Of all expected sessions, crashed ones as the server must take them. */
  viewerSeconds: number;
  /** Users with 60 s or more without a break. */
  reach: number;
}

const DWELL_MS = 60_000;

/** The truth by service, in order of their names. */
export function serviceTruths(plan: FleetPlan): ServiceTruth[] {
  const byService = Map.groupBy(
    plan.handsets.flatMap(({ expected }) => expected),
    ({ service }) => service,
  );
  const counted = [...byService.values()].flat().filter(isCounted);
  const runs = runsOf(counted);
  const cleanRuns = runsOf(counted.filter(({ clean }) => clean));
  const secondsOn = (service: string, of: readonly Run[]): number =>
    sum(of.filter((run) => run.service === service).map(({ from, to }) => (to - from) / 1_000));
  return [...byService.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, sessions]) => {
      const reached = runs.filter((run) => run.service === service && run.to - run.from >= DWELL_MS);
      return {
        service,
        sessions: sessions.length,
        surfing: sessions.filter((session) => !isCounted(session)).length,
        cleanViewerSeconds: secondsOn(service, cleanRuns),
        viewerSeconds: secondsOn(service, runs),
        reach: new Set(reached.map(({ user }) => user)).size,
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
    orders: plan.handsets.flatMap(({ handset: { number, user }, orders }) =>
      orders.map(({ item, at, cancelledAt }) => ({
        ...{ handset: number, user, item, at: iso(at) },
        ...(cancelledAt === undefined ? {} : { cancelledAt: iso(cancelledAt) }),
      })),
    ),
    streams: plan.handsets.flatMap(({ handset: { number, user }, stream }) =>
      stream === undefined ? [] : [{ handset: number, user, ...stream }],
    ),
    services: serviceTruths(plan),
    sessions: plan.handsets.flatMap(({ sessions }) => sessions.map(withIsoTimes)),
    expected: plan.handsets.flatMap(({ expected }) => expected.map(withIsoTimes)),
  };
}

/** A time without a break in which a user's seconds count for one service. */
type Run = Pick<ExpectedSession, 'user' | 'service' | 'from' | 'to'>;

const isCounted = ({ from, to }: ExpectedSession): boolean => to - from >= DWELL_MS;

/** Two that begin at once draw by lot, as figures say it: by the greater SHA-256 of "beginning in epoch ms, service". */
function isLater(a: ExpectedSession, b: ExpectedSession): boolean {
  const lotOf = ({ from, service }: ExpectedSession): string => hash('sha256', `${from} ${service}`);
  return a.from === b.from ? lotOf(a) > lotOf(b) : a.from > b.from;
}

/** Instant by instant: of what a user's devices show the session that began last counts. */
function runsOf(sessions: readonly ExpectedSession[]): Run[] {
  const runs: Run[] = [];
  for (const [user, own] of Map.groupBy(sessions, (session) => session.user)) {
    const instants = [...new Set(own.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
    let last: Run | undefined;
    for (const [index, from] of instants.entries()) {
      const to = instants[index + 1] ?? from;
      const shown = own.filter((session) => session.from <= from && from < session.to);
      const latest = shown.reduce<ExpectedSession | undefined>(
        (best, each) => (best === undefined || isLater(each, best) ? each : best),
        undefined,
      );
      if (latest === undefined) last = undefined;
      else if (last?.service === latest.service) last.to = to;
      else {
        last = { user, service: latest.service, from, to };
        runs.push(last);
      }
    }
  }
  return runs;
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
