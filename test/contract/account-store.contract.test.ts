// What every store must do for accounts, tokens, identities and the audit log (O1, O2).

import { expect } from 'chai';
import type {
  AccountRecord,
  AccountStore,
  AuditEntry,
  AuditStore,
  OriginStore,
  TokenStore,
} from '../../server/accounts/account-store.ts';
import { Problem } from '../../server/problem.ts';
import { createSqliteAccountStore } from '../../server/store/sqlite/account-store.ts';
import { createSqliteAuditStore } from '../../server/store/sqlite/audit-store.ts';
import { openDatabase } from '../../server/store/sqlite/database.ts';
import { createSqliteOriginStore } from '../../server/store/sqlite/origin-store.ts';
import { createSqliteTokenStore } from '../../server/store/sqlite/token-store.ts';

interface Ports {
  accounts: AccountStore;
  tokens: TokenStore;
  origins: OriginStore;
  audit: AuditStore;
  close(): Promise<void>;
}

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

function accountStoreContract(name: string, open: () => Promise<Ports>): void {
  describe(`account stores on ${name}`, () => {
    let ports: Ports;
    let accounts: AccountStore;
    beforeEach(async () => {
      ports = await open();
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
      for (const [at, user] of ['b', 'é', 'B', 'a', '~'].entries()) await accounts.add(account(user, at));
      await accounts.add(account('c', 9, { role: 'operator' }));
      expect(await users({ limit: 9 })).to.deep.equal(['B', 'a', 'b', 'c', '~', 'é']);
      expect(await users({ limit: 2, after: 'b', role: 'handset' })).to.deep.equal(['~', 'é']);
      expect(await users({ limit: 2, after: 'é' })).to.deep.equal([]);
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
    });

    it('removes once', async () => {
      await accounts.add(account('a', 1));
      expect(await accounts.remove('a')).to.equal(true);
      expect(await accounts.remove('a')).to.equal(false);
      expect(await accounts.find('a')).to.equal(undefined);
    });

    it('O1: keeps tokens by hash and by user', async () => {
      const first = { user: 'a', id: '2', hash: 'h2', createdAt: 1 };
      const second = { user: 'a', id: '1', hash: 'h1', createdAt: 2, expiresAt: 3 };
      const { tokens } = ports;
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

    it('O2: keeps an origin once, by viewer', async () => {
      const one = { no: 2 ** 52 - 1, device: 2, viewer: 3, sealedIdentity: 'x' };
      const two = { no: 1, device: 5, viewer: 3, sealedIdentity: 'y' };
      const other = { no: 7, device: 8, viewer: 4, sealedIdentity: 'z' };
      await ports.origins.put([one, two, { ...one, sealedIdentity: 'again' }]);
      await ports.origins.put([other, { ...one, device: 9 }]);
      expect(await ports.origins.list(3)).to.deep.equal([two, one]);
      await ports.origins.removeOfViewer(3);
      expect(await ports.origins.list(3)).to.deep.equal([]);
      expect(await ports.origins.list(4)).to.deep.equal([other]);
    });

    it('O1: lists audit entries newest first, in pages; a name can be replaced', async () => {
      const entry = (id: string, by: string, subject: string): AuditEntry => ({
        id,
        at: 1,
        by,
        action: 'x',
        subject,
        detail: { fields: 'name', rows: 2, done: true },
      });
      const { audit } = ports;
      for (const each of [entry('1', 'a', 'b'), entry('3', 'b', 'a'), entry('2', 'c', 'ab'), entry('1', 'z', 'z')]) {
        await audit.append(each);
      }
      expect(await audit.list({ limit: 2 })).to.deep.equal([entry('3', 'b', 'a'), entry('2', 'c', 'ab')]);
      expect(await audit.list({ limit: 2, before: '2' })).to.deep.equal([entry('1', 'a', 'b')]);
      await audit.replaceName('a', '-');
      expect(await audit.list({ limit: 9 })).to.deep.equal([
        entry('3', 'b', '-'),
        entry('2', 'c', 'ab'),
        entry('1', '-', 'b'),
      ]);
    });
  });
}

accountStoreContract('sqlite', async () => {
  const database = openDatabase(':memory:');
  return {
    accounts: createSqliteAccountStore(database),
    tokens: createSqliteTokenStore(database),
    origins: createSqliteOriginStore(database),
    audit: createSqliteAuditStore(database),
    close: async () => database.close(),
  };
});
