// Plays a plan against a server over its public wire, and counts what came of it (O10; V3-V5).

import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { createHandsetClient, type HandsetClient } from './handset-client.ts';
import { createErrands, type ErrandCounts, type Errands } from './handset-errands.ts';
import { fetchHandsetGuide, type HandsetGuide } from './handset-guide.ts';
import { holdStream, type StreamCounts } from './handset-stream.ts';
import type { Act, Delivery, FleetPlan, Handset, HandsetPlan } from './plan.ts';
import { createRandom } from './random.ts';
import { writeBatch, writeReport } from './report-xml.ts';
import type { SimulatedAccount } from './simulated-accounts.ts';

/** Counts of reports, not of requests, except the latencies. */
export interface FleetResult {
  /** Handed to the wire at least once, doubles included. */
  sent: number;
  acknowledged: number;
  /** Answered with something else than 200, or never. */
  refused: number;
  /** Acknowledged reports that repeat an acknowledged one. */
  doubles: number;
  /** Not sent, since the handset's guide says that they are not measured. */
  unmeasured: number;
  /** Attempts that a handset made again: no connection, 429, 503. */
  retries: number;
  /** Statuses with which reports were refused, and how many; 0: no answer; 200: refused inside a batch. */
  refusals: Record<string, number>;
  /** What the server says it did with acknowledged reports (V5): recorded, duplicate, quarantined, not_measured. */
  results: Record<string, number>;
  p50Ms: number;
  p99Ms: number;
  /** Of the handsets that held an event stream. */
  streams: StreamCounts & { handsets: number };
  errands: ErrandCounts;
}

export interface FleetProgress {
  /** Reports dealt with, and all there are. */
  done: number;
  total: number;
  acknowledged: number;
  refused: number;
}

const [DROP_LEAST_MS, DROP_MOST_MS] = [500, 20_000]; // phones in lifts and trains
const PROGRESS_EVERY_MS = 250;
const SLEEP_MOST_MS = 60_000; // a timer holds 24 days at most, and a clock may be set

/**
 * Sends every delivery of the plan. `speed` 0: as fast as the server takes them, handset by handset, each in its order; 1: at
 * their time by the clock; n: n times faster than they happened. At most `concurrency` requests at once. An account that
 * a handset needs and is missing is an Error before anything is sent. With `obeysMarks` each handset fetches its guide first and sends
 * what is measured for its user. An aborted `signal` ends the run with what was done.
 */
export async function runFleet(deps: {
  /** Of one server, or of several that act as one. */
  url: string | readonly string[];
  plan: FleetPlan;
  accounts: readonly SimulatedAccount[];
  speed: number;
  concurrency: number;
  obeysMarks?: boolean;
  /** This share of the modern handsets holds an event stream while it plays, and drops and resumes it. */
  streams?: number;
  /** This share of the handsets orders something that is on offer, where they obey the guide. */
  orders?: number;
  clock: () => number;
  onProgress?: (progress: FleetProgress) => void;
  signal?: AbortSignal;
}): Promise<FleetResult> {
  const { url, plan, speed, clock, signal } = deps;
  const passwords = new Map(deps.accounts.map(({ user, password }) => [user, password]));
  for (const { handset } of plan.handsets) {
    if (!passwords.has(handset.user)) throw new Error(`there is no account for ${handset.user}`);
  }
  const total = plan.handsets.flatMap(({ deliveries }) => deliveries).reduce((sum, { acts }) => sum + acts.length, 0);
  const result = { sent: 0, acknowledged: 0, refused: 0, unmeasured: 0, doubles: 0, retries: 0 };
  const refusals: Record<string, number> = {};
  const results: Record<string, number> = {};
  const latencies: number[] = [];
  const errandCounts: ErrandCounts = { fetched: 0, guides: 0, orders: 0, cancels: 0, keys: 0, wrong: 0 };
  const streams: FleetResult['streams'] = {
    ...{ handsets: 0, received: 0, doubles: 0, outOfOrder: 0, missed: 0, refused: 0, resumes: 0, notRecovered: 0 },
  };
  const slots = createSlots(Math.max(1, deps.concurrency));
  if (signal !== undefined) setMaxListeners(0, signal); // every request under way listens
  const startedAt = clock();
  let toldAt = Number.NEGATIVE_INFINITY;

  const tell = (last: boolean): void => {
    const now = clock();
    if (!last && now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    const { acknowledged, refused, unmeasured } = result;
    deps.onProgress?.({ done: acknowledged + refused + unmeasured, total, acknowledged, refused });
  };

  const untilDue = async (sendAt: number): Promise<void> => {
    if (speed === 0) return;
    // At the speed of life a plan keeps its own hours; faster, its first moment is now.
    const dueAt = speed === 1 ? sendAt : startedAt + (sendAt - plan.from) / speed;
    for (let left = dueAt - clock(); left > 0; left = dueAt - clock()) {
      await setTimeout(Math.min(left, SLEEP_MOST_MS), undefined, signal === undefined ? {} : { signal });
    }
  };

  const deliver = async (
    client: HandsetClient,
    handset: Handset,
    delivery: Delivery,
    errands: Errands | undefined,
  ): Promise<void> => {
    const { acts } = delivery;
    result.sent += acts.length;
    const answer = await client.post(messageOf(delivery, handset, clock));
    result.retries += answer.retries;
    latencies.push(answer.latencyMs);
    const refused =
      answer.status === 200 ? Math.min(acts.length, answer.body.match(/<Refused\b/g)?.length ?? 0) : acts.length;
    result.acknowledged += acts.length - refused;
    result.refused += refused;
    if (delivery.double) result.doubles += acts.length - refused;
    if (refused > 0) refusals[answer.status] = (refusals[answer.status] ?? 0) + refused;
    if (answer.status === 200) {
      for (const [, said = ''] of answer.body.matchAll(/<LogReportResult\b[^>]*\bresult="(\w+)"/g)) {
        results[said] = (results[said] ?? 0) + 1;
      }
    }
    await errands?.obey(answer.body);
    tell(false);
  };

  const play = async ({ handset, deliveries }: HandsetPlan): Promise<void> => {
    const password = passwords.get(handset.user) ?? '';
    const { user, modern: keepAlive } = handset;
    const makeClient = (): HandsetClient =>
      createHandsetClient({ url, user, password, keepAlive, clock, ...(signal === undefined ? {} : { signal }) });
    const client = makeClient();
    const random = createRandom(plan.seed, handset.number);
    const stream =
      handset.modern && random.chance(deps.streams ?? 0)
        ? holdStream({ client: makeClient(), dropAfterMs: () => random.integer(DROP_LEAST_MS, DROP_MOST_MS) })
        : undefined;
    let errands: Errands | undefined;
    try {
      const guide = deps.obeysMarks === true ? await fetchHandsetGuide(client, plan) : undefined;
      const holdsStream = stream !== undefined;
      errands = guide === undefined ? undefined : createErrands({ client, guide, holdsStream, random });
      await errands?.shop(deps.orders ?? 0);
      for (const planned of deliveries) {
        const delivery = { ...planned, acts: planned.acts.filter((act) => isMeasured(act, guide)) };
        result.unmeasured += planned.acts.length - delivery.acts.length;
        if (delivery.acts.length === 0) continue;
        await untilDue(delivery.sendAt);
        signal?.throwIfAborted();
        if (speed === 0) await deliver(client, handset, delivery, errands);
        else await slots.use(() => deliver(client, handset, delivery, errands));
      }
    } finally {
      client.close();
      if (errands !== undefined) addUp(errandCounts, errands.counts);
      if (stream !== undefined) addUp(streams, { handsets: 1, ...(await stream.finish()) });
    }
  };

  // As fast as possible, a handset holds its slot from its first report to its last, and so one connection at a time.
  const plays = plan.handsets.map((handset) => (speed === 0 ? slots.use(() => play(handset)) : play(handset)));
  const failed = (await Promise.allSettled(plays)).find((played) => played.status === 'rejected');
  if (failed !== undefined && signal?.aborted !== true) throw failed.reason;
  tell(true);
  latencies.sort((a, b) => a - b);
  return {
    ...result,
    streams,
    errands: errandCounts,
    refusals,
    results,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

/**
 * A simple handset dates its message with the time of what happened. A modern one tells that time in the extension and the
 * time of sending in Date or in the batch, both by its own clock, from which a server measures the clock's error (V4).
 */
function messageOf(delivery: Delivery, handset: Handset, clock: () => number) {
  const [act] = delivery.acts;
  if (act === undefined) throw new Error('a delivery has at least one report');
  const itsNow = (): Date => new Date(Math.round((clock() + handset.clockErrorMs) / 1_000) * 1_000);
  return {
    path: delivery.batch ? '/reports/batch' : '/',
    body: () => (delivery.batch ? writeBatch(delivery.acts, handset, clock()) : writeReport(act, handset)),
    date: () => (handset.modern ? itsNow() : new Date(act.at)),
  };
}

function addUp<Counts extends Record<keyof Counts, number>>(sum: Counts, counts: Counts): void {
  for (const name of Object.keys(counts) as (keyof Counts)[])
    sum[name] = (sum[name] + counts[name]) as Counts[keyof Counts];
}

/** A LogOut tells of what was before it. */
function isMeasured({ type, service, at }: Act, guide: HandsetGuide | undefined): boolean {
  return guide === undefined || guide.isMeasured(service, type === 'LogOutInfo' ? at - 1 : at);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Lets so many works run at once; the others wait in order. */
function createSlots(limit: number): { use(work: () => Promise<void>): Promise<void> } {
  const waiting: (() => void)[] = [];
  let free = limit;
  return {
    async use(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
