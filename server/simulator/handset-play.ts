// One handset's run of its plan: it reports, holds its stream, obeys and buys, and then tells what it got (O10; V3-V5, G12, G14).

import type { EventRecord } from './event-record.ts';
import { createExpecting } from './expected-events.ts';
import type { HandsetClient } from './handset-client.ts';
import { createErrands, type Errands } from './handset-errands.ts';
import { fetchHandsetGuide, type HandsetGuide } from './handset-guide.ts';
import { createMailbox, type HandsetMailbox } from './handset-mailbox.ts';
import { type HandsetStream, holdStream } from './handset-stream.ts';
import type { Act, Delivery, HandsetPlan } from './plan.ts';
import { createSlots } from './slots.ts';

/** What a handset has to show at its end. */
export interface Played {
  stream: HandsetStream | undefined;
  mailbox: HandsetMailbox | undefined;
  /** Events of the mailbox of which no mark had told before the end. */
  unmarked: number;
  errands: Errands | undefined;
  guide: HandsetGuide | undefined;
}

type Step = { at: number } & ({ delivery: Delivery } | { order: string } | { cancel: string });

/** What comes so near to a report, or between what it tells and its arrival, may be for who watched the one or the other. */
const UNSURE_MS = 2_000;

/**
 * Plays the steps of the plan in order, each after `untilDue`. A handset that does not obey marks reports everything, and
 * fetches and buys nothing. `onEnd` is told also of one that failed.
 */
export async function playHandset(deps: {
  plan: HandsetPlan;
  window: { from: number; to: number };
  makeClient: () => HandsetClient;
  obeysMarks: boolean;
  /** What is reported has the times of now; else of hours that are over or to come, which the server takes as it can (V4). */
  isOfNow: boolean;
  /** Of all that is told, apart from what handsets are. */
  record: EventRecord | undefined;
  untilDue(at: number): Promise<void>;
  /** Sends and answers the body of the answer. */
  deliver(client: HandsetClient, delivery: Delivery): Promise<string>;
  onUnmeasured(reports: number): void;
  onEnd(played: Played): void;
  clock: () => number;
}): Promise<void> {
  const { plan, clock } = deps;
  const { stream: planned } = plan;
  const { deviceId: device } = plan.handset;
  const client = deps.makeClient();
  const ownTurn = createSlots(1); // a phone does one thing at a time
  const unsure: { from: number; to: number }[] = [];
  let heard = Promise.resolve();
  let mailbox: HandsetMailbox | undefined;
  let errands: Errands | undefined;
  let guide: HandsetGuide | undefined;
  let unmarked = 0;

  const hear = (kind: string): void => {
    const hearing = ownTurn.use(async () => await errands?.hear(kind));
    heard = Promise.all([heard, hearing]).then(() => undefined);
    heard.catch(() => undefined); // told at the end
  };

  const takeStep = async (step: Step): Promise<void> => {
    if ('order' in step) await errands?.order(step.order);
    else if ('cancel' in step) await errands?.cancel(step.cancel);
    else {
      const acts = step.delivery.acts.filter((act) => isMeasured(act, guide));
      deps.onUnmeasured(step.delivery.acts.length - acts.length);
      if (acts.length === 0) return;
      const times = [clock(), ...acts.map(({ at }) => at)];
      const answer = await deps.deliver(client, { ...step.delivery, acts });
      times.push(clock());
      unsure.push({ from: Math.min(...times) - UNSURE_MS, to: Math.max(...times) + UNSURE_MS });
      await errands?.obey(answer);
    }
  };

  const expecting = createExpecting({
    user: plan.handset.user,
    record: deps.record,
    isUnsureAt: (at) => !deps.isOfNow || unsure.some(({ from, to }) => from <= at && at < to),
  });

  let stream: HandsetStream | undefined;
  try {
    await ownTurn.use(async () => {
      guide = deps.obeysMarks ? await fetchHandsetGuide(client, deps.window) : undefined;
    });
    if (guide !== undefined && planned === undefined) mailbox = createMailbox(client, device);
    if (guide !== undefined) errands = createErrands({ client, guide, mailbox });
    if (planned !== undefined)
      stream = holdStream({ ...{ client: deps.makeClient(), device, planned }, onEvent: ({ kind }) => hear(kind) });
    for (const step of stepsOf(plan)) {
      await deps.untilDue(step.at);
      await ownTurn.use(() => takeStep(step));
    }
    await stream?.finish(expecting);
    await stream?.stop();
    await heard;
    if (mailbox !== undefined) unmarked = await mailbox.finish(expecting);
  } finally {
    await stream?.stop();
    client.close();
    deps.onEnd({ stream, mailbox, unmarked, errands, guide });
  }
}

function stepsOf({ deliveries, orders }: HandsetPlan): Step[] {
  const bought = orders.flatMap(({ item, at, cancelledAt }): Step[] => [
    { at, order: item },
    ...(cancelledAt === undefined ? [] : [{ at: cancelledAt, cancel: item }]),
  ]);
  const sent = deliveries.map((delivery): Step => ({ at: delivery.sendAt, delivery }));
  return [...sent, ...bought].sort((a, b) => a.at - b.at); // stable: deliveries keep their order
}

/** A LogOut tells of what was before it. */
function isMeasured({ type, service, at }: Act, guide: HandsetGuide | undefined): boolean {
  return guide === undefined || guide.isMeasured(service, type === 'LogOutInfo' ? at - 1 : at);
}
