// What subscriptions do, as a small model: orders repeated, interleaved with cancels, in parallel, and a moved clock (G9).

import { expect } from 'chai';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS } from './selling.ts';

interface Act {
  verb: 'order' | 'cancel';
  item: string;
}

export type Step =
  | { kind: 'act'; acts: Act[] }
  | { kind: 'wait'; hours: number }
  | { kind: 'settle' }
  | { kind: 'deaf'; isDeaf: boolean }
  | { kind: 'ask'; device: number };

/** A table as it is shown; `until` in epoch ms. */
interface View {
  version: number;
  since?: number | undefined;
  items: readonly { item: string; until?: number | undefined }[];
  removed: readonly { item: string }[];
}

/** How what is tested is got at: one user, and what `itemsFrom(start)` sells. */
export interface Doors {
  clock: { now: number };
  start: number;
  /** Problem codes for what is refused. */
  act(act: Act, place: number): Promise<{ isChanged: boolean; version: number } | { refused: string }>;
  view(since?: number): Promise<View>;
  listEntitled(): Promise<string[]>;
  settle(): Promise<void>;
  /** Nobody can be told of changes meanwhile. */
  deafen?(isDeaf: boolean): void;
}

const ITEMS = ['one', 'two', 'duo', 'all', 'coming', 'going'];
const act = fc.record({ verb: fc.constantFrom('order' as const, 'cancel' as const), item: fc.constantFrom(...ITEMS) });
const acts = fc.array(act, { minLength: 1, maxLength: 6 });
const hours = fc.constantFrom(1, 4, 24, 200, 800);
const STEPS: fc.WeightedArbitrary<Step>[] = [
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('act' as const), acts }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ask' as const), device: fc.constantFrom(0, 1) }) },
];
const DEAF: fc.WeightedArbitrary<Step> = {
  weight: 1,
  arbitrary: fc.record({ kind: fc.constant('deaf' as const), isDeaf: fc.boolean() }),
};
export const STEPS_OF_ALL_KINDS = fc.array(fc.oneof(...STEPS, DEAF), { maxLength: 25 });
export const STEPS_FROM_OUTSIDE = fc.array(fc.oneof(...STEPS), { minLength: 4, maxLength: 16 });

/** When each item ends that is bought at `at`. */
const END: Record<string, (at: number) => number> = {
  one: (at) => {
    const day = new Date(at).getUTCDate();
    const end = new Date(at);
    end.setUTCMonth(end.getUTCMonth() + 1); // Date goes over into the month after where there is no such day
    if (end.getUTCDate() !== day) end.setUTCDate(0);
    return end.getTime();
  },
  two: (at) => at + 5 * HOUR_MS,
  duo: (at) => at + 7 * DAY_MS,
  all: () => Number.POSITIVE_INFINITY,
  coming: (at) => at + DAY_MS,
  going: (at) => at + DAY_MS,
};
const SERVICES: Record<string, string[]> = {
  one: ['s1'],
  two: ['s2'],
  duo: ['s1', 's2'],
  all: ['s1', 's2', 's3'],
  coming: ['s1'],
  going: ['s2'],
};

/** A handset's copy of the table. */
interface Device {
  version: number | undefined;
  ends: Map<string, number>;
}

/** What a handset does with an answer. */
function take(device: Device, view: View): void {
  if (view.since === undefined) device.ends.clear();
  for (const { item } of view.removed) device.ends.delete(item);
  for (const { item, until } of view.items) device.ends.set(item, until ?? Number.POSITIVE_INFINITY);
  device.version = view.version;
}

const heldOf = (ends: ReadonlyMap<string, number>, now: number): string[] =>
  [...ends].filter(([, end]) => end > now).map(([item]) => item);

/** All at once; answers those that changed something, in the order of their versions. */
async function actAtOnce(doors: Doors, wanted: readonly Act[]): Promise<(Act & { version: number })[]> {
  const { clock, start } = doors;
  const done = await Promise.all(
    wanted.map(async (each, place) => {
      const { verb, item } = each;
      const answer = await doors.act(each, place);
      if (!('refused' in answer)) return { verb, item, ...answer };
      const isBegun = clock.now >= start + HOUR_MS;
      const refusal = { coming: isBegun ? undefined : 'conflict', going: isBegun ? 'gone' : undefined }[item];
      expect([verb, item, answer.refused]).to.deep.equal(['order', item, refusal]);
      return { verb, item, isChanged: false, version: 0 };
    }),
  );
  return done.filter(({ isChanged }) => isChanged).sort((a, b) => a.version - b.version);
}

/** Takes the steps, and expects the model's answers after each. */
export async function takeSteps(steps: readonly Step[], doors: Doors): Promise<void> {
  const { clock } = doors;
  const model = new Map<string, number>();
  const devices = [0, 1].map((): Device => ({ version: undefined, ends: new Map() }));
  let version = 0;
  for (const each of steps) {
    if (each.kind === 'wait') clock.now += each.hours * HOUR_MS;
    if (each.kind === 'deaf') doors.deafen?.(each.isDeaf);
    if (each.kind === 'settle') await doors.settle();
    if (each.kind === 'ask') {
      const device = devices[each.device] as Device;
      take(device, await doors.view(device.version));
      expect(heldOf(device.ends, clock.now)).to.have.members(heldOf(model, clock.now));
    }
    if (each.kind === 'act') {
      for (const { verb, item, version: at } of await actAtOnce(doors, each.acts)) {
        expect(at).to.be.greaterThan(version); // each change has a version of its own
        version = at;
        // The same twice is one change: it was not there before an order, and there before a cancellation.
        expect(heldOf(model, clock.now).includes(item), `${verb} ${item}`).to.equal(verb === 'cancel');
        if (verb === 'cancel') model.delete(item);
        else model.set(item, END[item]?.(clock.now) ?? 0);
      }
      for (const { item } of each.acts)
        if (each.acts.every((one) => one.item !== item || one.verb === 'cancel'))
          expect(heldOf(model, clock.now)).not.to.include(item);
    }
    const view = await doors.view();
    expect(view.version).to.be.at.least(version);
    version = view.version;
    const held = heldOf(model, clock.now);
    expect(view.items.map(({ item }) => item)).to.have.members(held);
    for (const { item, until } of view.items) expect(until ?? Number.POSITIVE_INFINITY, item).to.equal(model.get(item));
    const open = new Set(held.flatMap((item) => SERVICES[item] ?? []));
    expect(await doors.listEntitled()).to.have.members([...open]);
  }
}
