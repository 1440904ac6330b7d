// What every store must do for tables of subscriptions (G7-G9).

import { expect } from 'chai';
import type { SubscriptionTable } from '../../server/subscriptions/subscription.ts';
import { type Ports, STORES } from '../support/stores.ts';

const table = (viewer: number, version: number, more: Partial<SubscriptionTable> = {}): SubscriptionTable => ({
  viewer,
  version,
  held: [{ item: 'a/b ü', since: 1, until: 9, bought: 'handset', orderedAt: 1 }],
  changes: [{ version, at: 1, item: 'a/b ü', kind: 'ordered' }],
  forgotten: 0,
  told: 0,
  ...more,
});

for (const { name, open } of STORES) {
  describe(`subscription store on ${name}`, () => {
    let ports: Ports;
    let store: Ports['subscriptions'];
    beforeEach(async () => {
      ports = await open();
      store = ports.subscriptions;
    });
    afterEach(() => ports.close());

    it('G9: a table is put whole, if the version there is the expected one', async () => {
      expect(await store.find(7)).to.equal(undefined);
      expect(await store.put(table(7, 2), 1)).to.equal(false);
      expect(await store.put(table(7, 1, { dueAt: 9 }), 0)).to.equal(true);
      expect(await store.put(table(7, 1, { told: 5 }), 0)).to.equal(false);
      expect(await store.find(7)).to.deep.equal(table(7, 1, { dueAt: 9 }));
      expect(await store.put(table(7, 3, { told: 5 }), 2)).to.equal(false);
      const last = table(7, 2, { told: 1, held: [], changes: [], forgotten: 2 });
      expect(await store.put(last, 1)).to.equal(true);
      expect(await store.find(7)).to.deep.equal(last);
      expect(await store.put({ ...last, told: 2 }, 2)).to.equal(true);
      expect(await store.find(7)).to.deep.equal({ ...last, told: 2 });
      expect(await store.find(8)).to.equal(undefined);
    });

    it('G9: of many that expect the same version one succeeds, the first time and later', async () => {
      for (const expected of [0, 1, 2]) {
        const puts = Array.from({ length: 8 }, (_, told) => store.put(table(7, expected + 1, { told }), expected));
        expect((await Promise.all(puts)).filter(Boolean)).to.have.length(1);
      }
      expect((await store.find(7))?.version).to.equal(3);
    });

    it('G10: lists what is due by time, then viewer, and nothing that is not', async () => {
      const due = { 5: 30, 6: 20, 7: 20, 8: undefined, 9: 31, 4503599627370495: 10 };
      for (const [viewer, dueAt] of Object.entries(due))
        await store.put(table(Number(viewer), 1, dueAt === undefined ? {} : { dueAt }), 0);
      const list = async (at: number, limit: number) => (await store.listDue(at, limit)).map(({ viewer }) => viewer);
      expect(await list(30, 10)).to.deep.equal([4503599627370495, 6, 7, 5]);
      expect(await list(30, 2)).to.deep.equal([4503599627370495, 6]);
      expect(await list(9, 10)).to.deep.equal([]);
      expect((await store.listDue(10, 1))[0]).to.deep.equal(table(4503599627370495, 1, { dueAt: 10 }));
    });

    it('O2: what is removed is gone, and can begin anew', async () => {
      await store.put(table(7, 1, { dueAt: 1 }), 0);
      await store.put(table(8, 1), 0);
      await store.remove(7);
      await store.remove(7);
      expect([await store.find(7), (await store.find(8))?.version]).to.deep.equal([undefined, 1]);
      expect(await store.listDue(9, 9)).to.deep.equal([]);
      expect(await store.put(table(7, 2), 1)).to.equal(false);
      expect(await store.put(table(7, 1), 0)).to.equal(true);
    });
  });
}
