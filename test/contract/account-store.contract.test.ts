// What every store must do for accounts (O1, O2).

import { expect } from 'chai';
import type { AccountFilter, AccountRecord, AccountStore } from '../../server/accounts/account-store.ts';
import { Problem } from '../../server/problem.ts';
import { gathered } from '../support/gathered.ts';
import { type Ports, STORES } from '../support/stores.ts';

const account = (user: string, viewer: number, more: Partial<AccountRecord> = {}): AccountRecord => ({
  user,
  role: 'handset',
  name: `The ${user}`,
  viewer,
  enabled: true,
  createdAt: 1_000,
  sealedHa1: `sealed-${user}`,
  ...more,
});

async function problemOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
}

for (const store of STORES) {
  describe(`account store on ${store.name}`, () => {
    let ports: Pick<Ports, 'accounts' | 'close'>;
    let accounts: AccountStore;
    beforeEach(async () => {
      ports = await store.open();
      accounts = ports.accounts;
    });
    afterEach(() => ports.close());
    const users = async (query: Parameters<AccountStore['list']>[0]): Promise<string[]> =>
      (await accounts.list(query)).map((each) => each.user);

    it('gives back an account whole, by user and by viewer', async () => {
      const full = account('Zoë', 2 ** 52 - 1, {
        role: 'provider',
        provider: 'p1',
        enabled: false,
        zone: 'Europe/Paris',
        demographics: { sex: 'f' },
        consent: { version: '', at: 5, withdrawnAt: 6 },
        passwordHash: 'hash',
      });
      const plain = account('b', 2);
      expect(await accounts.add(full)).to.equal(true);
      expect(await accounts.add(plain)).to.equal(true);
      expect(await accounts.find('Zoë')).to.deep.equal(full);
      expect(await accounts.findByViewer(2)).to.deep.equal(plain);
      expect(await accounts.find('c')).to.equal(undefined);
      expect(await accounts.findByViewer(3)).to.equal(undefined);
    });

    it('add leaves a user that exists as it is, and refuses a viewer that is taken', async () => {
      await accounts.add(account('a', 1));
      expect(await accounts.add(account('a', 2, { name: 'other' }))).to.equal(false);
      expect(await accounts.find('a')).to.deep.equal(account('a', 1));
      expect(await problemOf(accounts.add(account('b', 1)))).to.equal('conflict');
      expect(await accounts.find('b')).to.equal(undefined);
    });

    it('put updates what a row says and keeps pseudonym, consent and state', async () => {
      const consent = { version: '1', at: 7 };
      await accounts.add(account('a', 1, { enabled: false, consent, zone: 'UTC' }));
      const outcomes = await accounts.put([
        account('a', 9, { name: 'new', sealedHa1: 'new' }),
        account('b', 2),
        account('b', 3, { name: 'twice' }),
        account('a', 4, { role: 'operator', name: 'usurper' }),
      ]);
      expect(outcomes).to.deep.equal(['updated', 'added', 'updated', 'conflict']);
      expect(await accounts.find('a')).to.deep.equal(
        account('a', 1, { name: 'new', sealedHa1: 'new', enabled: false, consent, zone: 'UTC' }),
      );
      expect(await accounts.find('b')).to.deep.equal(account('b', 2, { name: 'twice' }));
    });

    it('put refuses a viewer that is taken and can be called again', async () => {
      await accounts.add(account('a', 1));
      expect(await problemOf(accounts.put([account('b', 2), account('c', 1)]))).to.equal('conflict');
      await accounts.put([account('b', 2), account('c', 3)]);
      expect(await users({ limit: 9 })).to.deep.equal(['a', 'b', 'c']);
    });

    it('O4: of many who add a user at once exactly one does', async () => {
      const added = await Promise.all(Array.from({ length: 20 }, (_, at) => accounts.add(account('a', at))));
      expect(added.filter(Boolean)).to.have.length(1);
      expect((await accounts.find('a'))?.viewer).to.equal(added.indexOf(true));
    });

    it('O4: two who put the same accounts at once add each once', async () => {
      const both = await Promise.all(
        [0, 1].map((by) => accounts.put(Array.from({ length: 50 }, (_, at) => account(`u${at}`, by * 100 + at)))),
      );
      for (let at = 0; at < 50; at += 1)
        expect(both.map((outcomes) => outcomes[at]).toSorted()).to.deep.equal(['added', 'updated']);
      expect(await accounts.count({})).to.equal(50);
    });

    it('put makes absent what a row does not say', async () => {
      await accounts.add(account('p', 1, { role: 'provider', provider: 'one', passwordHash: 'hash' }));
      const { sealedHa1, ...row } = account('p', 2, { role: 'provider', passwordHash: 'new' });
      expect(await accounts.put([row])).to.deep.equal(['updated']);
      expect(await accounts.find('p')).to.deep.equal({ ...row, viewer: 1 });
      expect(await accounts.put([])).to.deep.equal([]);
    });

    it('change sets what is given, removes what is unset, keeps the rest', async () => {
      await accounts.add(
        account('a', 1, { zone: 'UTC', demographics: { sex: 'f' }, consent: { version: '1', at: 1, withdrawnAt: 2 } }),
      );
      expect(
        await accounts.change('a', { consent: { version: '2', at: 3 }, enabled: false, unset: ['zone'] }),
      ).to.equal(true);
      expect(await accounts.find('a')).to.deep.equal(
        account('a', 1, { demographics: { sex: 'f' }, consent: { version: '2', at: 3 }, enabled: false }),
      );
      expect(await accounts.change('a', {})).to.equal(true);
      expect(await accounts.change('b', { enabled: false })).to.equal(false);
      expect(await accounts.find('b')).to.equal(undefined);
    });

    it('lists in order of code points, in pages, by role', async () => {
      // UTF-16, as JavaScript compares, has the two last the other way round; a language's collation has B after a.
      const inOrder = ['B', 'a', 'ab', 'b', 'c', '~', 'é', '\uff5e', '\u{1f4fa}'];
      for (const [at, user] of inOrder.toReversed().entries())
        await accounts.add(account(user, at, user === 'c' ? { role: 'operator' } : {}));
      expect(await users({ limit: 9 })).to.deep.equal(inOrder);
      expect(await users({ limit: 2, after: 'b', role: 'handset' })).to.deep.equal(['~', 'é']);
      expect(await users({ limit: 2, after: '\uff5e' })).to.deep.equal(['\u{1f4fa}']);
      expect(await users({ limit: 2, after: '\u{1f4fa}' })).to.deep.equal([]);
      expect(await users({ limit: 2, role: 'operator' })).to.deep.equal(['c']);
    });

    it('O2: counts by role, state and consent', async () => {
      await accounts.add(account('a', 1));
      await accounts.add(account('b', 2, { consent: { version: '1', at: 1 } }));
      await accounts.add(account('c', 3, { consent: { version: '2', at: 1 } }));
      await accounts.add(account('d', 4, { consent: { version: '2', at: 1, withdrawnAt: 2 } }));
      await accounts.add(account('e', 5, { enabled: false }));
      await accounts.add(account('f', 6, { role: 'operator' }));
      expect(await accounts.count({})).to.equal(6);
      expect(await accounts.count({ role: 'handset' })).to.equal(5);
      expect(await accounts.count({ role: 'handset', enabled: true, notWithdrawn: true })).to.equal(3);
      expect(await accounts.count({ role: 'handset', notWithdrawn: true, consentVersion: '2' })).to.equal(1);
      expect(await accounts.count({ enabled: false })).to.equal(1);
      await accounts.change('b', { consent: { version: '1', at: 1, withdrawnAt: 3 } });
      await accounts.change('d', { consent: { version: '2', at: 4 } });
      expect(await accounts.count({ notWithdrawn: true, consentVersion: '1' })).to.equal(0);
      expect(await accounts.count({ notWithdrawn: true, consentVersion: '2' })).to.equal(2);
    });

    it('O2: lists whom it counts, each once, with the demographics that it has', async () => {
      const many = Array.from({ length: 2_500 }, (_, at) => account(`u${at}`, at));
      for (const start of [0, 1_000, 2_000]) await accounts.put(many.slice(start, start + 1_000));
      await accounts.change('u7', { enabled: false });
      await accounts.change('u8', {
        consent: { version: '2', at: 1 },
        demographics: { region: 'North', weight: '1.5' },
      });
      await accounts.change('u9', { consent: { version: '2', at: 1, withdrawnAt: 2 } });
      await accounts.add(account('zoe', 9_000, { role: 'operator' }));
      const list = (filter: AccountFilter) => gathered(accounts.listPeople(filter));
      const agreed = { role: 'handset', notWithdrawn: true, consentVersion: '2' } as const;
      expect(await list(agreed)).to.deep.equal([
        { user: 'u8', viewer: 8, demographics: { region: 'North', weight: '1.5' } },
      ]);
      const found = await list({ role: 'handset', enabled: true, notWithdrawn: true });
      const expected = many.filter(({ viewer }) => viewer !== 7 && viewer !== 9);
      expect(found.map(({ viewer }) => viewer).sort((a, b) => a - b)).to.deep.equal(
        expected.map(({ viewer }) => viewer),
      );
      expect(found.find(({ viewer }) => viewer === 10)).to.deep.equal({ user: 'u10', viewer: 10 });
      expect(await list({ role: 'business' })).to.deep.equal([]);
    });

    it('R3: put replaces demographics where they are given, and only there', async () => {
      await accounts.put([account('a', 1, { demographics: { region: 'North', age: '20-29' } })]);
      await accounts.put([account('a', 1)]);
      expect((await accounts.find('a'))?.demographics).to.deep.equal({ region: 'North', age: '20-29' });
      await accounts.put([account('a', 1, { demographics: { region: 'South' } })]);
      expect((await accounts.find('a'))?.demographics).to.deep.equal({ region: 'South' });
    });

    it('removes once', async () => {
      await accounts.add(account('a', 1));
      expect(await accounts.remove('a')).to.equal(true);
      expect(await accounts.remove('a')).to.equal(false);
      expect(await accounts.find('a')).to.equal(undefined);
    });
  });
}
