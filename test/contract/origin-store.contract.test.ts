// What every store must do for the identities behind terminals (O2).

import { expect } from 'chai';
import type { OriginStore } from '../../server/accounts/account-store.ts';
import { type Ports, STORES } from '../support/stores.ts';

for (const store of STORES) {
  describe(`origin store on ${store.name}`, () => {
    let ports: Pick<Ports, 'origins' | 'close'>;
    let origins: OriginStore;
    beforeEach(async () => {
      ports = await store.open();
      origins = ports.origins;
    });
    afterEach(() => ports.close());

    it('O2: keeps an origin once, by viewer', async () => {
      const one = { no: 2 ** 52 - 1, device: 2, viewer: 3, sealedIdentity: 'x' };
      const two = { no: 1, device: 5, viewer: 3, sealedIdentity: 'y' };
      const other = { no: 7, device: 8, viewer: 4, sealedIdentity: 'z' };
      await origins.put([one, two, { ...one, sealedIdentity: 'again' }]);
      await origins.put([other, { ...one, device: 9 }]);
      expect(await origins.list(3)).to.deep.equal([two, one]);
      await origins.removeOfViewer(3);
      expect(await origins.list(3)).to.deep.equal([]);
      expect(await origins.list(4)).to.deep.equal([other]);
    });

    it('O4: two who put the same origins at once keep each once', async () => {
      const given = Array.from({ length: 100 }, (_, no) => ({ no, device: no, viewer: 3, sealedIdentity: `s${no}` }));
      await Promise.all([origins.put(given), origins.put(given), origins.put([])]);
      expect(await origins.list(3)).to.deep.equal(given);
    });
  });
}
