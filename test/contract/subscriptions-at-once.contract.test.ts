// Several processes on one store that change one user's subscriptions in the same moment (G9, O4).

import { expect } from 'chai';
import { startSelling } from '../support/selling.ts';
import { STORES } from '../support/stores.ts';

const VIEWER = 7;
const ITEMS = ['one', 'two', 'duo', 'all', 'going'];

for (const { name, open } of STORES) {
  describe(`subscriptions from several processes on ${name}`, () => {
    it('G9: each item is ordered once, and cancelled once, at a version of its own that is told', async () => {
      const ports = await open();
      try {
        const first = await startSelling(ports);
        const processes = [first, await startSelling(ports), await startSelling(ports)];
        const everywhere = async (verb: 'order' | 'cancel') => {
          const results = await Promise.all(
            processes.flatMap(({ subscriptions }) =>
              ITEMS.map((item) =>
                verb === 'order'
                  ? subscriptions.order(VIEWER, { item, bought: 'handset' })
                  : subscriptions.cancel(VIEWER, item),
              ),
            ),
          );
          return results.filter(({ isChanged }) => isChanged).map(({ version }) => version);
        };
        expect(await everywhere('order')).to.have.members([1, 2, 3, 4, 5]);
        expect((await first.subscriptions.list(VIEWER)).map(({ item }) => item)).to.have.members(ITEMS);
        expect(await everywhere('cancel')).to.have.members([6, 7, 8, 9, 10]);
        expect(await first.subscriptions.list(VIEWER)).to.deep.equal([]);
        const told = processes.flatMap(({ events }) => events.map(({ content }) => content.version));
        expect(told).to.have.members([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        first.clock.now += 60_000;
        expect(await first.subscriptions.settleDue()).to.equal(0);
      } finally {
        await ports.close();
      }
    });
  });
}
