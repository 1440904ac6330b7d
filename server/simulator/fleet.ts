// Plays a plan against a server over its public wire, and counts what came of it (O10; V3-V5).

import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { EventRecord } from './event-record.ts';
import { createHandsetClient, type HandsetClient } from './handset-client.ts';
import { type ErrandCounts, noErrands } from './handset-errands.ts';
import { type Played, playHandset } from './handset-play.ts';
import { createHandsetSurveys, NO_SURVEYS, type SurveyCounts, type SurveyHabits } from './handset-survey.ts';
import type { Delivery, FleetPlan, Handset, HandsetPlan } from './plan.ts';
import { createRandom } from './random.ts';
import { type EventCounts, noEvents, type ReceivedEvent } from './received-events.ts';
import { writeBatch, writeReport } from './report-xml.ts';
import type { SimulatedAccount } from './simulated-accounts.ts';
import { createSlots } from './slots.ts';

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
  /** Of the handsets that held an event stream; `refused` are openings, `unopened` the handsets that never could. */
  streams: EventCounts & { handsets: number; resumes: number; refused: number; unopened: number };
  /** Of those that go by the marks; `unmarked` are events that no mark had told of before the end, as after a last report. */
  mailboxes: EventCounts & { handsets: number; unmarked: number };
  errands: ErrandCounts;
  surveys: SurveyCounts;
  /** Numbers of the handsets that missed something, or were told what is wrong. */
  faulty: number[];
}

/** What one handset holds in the end. */
export interface EndedHandset {
  handset: Handset;
  /** In order of arrival, each once. */
  events: ReceivedEvent[];
  /** The id after which its events are all; undefined: from the oldest that is kept. */
  after: string | undefined;
  guideVersion: string | undefined;
}

export interface FleetProgress {
  /** Reports dealt with, and all there are. */
  done: number;
  total: number;
  acknowledged: number;
  refused: number;
}

const PROGRESS_EVERY_MS = 250;
const wait = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });
const SLEEP_MOST_MS = 60_000; // a timer holds 24 days at most, and a clock may be set

/**
 * Sends every delivery of the plan. `speed` 0: as fast as the server takes them, handset by handset, each in its order; 1: at
 * their time by the clock; n: n times faster than they happened. At most `concurrency` requests at once. An account that
 * a handset needs and is missing is an Error before anything is sent. With `obeysMarks` each handset fetches its guide first, sends
 * what is measured for its user, does what it is told, and buys what is planned. An aborted `signal` ends the run with what was done.
 */
export async function runFleet(deps: {
  /** Of one server, or of several that act as one. */
  url: string | readonly string[];
  plan: FleetPlan;
  accounts: readonly SimulatedAccount[];
  speed: number;
  concurrency: number;
  obeysMarks?: boolean;
  /** Of the servers' store: with it, what is for all or for a user is expected on its word, and what is another's is told. */
  record?: EventRecord;
  /** How handsets answer surveys; absent: not at all. What they watch they know at the speed of life alone. */
  answers?: SurveyHabits;
  clock: () => number;
  onProgress?: (progress: FleetProgress) => void;
  onEnd?: (handset: EndedHandset) => void;
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
  const errandCounts = noErrands();
  const surveyCounts: SurveyCounts = { ...NO_SURVEYS };
  const streams: FleetResult['streams'] = { handsets: 0, resumes: 0, refused: 0, unopened: 0, ...noEvents() };
  const mailboxes: FleetResult['mailboxes'] = { handsets: 0, unmarked: 0, ...noEvents() };
  const faulty: number[] = [];
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

  const deliver = async (client: HandsetClient, handset: Handset, delivery: Delivery): Promise<string> => {
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
    tell(false);
    return answer.body;
  };

  const count = ({ handset }: HandsetPlan, { stream, mailbox, unmarked, errands, guide }: Played): void => {
    if (errands !== undefined) addUp(errandCounts, errands.counts);
    if (stream !== undefined) addUp(streams, { handsets: 1, ...stream.counts, ...stream.events.counts });
    if (mailbox !== undefined) addUp(mailboxes, { handsets: 1, unmarked, ...mailbox.events.counts });
    const events = stream?.events ?? mailbox?.events;
    const { missed, foreign, outOfOrder } = events?.counts ?? noEvents();
    if (
      missed +
        foreign +
        outOfOrder +
        (stream?.counts.unopened ?? 0) +
        (stream?.counts.refused ?? 0) +
        (errands?.counts.wrong ?? 0) >
      0
    )
      faulty.push(handset.number);
    deps.onEnd?.({
      ...{ handset, events: events?.list() ?? [], after: events?.comparedFrom(), guideVersion: guide?.version() },
    });
  };

  const play = (handset: HandsetPlan): Promise<void> => {
    const { user, modern: keepAlive } = handset.handset;
    const password = passwords.get(user) ?? '';
    const makeClient = (): HandsetClient =>
      createHandsetClient({ url, user, password, keepAlive, clock, ...(signal === undefined ? {} : { signal }) });
    const random = createRandom(plan.seed, -handset.handset.number);
    const surveys = createHandsetSurveys({
      client: makeClient(),
      ...handset,
      habits: deps.answers,
      random,
      clock,
      wait,
    });
    return playHandset({
      plan: handset,
      window: plan,
      makeClient: () => surveys.overhear(makeClient()),
      obeysMarks: deps.obeysMarks === true,
      isOfNow: speed === 1,
      record: deps.record,
      untilDue,
      deliver: (client, delivery) => {
        signal?.throwIfAborted();
        const sending = (): Promise<string> => deliver(client, handset.handset, delivery);
        return speed === 0 ? sending() : slots.use(sending);
      },
      onUnmeasured: (reports) => {
        result.unmeasured += reports;
      },
      onEnd: (played) => count(handset, played),
      clock,
    }).finally(async () => addUp(surveyCounts, await surveys.finish()));
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
    mailboxes,
    errands: errandCounts,
    surveys: surveyCounts,
    faulty,
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

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
