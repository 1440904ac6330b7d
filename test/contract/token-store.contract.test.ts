// What every store must do for bearer tokens (O1).

import { expect } from 'chai';
import type { TokenStore } from '../../server/accounts/account-store.ts';
import { type Ports, STORES } from '../support/stores.ts';

for (const store of STORES) {
  describe(`token store on ${store.name}`, () => {
    let ports: Pick<Ports, 'tokens' | 'close'>;
    let tokens: TokenStore;
    beforeEach(async () => {
      ports = await store.open();
      tokens = ports.tokens;
    });
    afterEach(() => ports.close());

    it('O1: keeps tokens by hash and by user', async () => {
      const first = { user: 'a', id: '2', hash: 'h2', createdAt: 1 };
      const second = { user: 'a', id: '1', hash: 'h1', createdAt: 2, expiresAt: 3 };
      for (const token of [second, first, first, { ...first, user: 'b', hash: 'h3' }]) await tokens.put(token);
      expect(await tokens.findByHash('h1')).to.deep.equal(second);
      expect(await tokens.findByHash('h')).to.equal(undefined);
      expect(await tokens.list('a')).to.deep.equal([first, second]);
      expect(await tokens.remove('a', '2')).to.equal(true);
      expect(await tokens.remove('a', '2')).to.equal(false);
      await tokens.removeOfUser('a');
      expect(await tokens.list('a')).to.deep.equal([]);
      expect((await tokens.findByHash('h3'))?.user).to.equal('b');
    });

    it('O1: the same token again changes nothing, and lists come by (createdAt, id)', async () => {
      const token = (id: string, createdAt: number) => ({ user: 'a', id, hash: `h${id}`, createdAt });
      const inOrder = [token('z', 1), token('B', 2), token('a', 2), token('\uff5e', 2), token('\u{1f4fa}', 2)];
      for (const each of inOrder.toReversed()) await tokens.put(each);
      await tokens.put({ ...token('a', 2), expiresAt: 9 });
      expect(await tokens.list('a')).to.deep.equal(inOrder);
    });
  });
}
