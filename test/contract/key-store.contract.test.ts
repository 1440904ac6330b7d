// What every store must do for the keys of services (G11).

import { expect } from 'chai';
import type { StoredKey } from '../../server/keys/key-store.ts';
import { type Ports, STORES } from '../support/stores.ts';

const key = (service: string, from: number, sealedKey = `${service} ${from}`): StoredKey => ({
  service,
  from,
  to: from + 10,
  sealedKey,
});
const inOrder = (keys: StoredKey[]): StoredKey[] => keys.sort((a, b) => (a.service < b.service ? -1 : 1));

for (const { name, open } of STORES) {
  describe(`key store on ${name}`, () => {
    let ports: Ports;
    let store: Ports['keys'];
    beforeEach(async () => {
      ports = await open();
      store = ports.keys;
    });
    afterEach(() => ports.close());

    it('G11: the first key of a service and period stays', async () => {
      await store.putFirst([]);
      await store.putFirst([key('a', 0), key('é 1', 0), key('a', 10)]);
      await store.putFirst([key('a', 0, 'late'), key('b', 0)]);
      expect(inOrder(await store.list(['a', 'b', 'é 1', 'x'], 0))).to.deep.equal([
        key('a', 0),
        key('b', 0),
        key('é 1', 0),
      ]);
      expect(await store.list(['a', 'b'], 10)).to.deep.equal([key('a', 10)]);
      expect(await store.list([], 0)).to.deep.equal([]);
      expect(await store.list(['a'], 20)).to.deep.equal([]);
    });

    it('G11: of many processes that make keys at once all find the same', async () => {
      const services = Array.from({ length: 50 }, (_, at) => `s${at}`);
      const made = await Promise.all(
        [1, 2, 3, 4].map(async (maker) => {
          await store.putFirst(services.map((service) => key(service, 0, `${maker}`)));
          return inOrder(await store.list(services, 0));
        }),
      );
      expect(made[0]).to.have.length(50);
      for (const each of made) expect(each).to.deep.equal(made[0]);
    });

    it('G11: old ones are removed, those that end later stay', async () => {
      await store.putFirst([key('a', 0), key('b', 0), key('a', 1)]);
      expect(await store.removeEndedBefore(10)).to.equal(2);
      expect(await store.removeEndedBefore(10)).to.equal(0);
      expect(await store.list(['a'], 0)).to.deep.equal([]);
      expect(await store.list(['a'], 1)).to.deep.equal([key('a', 1)]);
    });
  });
}
