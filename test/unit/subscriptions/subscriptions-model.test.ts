// Subscriptions at random against a small model, with faults in telling of them (G9).

import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../../server/problem.ts';
import { openSqliteStore } from '../../../server/store/sqlite/open-sqlite-store.ts';
import { START, startSelling } from '../../support/selling.ts';
import { type Doors, STEPS_OF_ALL_KINDS, type Step, takeSteps } from '../../support/subscription-model.ts';

const VIEWER = 7;

async function run(steps: readonly Step[]): Promise<void> {
  const store = openSqliteStore(':memory:');
  const { clock, subscriptions, events, isDeaf } = await startSelling(store);
  const doors: Doors = {
    clock,
    start: START,
    async act({ verb, item }) {
      const work =
        verb === 'order'
          ? subscriptions.order(VIEWER, { item, bought: 'handset' })
          : subscriptions.cancel(VIEWER, item);
      return work.catch((error: unknown) => {
        expect(error).to.be.instanceOf(Problem);
        return { refused: (error as Problem).code };
      });
    },
    view: (since) => subscriptions.view(VIEWER, since),
    listEntitled: async () => (await subscriptions.listEntitled(VIEWER)).map(({ service }) => service),
    async settle() {
      await subscriptions.settleDue().catch(() => expect(isDeaf.now).to.equal(true));
    },
    deafen(now) {
      isDeaf.now = now;
    },
  };
  await takeSteps(steps, doors);
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
    await fc.assert(fc.asyncProperty(STEPS_OF_ALL_KINDS, run), { numRuns: 150 });
  });
});
