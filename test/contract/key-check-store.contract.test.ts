// What every store must do for the value by which it knows its secret key (O4).

import { expect } from 'chai';
import { type Ports, STORES } from '../support/stores.ts';

for (const store of STORES) {
  describe(`key check store on ${store.name}`, () => {
    let ports: Ports;
    beforeEach(async () => {
      ports = await store.open();
    });
    afterEach(() => ports.close());

    it('O4: the first value stays, whoever puts another, and however many put at once', async () => {
      expect(await ports.keyCheck.find()).to.equal(undefined);
      await Promise.all(['a', 'b', 'c'].map((value) => ports.keyCheck.putFirst(value)));
      const first = await ports.keyCheck.find();
      expect(first).to.be.oneOf(['a', 'b', 'c']);
      await ports.keyCheck.putFirst('d');
      expect(await ports.keyCheck.find()).to.equal(first);
    });
  });
}
