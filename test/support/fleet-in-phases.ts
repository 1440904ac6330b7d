// A fleet that turns to something else all at once, phase by phase, with pushes between: who is to get which is known without the server (O10; G13).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { planFleet } from '../../server/simulator/behaviour.ts';
import { type EndedHandset, type FleetResult, runFleet } from '../../server/simulator/fleet.ts';
import type { Act, FleetPlan, HandsetPlan } from '../../server/simulator/plan.ts';
import { placeOf } from '../../server/simulator/received-events.ts';
import { type SimulatedAccount, simulatedAccounts } from '../../server/simulator/simulated-accounts.ts';

/** Where the fleet plays: servers that act as one, and their time. */
export interface PhaseStage {
  servers: readonly { url: string; ask(path: string, init?: RequestInit): Promise<Response> }[];
  /** Those that are there now. */
  living(): PhaseStage['servers'];
  now(): number;
  until(at: number): Promise<void>;
  addAccounts(accounts: readonly SimulatedAccount[]): Promise<void>;
  /** How long a phase lasts. */
  stepMs: number;
}

type Audience = { all: true } | { user: string } | { service: string; programme?: string };

interface Sent {
  audience: Audience;
  phase: number;
}

const HANDSETS = 24;
export const PHASES = 5;
const SEED = 11;
const LEAST_LEFT_MS = 1_000; // of a phase, when something is pushed in it
const LOOK_EVERY_MS = 20;
const SERVICES = ['01', '02', '03', undefined];
const ITEM = 'sport';
const JSON_TYPE = { 'content-type': 'application/json' };

/** All watch something in the last phase, so that a report follows the last push. */
const watchedIn = (number: number, phase: number): string | undefined =>
  SERVICES[phase === PHASES - 1 ? number % 3 : number % 5 === 0 ? 0 : (number * 3 + phase * (1 + (number % 3))) % 4];
const programmeOn = (service: string): string => `${service}1`;

function planPhases(from: number, stepMs: number): FleetPlan {
  const phaseAt = (phase: number): number => from + phase * stepMs;
  const base = planFleet({
    ...{ handsets: HANDSETS, hours: 1, seed: SEED, startAt: from, services: [], items: [ITEM] },
    options: {
      modernShare: 0.7,
      badClockShare: 0,
      streamShare: 0.7,
      webSocketShare: 0.4,
      orderShare: 0.6,
      cancelShare: 0.5,
    },
  });
  const handsets = base.handsets.map((planned): HandsetPlan => {
    const { handset, stream, orders } = planned;
    const acts: Act[] = [];
    for (let phase = 0; phase <= PHASES; phase += 1) {
      const before = phase === 0 ? undefined : watchedIn(handset.number, phase - 1);
      const service = phase === PHASES ? undefined : watchedIn(handset.number, phase);
      const of = service ?? before;
      if (of === undefined) continue;
      const sequence = acts.length + 1;
      acts.push({
        ...{ at: phaseAt(phase), type: service === undefined ? 'LogOutInfo' : 'LogInInfo' },
        ...{ service: of, programme: programmeOn(of) },
        ...(handset.modern ? { sequence, reportId: `phases-${handset.number}-${sequence}` } : {}),
      });
    }
    return {
      ...planned,
      acts,
      deliveries: acts.map((act) => ({ sendAt: act.at, acts: [act], batch: false, double: false })),
      ...(stream === undefined ? {} : { stream: { ...stream, dropsAfterMs: stream.dropsAfterMs.map(shortened) } }),
      orders: orders.map(({ item, cancelledAt }) => ({
        ...{ item, at: phaseAt(1) },
        ...(cancelledAt === undefined ? {} : { cancelledAt: phaseAt(3) }),
      })),
    };
  });
  return { ...base, handsets };
}

/** So that lines drop a few times in some seconds. */
const shortened = (ms: number): number => 400 + (ms % 2_500);

const audiencesOf = (users: readonly string[], phase: number): Audience[] => [
  { all: true },
  { service: '01' },
  { user: users[0] ?? '' }, // has two devices
  { service: '02', programme: programmeOn('02') },
  { service: '03', programme: 'another' }, // is for nobody
  { user: users[phase + 3] ?? '' },
  { service: '03' },
];

/** Plays it and expects that each handset has what was for it and nothing else, in order. `inPhase` is called amid the pushes of each phase. */
export async function playPhases(stage: PhaseStage, inPhase: (phase: number) => Promise<void>): Promise<FleetResult> {
  const accounts = simulatedAccounts(HANDSETS, SEED);
  await stage.addAccounts(accounts);
  const ask = async (path: string, method: string, body: object): Promise<void> => {
    const [server] = stage.living();
    const answer = await server?.ask(path, { method, headers: JSON_TYPE, body: JSON.stringify(body) });
    expect(answer?.status, `${path} ${JSON.stringify(body)}`).to.be.within(200, 201);
  };
  const sell = (id: string): Promise<void> =>
    ask(`/sg/purchase-items/${id}`, 'PUT', {
      ...{ names: { en: id }, services: ['10'], price: { amount: '1', currency: 'EUR' }, period: 'P1M' },
    });
  await sell(ITEM);

  const plan = planPhases(Math.ceil(stage.now() / 1_000) * 1_000 + 1_000, stage.stepMs);
  const ended: EndedHandset[] = [];
  const sent: Sent[] = [];
  const playing = runFleet({
    ...{ url: stage.servers.map(({ url }) => url), plan, accounts, speed: 1, concurrency: 8, obeysMarks: true },
    ...{ clock: stage.now, onEnd: (handset: EndedHandset) => ended.push(handset) },
  });
  playing.catch(() => undefined); // told below
  for (let phase = 0; phase < PHASES; phase += 1) {
    await stage.until(plan.from + phase * stage.stepMs);
    const lastMoment = plan.from + (phase + 1) * stage.stepMs - LEAST_LEFT_MS;
    const isInTime = (): boolean => stage.now() < lastMoment;
    await Promise.race([
      known(stage, plan, phase, isInTime),
      playing.then(() => expect.fail('the fleet is at its end')),
    ]);
    if (phase % 2 === 1) await sell(`film-${phase}`);
    // While streams open nothing is pushed: whoever is not there yet is not to get it.
    for (const [index, audience] of phase === 0
      ? []
      : audiencesOf(
          accounts.map(({ user }) => user),
          phase,
        ).entries()) {
      if (index === 2) await inPhase(phase);
      if (!isInTime()) continue;
      await ask('/pushes', 'POST', { audience, content: { en: `${phase}/${index}` } });
      sent.push({ audience, phase });
    }
  }
  await stage.until(plan.from + PHASES * stage.stepMs);
  const result = await playing;
  expectAll(plan, ended, sent);
  const version = /version="(\d+)"/.exec((await (await stage.living()[0]?.ask('/sg'))?.text()) ?? '')?.[1];
  for (const { handset, guideVersion } of ended) expect(guideVersion, `guide of ${handset.number}`).to.equal(version);
  return result;
}

/** Waits until every server knows what each handset turned to. */
async function known(
  stage: PhaseStage,
  { handsets }: FleetPlan,
  phase: number,
  isInTime: () => boolean,
): Promise<void> {
  const usersOn = (service: string): string[] =>
    handsets.flatMap(({ handset: { number, user } }) => (watchedIn(number, phase) === service ? [user] : [])).sort();
  const findDifference = async (): Promise<string | undefined> => {
    for (const service of SERVICES)
      for (const server of service === undefined ? [] : stage.living()) {
        const { items } = (await (await server.ask(`/online?service=${service}`)).json()) as {
          items: { user: string }[];
        };
        const [found, wanted] = [String(items.map(({ user }) => user).sort()), String(usersOn(service ?? ''))];
        if (found !== wanted) return `${service} in phase ${phase}: ${found}, not ${wanted}`;
      }
    return undefined;
  };
  for (let difference = await findDifference(); difference !== undefined; difference = await findDifference()) {
    if (!isInTime()) expect.fail(difference);
    await sleep(LOOK_EVERY_MS);
  }
}

function expectAll({ handsets }: FleetPlan, ended: readonly EndedHandset[], sent: readonly Sent[]): void {
  expect(ended).to.have.length(handsets.length);
  const isFor = ({ audience, phase }: Sent, { handset: { number, user, deviceId } }: EndedHandset): boolean => {
    if ('all' in audience) return true;
    if ('user' in audience) return audience.user === user;
    const { service, programme = programmeOn(service) } = audience;
    // Who does not say which device it is gets what is for any of the user's.
    const devices = handsets.filter(({ handset }) =>
      deviceId === undefined ? handset.user === user : handset.number === number,
    );
    return devices.some(
      ({ handset }) => programme === programmeOn(service) && watchedIn(handset.number, phase) === service,
    );
  };
  // The pushes that are for anybody have the places in the stream in the order in which they were sent.
  const concerned = sent.filter((push) => ended.some((handset) => isFor(push, handset)));
  const ids = [...new Set(ended.flatMap(({ events }) => idsOf(events, 'message')))].sort(
    (a, b) => placeOf(a) - placeOf(b),
  );
  expect(ids).to.have.length(concerned.length);
  expect(concerned.length).to.be.above(PHASES);
  const guideIds = new Set(ended.flatMap(({ events }) => idsOf(events, 'guide-changed')));
  for (const each of ended) {
    const { handset, events, after } = each;
    const name = `handset ${handset.number}`;
    if (after !== undefined)
      expect(placeOf(after), `${name} had its stream in time`).to.be.below(placeOf(ids[0] ?? ''));
    expect(idsOf(events, 'message'), name).to.deep.equal(
      ids.filter((_, index) => isFor(concerned[index] as Sent, each)),
    );
    const orders = handsets.filter((planned) => planned.handset.user === handset.user).flatMap((own) => own.orders);
    const changes = orders.length + orders.filter(({ cancelledAt }) => cancelledAt !== undefined).length;
    expect(idsOf(events, 'subscription-changed'), name).to.have.length(changes);
    const later = [...guideIds].filter((id) => after === undefined || placeOf(id) > placeOf(after));
    expect(new Set(idsOf(events, 'guide-changed')), name).to.deep.equal(new Set(later));
  }
}

const idsOf = (events: EndedHandset['events'], kind: string): string[] =>
  events.filter((event) => event.kind === kind).map(({ id }) => id);
