// Adding, changing, consent, tokens, import, and a user's own data (O1, O2, V6).

import { expect } from 'chai';
import type { AccountEntry } from '../../../server/accounts/account.ts';
import { type Accounts, createAccounts } from '../../../server/accounts/accounts.ts';
import type { AccountRow } from '../../../server/accounts/accounts-csv.ts';
import { type Audit, createAudit } from '../../../server/accounts/audit.ts';
import { createOrigins, type Origins } from '../../../server/accounts/origins.ts';
import { createSealing } from '../../../server/accounts/sealing.ts';
import { Problem } from '../../../server/problem.ts';
import { createSqliteAccountStore } from '../../../server/store/sqlite/account-store.ts';
import { createSqliteAuditStore } from '../../../server/store/sqlite/audit-store.ts';
import { type Database, openDatabase } from '../../../server/store/sqlite/database.ts';
import { createSqliteOriginStore } from '../../../server/store/sqlite/origin-store.ts';
import { createSqliteTokenStore } from '../../../server/store/sqlite/token-store.ts';
import { gathered } from '../../support/gathered.ts';
import { CHEAP } from '../../support/password-cost.ts';

const ADA: AccountEntry = { user: 'ada', password: 'Circle of Life', role: 'handset', name: 'Ada' };
const OLGA: AccountEntry = { user: 'olga', password: 'correct horse', role: 'operator' };

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof Problem ? error.code : error === undefined ? undefined : String(error);
}

async function* rowsOf(entries: Iterable<AccountEntry>): AsyncIterable<AccountRow> {
  let line = 1;
  for (const entry of entries) yield { line: ++line, entry };
}

describe('accounts', () => {
  let database: Database;
  let accounts: Accounts;
  let audit: Audit;
  let origins: Origins;
  let now: number;

  /** Another process on the same store. */
  const open = (requiredVersion?: string): Accounts => {
    const clock = (): number => now;
    const sealing = createSealing(Buffer.alloc(32, 1));
    let pseudonym = 100;
    let secret = 0;
    audit = createAudit({ store: createSqliteAuditStore(database), clock });
    origins = createOrigins({ store: createSqliteOriginStore(database), sealing, clock });
    return createAccounts({
      store: createSqliteAccountStore(database),
      tokens: createSqliteTokenStore(database),
      origins,
      audit,
      sealing,
      realm: 'http-auth@example.org',
      clock,
      newPseudonym: () => pseudonym++,
      newSecret: () => `made-up-secret-${secret++}`,
      consentPolicy: requiredVersion === undefined ? {} : { requiredVersion },
      passwordCost: CHEAP,
    });
  };
  beforeEach(() => {
    now = Date.UTC(2026, 6, 20);
    database = openDatabase(':memory:');
    accounts = open();
  });
  afterEach(() => database.close());
  const stored = (): string =>
    JSON.stringify(
      ['account', 'account_token', 'origin', 'audit'].map((table) => database.all(`SELECT * FROM ${table}`)),
    );

  it('adds an account once; the audit log says who did it', async () => {
    expect(await accounts.add(ADA, 'root')).to.deep.equal({
      user: 'ada',
      role: 'handset',
      name: 'Ada',
      viewer: 100,
      enabled: true,
      createdAt: 1784505600000,
    });
    expect(await codeOf(accounts.add(ADA, 'root'))).to.equal('conflict');
    const [entry, ...others] = await audit.list({ limit: 9 });
    expect(others).to.deep.equal([]);
    expect({ ...entry, id: '' }).to.deep.equal({
      id: '',
      at: 1784505600000,
      by: 'root',
      action: 'account.add',
      subject: 'ada',
      detail: { role: 'handset' },
    });
  });

  it('O11: refuses entries with every fault named', async () => {
    const bad = { user: 'a:b', password: 'short', role: 'operator', provider: 'p', name: 'a\u0000' } as const;
    try {
      await accounts.add(bad, 'root');
      expect.fail('it was taken');
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      expect(error.faults.map((fault) => fault.element)).to.deep.equal(['user', 'password', 'name', 'provider']);
    }
    expect(await codeOf(accounts.add({ ...OLGA, role: 'provider' }, 'root'))).to.equal('invalid');
  });

  it('R2: a weight is a decimal above 0', async () => {
    await accounts.add(ADA, 'root');
    for (const weight of ['0', '-1', 'heavy', '1e9'])
      expect(await codeOf(accounts.change('ada', { demographics: { weight } }, 'root'))).to.equal('invalid');
    await accounts.change('ada', { demographics: { region: 'North', weight: '1234.5' } }, 'root');
    expect(await gathered(accounts.listMeasurable())).to.deep.equal([
      { user: 'ada', viewer: 100, demographics: { region: 'North', weight: '1234.5' } },
    ]);
    await accounts.withdrawConsent('ada', 'ada');
    expect(await gathered(accounts.listMeasurable())).to.deep.equal([]);
  });

  it('V6: keeps HA1 and passwords so that the store shows neither', async () => {
    await accounts.add(ADA, 'root');
    await accounts.add(OLGA, 'root');
    const { token } = await accounts.issueToken('olga', {}, 'root');
    for (const secret of ['Circle of Life', 'correct horse', token, HA1_MD5_OF_ADA])
      expect(stored()).not.to.contain(secret);
    const credentials = await accounts.findCredentials('ada');
    expect(credentials).to.deep.include({
      ha1Md5: HA1_MD5_OF_ADA,
      viewer: 100,
      role: 'handset',
      enabled: true,
      measurable: true,
    });
    expect(await accounts.findCredentials('olga')).to.equal(undefined);
  });

  it('findCredentials answers at once the second time, and sees its own changes at once', async () => {
    await accounts.add(ADA, 'root');
    expect(accounts.findCredentials('ada')).to.be.instanceOf(Promise);
    await accounts.findCredentials('ada');
    expect(accounts.findCredentials('ada')).to.have.property('viewer', 100);
    await accounts.disable('ada', 'root');
    expect(await accounts.findCredentials('ada')).to.deep.include({ enabled: false, measurable: false });
    await accounts.setPassword('ada', 'new', 'root');
    expect(await accounts.findCredentials('ada'))
      .to.have.property('ha1Md5')
      .not.equal(HA1_MD5_OF_ADA);
  });

  it('sees what another process changed within 5 s, and who is new at once', async () => {
    expect(await accounts.findCredentials('ada')).to.equal(undefined);
    const other = open();
    await other.add(ADA, 'root');
    expect(await accounts.findCredentials('ada')).to.have.property('enabled', true);
    await other.disable('ada', 'root');
    now += 4_999;
    expect(await accounts.findCredentials('ada')).to.have.property('enabled', true);
    now += 1;
    expect(await accounts.findCredentials('ada')).to.have.property('enabled', false);
  });

  it('O1: verifies passwords of staff alone, quickly the second time, and not after a change', async () => {
    await accounts.add(OLGA, 'root');
    await accounts.add(ADA, 'root');
    expect(await accounts.verifyPassword('olga', 'correct horse')).to.deep.equal({ user: 'olga', role: 'operator' });
    const startedAt = performance.now();
    for (let time = 0; time < 1_000; time += 1) await accounts.verifyPassword('olga', 'correct horse');
    expect((performance.now() - startedAt) / 1_000).to.be.below(0.5); // ms; scrypt takes hundreds
    expect(await accounts.verifyPassword('olga', 'wrong horse')).to.equal(undefined);
    expect(await accounts.verifyPassword('nobody', 'correct horse')).to.equal(undefined);
    expect(await accounts.verifyPassword('ada', 'Circle of Life')).to.equal(undefined);
    await accounts.setPassword('olga', 'battery staple', 'root');
    expect(await accounts.verifyPassword('olga', 'correct horse')).to.equal(undefined);
    expect(await accounts.verifyPassword('olga', 'battery staple')).to.have.property('user', 'olga');
    await accounts.disable('olga', 'root');
    expect(await accounts.verifyPassword('olga', 'battery staple')).to.equal(undefined);
  });

  it('O11: bounds how many passwords are checked at once', async () => {
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, at) => codeOf(accounts.verifyPassword('nobody', String(at)))),
    );
    expect(codes.filter((code) => code === 'unavailable')).to.have.length(4);
  });

  it('O1: tokens work until they expire, are revoked, or their owner is disabled', async () => {
    await accounts.add({ ...OLGA, role: 'provider', provider: 'p1' }, 'root');
    await accounts.add(ADA, 'root');
    const lasting = await accounts.issueToken('olga', {}, 'root');
    const brief = await accounts.issueToken('olga', { expiresAt: now + 10 }, 'root');
    const caller = { user: 'olga', role: 'provider', provider: 'p1' };
    expect(await accounts.findByToken(brief.token)).to.deep.equal(caller);
    expect(await accounts.findByToken('other')).to.equal(undefined);
    now += 10;
    expect(await accounts.findByToken(brief.token)).to.equal(undefined);
    expect(await accounts.findByToken(lasting.token)).to.deep.equal(caller);
    await accounts.disable('olga', 'root');
    expect(await accounts.findByToken(lasting.token)).to.equal(undefined);
    await accounts.enable('olga', 'root');
    await accounts.revokeToken('olga', lasting.id, 'root');
    expect(await accounts.findByToken(lasting.token)).to.equal(undefined);
    expect(await codeOf(accounts.revokeToken('olga', lasting.id, 'root'))).to.equal('not_found');
    expect(await codeOf(accounts.issueToken('ada', {}, 'root'))).to.equal('invalid');
    expect(await codeOf(accounts.issueToken('olga', { expiresAt: now }, 'root'))).to.equal('invalid');
  });

  it('O1: a first start makes an administrator and tells the secret once', async () => {
    expect(await accounts.firstStart({})).to.deep.equal({ user: 'admin', password: 'made-up-secret-0' });
    expect(await accounts.verifyPassword('admin', 'made-up-secret-0')).to.have.property('role', 'administrator');
    expect(await accounts.firstStart({})).to.equal(undefined);
  });

  it('O1: a first start with a given password does not tell it', async () => {
    expect(await accounts.firstStart({ adminPassword: 'given-secret' })).to.deep.equal({ user: 'admin' });
    expect(await accounts.verifyPassword('admin', 'given-secret')).to.have.property('role', 'administrator');
  });

  it('keeps the last administrator', async () => {
    await accounts.firstStart({});
    expect(await codeOf(accounts.disable('admin', 'admin'))).to.equal('conflict');
    expect(await codeOf(accounts.remove('admin', 'admin'))).to.equal('conflict');
    expect(await codeOf(accounts.eraseUser('admin', 'admin'))).to.equal('conflict');
    expect(await codeOf(accounts.change('admin', { role: 'operator' }, 'admin'))).to.equal('conflict');
    await accounts.add({ ...OLGA, role: 'administrator' }, 'admin');
    await accounts.remove('admin', 'olga');
    expect(await accounts.find('admin')).to.equal(undefined);
  });

  it('changes a profile, and refuses what does not fit the role', async () => {
    await accounts.add(ADA, 'root');
    await accounts.add(OLGA, 'root');
    await accounts.change('ada', { name: 'A', zone: 'Europe/Paris', demographics: { age: '30-39' } }, 'root');
    await accounts.change('ada', { zone: null }, 'root');
    expect(await accounts.get('ada')).to.deep.include({ name: 'A', demographics: { age: '30-39' } });
    expect(await accounts.get('ada')).not.to.have.property('zone');
    await accounts.change('olga', { role: 'provider', provider: 'p1' }, 'root');
    expect(await accounts.get('olga')).to.deep.include({ role: 'provider', provider: 'p1' });
    await accounts.change('olga', { role: 'operator', provider: null }, 'root');
    expect(await accounts.get('olga')).not.to.have.property('provider');
    for (const changes of [
      { zone: 'Mars/Olympus' },
      { role: 'operator' as const },
      { provider: 'p' },
      { name: '\n' },
    ]) {
      expect(await codeOf(accounts.change('ada', changes, 'root'))).to.equal('invalid');
    }
    expect(await codeOf(accounts.change('nobody', { name: 'x' }, 'root'))).to.equal('not_found');
  });

  it('O2: without a required version everybody counts who did not withdraw', async () => {
    await accounts.import(rowsOf(['a', 'b', 'c', 'd'].map((user) => ({ ...ADA, user }))), { by: 'root' });
    await accounts.add(OLGA, 'root');
    await accounts.withdrawConsent('b', 'b');
    await accounts.disable('c', 'root');
    expect(await accounts.count({ measurable: true })).to.equal(2);
    expect(await accounts.count({ measurable: true, role: 'operator' })).to.equal(0);
    expect(await accounts.count({ role: 'handset' })).to.equal(4);
    expect(await accounts.findCredentials('b')).to.deep.include({ enabled: true, measurable: false });
    expect((await accounts.get('b')).consent).to.deep.equal({ version: '', at: now, withdrawnAt: now });
  });

  it('O2: with a required version only who consented to it counts, until they withdraw', async () => {
    accounts = open('2026-1');
    await accounts.add(ADA, 'root');
    expect(await accounts.findCredentials('ada')).to.have.property('measurable', false);
    await accounts.recordConsent('ada', { version: '2025-1' }, 'ada');
    expect(await accounts.findCredentials('ada')).to.have.property('measurable', false);
    await accounts.recordConsent('ada', { version: '2026-1' }, 'ada');
    expect(await accounts.findCredentials('ada')).to.have.property('measurable', true);
    expect(await accounts.count({ measurable: true })).to.equal(1);
    now += 7;
    await accounts.withdrawConsent('ada', 'ada');
    expect((await accounts.get('ada')).consent).to.deep.equal({ version: '2026-1', at: now - 7, withdrawnAt: now });
    expect(accounts.mayMeasure(await accounts.get('ada'))).to.equal(false);
    expect(await accounts.count({ measurable: true })).to.equal(0);
    await accounts.recordConsent('ada', { version: '2026-1' }, 'ada');
    expect(await accounts.count({ measurable: true })).to.equal(1);
  });

  it('O2: exports everything but secrets; erases everything, names in the audit log too', async () => {
    await accounts.add(ADA, 'root');
    await accounts.recordConsent('ada', { version: '1' }, 'ada');
    await origins.record({ no: 7, device: 8, viewer: 100 }, { user: 'ada', imsi: '460030912121001', model: 'M1' });
    expect(stored()).not.to.contain('460030912121001');
    expect(await accounts.exportUser('ada', 'ada')).to.deep.equal({
      user: 'ada',
      role: 'handset',
      name: 'Ada',
      viewer: 100,
      enabled: true,
      createdAt: '2026-07-20T00:00:00.000Z',
      consent: { version: '1', at: '2026-07-20T00:00:00.000Z' },
      devices: [{ device: 8, user: 'ada', imsi: '460030912121001', model: 'M1' }],
      tokens: [],
    });
    await accounts.eraseUser('ada', 'root');
    expect(await accounts.find('ada')).to.equal(undefined);
    expect(await accounts.findByViewer(100)).to.equal(undefined);
    expect(await accounts.findCredentials('ada')).to.equal(undefined);
    expect(await origins.find(100)).to.deep.equal([]);
    expect(stored()).not.to.match(/ada/i);
    expect((await audit.list({ limit: 9 })).map(({ action, subject }) => `${action} ${subject}`)).to.deep.equal([
      'account.erase (erased)',
      'account.add (erased)',
    ]);
  });

  it('O2: an origin is written once, with those of the same moment', async () => {
    const numbers = { no: 7, device: 8, viewer: 9 };
    const first = origins.record(numbers, { user: 'ada' });
    const others = [1, 2, 3].map((no) => origins.record({ ...numbers, no }, { user: 'ada' }));
    expect(first).to.be.instanceOf(Promise);
    await Promise.all([first, ...others]);
    expect(origins.record(numbers, { user: 'ada' })).to.equal(undefined);
    expect((await origins.find(9)).map(({ no }) => no)).to.deep.equal([1, 2, 3, 7]);
  });

  it('O8: the same import again changes no pseudonym; faults and roles are told by line', async () => {
    const rows = [ADA, OLGA, { ...ADA, user: 'b' }];
    expect(await accounts.import(rowsOf(rows), { by: 'root' })).to.deep.include({
      rows: 3,
      added: 3,
      updated: 0,
      refused: 0,
    });
    const before = await accounts.list({ limit: 9 });
    await accounts.disable('b', 'root');
    const again = await accounts.import(rowsOf([...rows, { ...OLGA, role: 'administrator' }]), { by: 'root' });
    expect(again).to.deep.equal({
      rows: 4,
      added: 0,
      updated: 3,
      refused: 1,
      faults: [{ line: 5, element: 'role', rule: 'olga exists with another role' }],
    });
    const after = await accounts.list({ limit: 9 });
    expect(after).to.deep.equal(before.map((each) => (each.user === 'b' ? { ...each, enabled: false } : each)));
    expect(await accounts.verifyPassword('olga', 'correct horse')).to.have.property('role', 'operator');
  });

  it('O8: an import survives pseudonyms that are taken', async () => {
    await accounts.add(ADA, 'root');
    const other = open(); // whose pseudonyms begin at 100 again
    const result = await other.import(rowsOf([{ ...ADA, user: 'b' }]), { by: 'root' });
    expect(result).to.have.property('added', 1);
    expect(await other.get('b')).to.have.property('viewer', 101);
  });

  it('O8: imports 100,000 handsets in well under a minute', async function () {
    this.timeout(60_000);
    const entries = Array.from({ length: 100_000 }, (_, at) => ({ ...ADA, user: `1380${at}` }));
    let progress = 0;
    const startedAt = performance.now();
    const result = await accounts.import(rowsOf(entries), { by: 'root', onProgress: (rows) => (progress = rows) });
    const tookMs = performance.now() - startedAt;
    console.log(`        100,000 rows: ${Math.round(tookMs)} ms`);
    expect(result).to.have.property('added', 100_000);
    expect(progress).to.equal(100_000);
    expect(tookMs).to.be.below(30_000);
    expect(await accounts.count({ measurable: true })).to.equal(100_000);
  });
});

// MD5 of ada:http-auth@example.org:Circle of Life
const HA1_MD5_OF_ADA = '9ed80659c8f943e8b0d0378d9d686b50';
