// Subscriptions at random against a small model: orders repeated, interleaved with cancels, in parallel, with faults and a moved clock (G9).

import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../../server/problem.ts';
import { openSqliteStore } from '../../../server/store/sqlite/open-sqlite-store.ts';
import type { TableView } from '../../../server/subscriptions/subscription.ts';
import { DAY_MS, HOUR_MS, ITEMS, type Selling, START, startSelling } from '../../support/selling.ts';

const VIEWER = 7;

interface Act {
  verb: 'order' | 'cancel';
  item: string;
}

type Step =
  | { kind: 'act'; acts: Act[] }
  | { kind: 'wait'; hours: number }
  | { kind: 'settle' }
  | { kind: 'deaf'; isDeaf: boolean }
  | { kind: 'ask'; device: number };

const act = fc.record({
  verb: fc.constantFrom('order' as const, 'cancel' as const),
  item: fc.constantFrom(...ITEMS.map(({ id }) => id)),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('act' as const), acts: fc.array(act, { minLength: 1, maxLength: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.constantFrom(1, 4, 24, 200, 800) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deaf' as const), isDeaf: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ask' as const), device: fc.constantFrom(0, 1) }) },
);

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
function take(device: Device, view: TableView): void {
  if (view.since === undefined) device.ends.clear();
  for (const { item } of view.removed) device.ends.delete(item);
  for (const { item, until } of view.items) device.ends.set(item, until ?? Number.POSITIVE_INFINITY);
  device.version = view.version;
}

const heldOf = (ends: ReadonlyMap<string, number>, now: number): string[] =>
  [...ends].filter(([, end]) => end > now).map(([item]) => item);

/** All at once; answers those that changed something, in the order of their versions. */
async function actAtOnce(
  { subscriptions, clock }: Selling,
  acts: readonly Act[],
): Promise<(Act & { version: number })[]> {
  const done = await Promise.all(
    acts.map(async ({ verb, item }) => {
      const work =
        verb === 'order'
          ? subscriptions.order(VIEWER, { item, bought: 'handset' })
          : subscriptions.cancel(VIEWER, item);
      try {
        const { isChanged, version } = await work;
        return { verb, item, isChanged, version };
      } catch (error) {
        const isOnOffer = item === 'coming' ? clock.now >= START + HOUR_MS : clock.now < START + HOUR_MS;
        expect(error).to.be.instanceOf(Problem);
        expect([verb, item, isOnOffer], String(error)).to.deep.equal([
          'order',
          item === 'coming' ? item : 'going',
          false,
        ]);
        return { verb, item, isChanged: false, version: 0 };
      }
    }),
  );
  return done.filter(({ isChanged }) => isChanged).sort((a, b) => a.version - b.version);
}

async function run(steps: readonly Step[]): Promise<void> {
  const store = openSqliteStore(':memory:');
  const selling = await startSelling(store);
  const { clock, subscriptions, events, isDeaf } = selling;
  const model = new Map<string, number>();
  const devices = [0, 1].map((): Device => ({ version: undefined, ends: new Map() }));
  let version = 0;
  for (const each of steps) {
    if (each.kind === 'wait') clock.now += each.hours * HOUR_MS;
    if (each.kind === 'deaf') isDeaf.now = each.isDeaf;
    if (each.kind === 'settle') await subscriptions.settleDue().catch(() => expect(isDeaf.now).to.equal(true));
    if (each.kind === 'ask') {
      const device = devices[each.device] as Device;
      take(device, await subscriptions.view(VIEWER, device.version));
      expect(heldOf(device.ends, clock.now)).to.have.members(heldOf(model, clock.now));
    }
    if (each.kind === 'act') {
      for (const { verb, item, version: at } of await actAtOnce(selling, each.acts)) {
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
    const view = await subscriptions.view(VIEWER);
    expect(view.version).to.be.at.least(version);
    version = view.version;
    const held = heldOf(model, clock.now);
    expect(view.items.map(({ item }) => item)).to.have.members(held);
    for (const { item, until } of view.items) expect(until ?? Number.POSITIVE_INFINITY, item).to.equal(model.get(item));
    const open = new Set(held.flatMap((item) => SERVICES[item] ?? []));
    expect((await subscriptions.listEntitled(VIEWER)).map(({ service }) => service)).to.have.members([...open]);
  }
  isDeaf.now = false;
  clock.now += 60_000;
  await subscriptions.settleDue();
  expect(await subscriptions.settleDue()).to.equal(0);
  const view = await subscriptions.view(VIEWER);
  const last = events.find(({ key }) => key === `subscription/${VIEWER}/${view.version}`);
  const told = (last?.content.items ?? []) as { item: string }[];
  expect(told.map(({ item }) => item)).to.have.members(view.items.map(({ item }) => item));
  await store.close();
}

describe('subscriptions and their model', () => {
  it('G9: agree, and devices and events with them', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), run), { numRuns: 150 });
  });
});
