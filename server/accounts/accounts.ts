// The accounts of everybody who logs in: adding, changing, consent, tokens, and a user's own data (O1, O2).

import { Problem } from '../problem.ts';
import {
  type Account,
  type AccountEntry,
  type Consent,
  type ConsentPolicy,
  faultsOf,
  findPasswordFault,
  mayMeasure,
  type Person,
  refuseFaults,
} from './account.ts';
import { type ImportResult, importAccounts, makeRecord, type OnProgress } from './account-import.ts';
import { type ProfileChanges, readChanges, shownAccount, shownToken } from './account-json.ts';
import type { AccountChanges, AccountRecord, AccountStore, TokenStore } from './account-store.ts';
import type { AccountRow } from './accounts-csv.ts';
import type { Audit } from './audit.ts';
import { type CredentialsCheck, type CredentialsDeps, createCredentials } from './credentials.ts';
import { filterOfMeasurable } from './measurable.ts';
import type { Origins } from './origins.ts';
import type { Sealing } from './sealing.ts';
import { hashToken } from './secrets.ts';

export interface AccountsDeps extends Pick<CredentialsDeps, 'passwordCost'> {
  store: AccountStore;
  tokens: TokenStore;
  origins: Origins;
  audit: Audit;
  sealing: Sealing;
  /** Part of every HA1: another realm makes all handsets' passwords void. */
  realm: string;
  clock: () => number;
  newPseudonym: () => number;
  newSecret: () => string;
  consentPolicy: ConsentPolicy;
}

/** `by` is who does it, for the audit log. Where a user is named that is absent: Problem `not_found`. */
export interface Accounts extends Pick<CredentialsCheck, 'findCredentials' | 'verifyPassword' | 'findByToken'> {
  /** Problem `invalid`, or `conflict` when the user exists. */
  add(entry: AccountEntry, by: string): Promise<Account>;
  import(rows: AsyncIterable<AccountRow>, options: { by: string; onProgress?: OnProgress }): Promise<ImportResult>;
  change(user: string, changes: ProfileChanges, by: string): Promise<void>;
  setPassword(user: string, password: string, by: string): Promise<void>;
  enable(user: string, by: string): Promise<void>;
  /** Problem `conflict` for the last enabled administrator; so with `remove` and `eraseUser`. */
  disable(user: string, by: string): Promise<void>;
  /** Removes the account, its tokens and the identities of its terminals. */
  remove(user: string, by: string): Promise<void>;
  find(user: string): Promise<Account | undefined>;
  get(user: string): Promise<Account>;
  findByViewer(viewer: number): Promise<Account | undefined>;
  /** In order of the user's code points, after `after`. */
  list(query: { after?: string; role?: Account['role']; limit: number }): Promise<Account[]>;
  /** `measurable`: the universe, enabled handset users who may be measured (O2). */
  count(filter: { role?: Account['role']; measurable?: boolean }): Promise<number>;
  /** The universe, in pages of any order and size. */
  listMeasurable(): AsyncIterable<Person[]>;
  recordConsent(user: string, consent: { version: string }, by: string): Promise<void>;
  withdrawConsent(user: string, by: string): Promise<void>;
  mayMeasure(account: Account): boolean;
  /** The token's text is told here and never again. Problem `invalid` for a handset. */
  issueToken(user: string, options: { expiresAt?: number }, by: string): Promise<{ id: string; token: string }>;
  revokeToken(user: string, id: string, by: string): Promise<void>;
  /** Makes `admin` unless there is an administrator; the password is given back only when it was made up here. */
  firstStart(options: { adminPassword?: string }): Promise<{ user: string; password?: string } | undefined>;
  /** All that is kept of the account and the identity of its terminals, without secrets, fit for JSON; times in ISO 8601. */
  exportUser(user: string, by: string): Promise<Record<string, unknown>>;
  /** Removes the account and its names in the audit log. Viewing data is erased before, by the pseudonym. */
  eraseUser(user: string, by: string): Promise<void>;
}

const FIRST_ADMINISTRATOR = 'admin';

export function createAccounts(deps: AccountsDeps): Accounts {
  const { store, tokens, origins, audit, clock, consentPolicy } = deps;
  const credentials = createCredentials(deps);
  const parts = { ...deps, credentials };

  const getRecord = async (user: string): Promise<AccountRecord> => {
    const record = await store.find(user);
    if (record === undefined) throw absent(user);
    return record;
  };
  const log = (by: string, action: string, subject: string, detail?: Record<string, string | number>): Promise<void> =>
    audit.record({ by, action, subject, ...(detail === undefined ? {} : { detail }) });
  const changeAccount = async (user: string, changes: AccountChanges): Promise<void> => {
    if (!(await store.change(user, changes))) throw absent(user);
    credentials.forget(user);
  };
  const keepOneAdministrator = async ({ role, enabled }: Account): Promise<void> => {
    if (role !== 'administrator' || !enabled) return;
    if ((await store.count({ role, enabled })) < 2) throw new Problem('conflict', 'this is the last administrator');
  };
  const removeIdentity = async ({ user, viewer }: Account): Promise<void> => {
    await origins.removeOfViewer(viewer);
    await tokens.removeOfUser(user);
    // Last, so that what breaks off can be done again.
    await store.remove(user);
    credentials.forget(user);
  };
  const setConsent = async (user: string, consent: Consent, action: string, by: string): Promise<void> => {
    await changeAccount(user, { consent });
    if (by !== user) await log(by, action, user, { version: consent.version });
  };
  const addRecord = async (entry: AccountEntry): Promise<Account | undefined> => {
    refuseFaults(faultsOf(entry));
    const record = await makeRecord(parts, entry);
    if (!(await store.add(record))) return undefined;
    credentials.forget(entry.user);
    return withoutSecrets(record);
  };

  return {
    findCredentials: credentials.findCredentials,
    verifyPassword: credentials.verifyPassword,
    findByToken: credentials.findByToken,

    async add(entry, by) {
      const account = await addRecord(entry);
      if (account === undefined) throw new Problem('conflict', `there is a user ${entry.user} already`);
      await log(by, 'account.add', entry.user, { role: entry.role });
      return account;
    },
    async import(rows, { by, onProgress }) {
      const result = await importAccounts(parts, rows, onProgress);
      const { added, updated, refused } = result;
      await log(by, 'account.import', 'accounts', { added, updated, refused });
      return result;
    },
    async change(user, changes, by) {
      const account = await getRecord(user);
      if (changes.role !== undefined && changes.role !== account.role) await keepOneAdministrator(account);
      await changeAccount(user, readChanges(account, changes));
      await log(by, 'account.change', user, { fields: Object.keys(changes).join(' ') });
    },
    async setPassword(user, password, by) {
      const { role } = await getRecord(user);
      const rule = findPasswordFault(password, role);
      if (rule !== undefined) refuseFaults([{ element: 'password', rule }]);
      await changeAccount(user, await credentials.makeSecrets(user, role, password));
      await log(by, 'account.password', user);
    },
    async enable(user, by) {
      await changeAccount(user, { enabled: true });
      await log(by, 'account.enable', user);
    },
    async disable(user, by) {
      await keepOneAdministrator(await getRecord(user));
      await changeAccount(user, { enabled: false });
      await log(by, 'account.disable', user);
    },
    async remove(user, by) {
      const account = await getRecord(user);
      await keepOneAdministrator(account);
      await removeIdentity(account);
      await log(by, 'account.remove', user);
    },

    async find(user) {
      const record = await store.find(user);
      return record === undefined ? undefined : withoutSecrets(record);
    },
    get: async (user) => withoutSecrets(await getRecord(user)),
    async findByViewer(viewer) {
      const record = await store.findByViewer(viewer);
      return record === undefined ? undefined : withoutSecrets(record);
    },
    list: async (query) => (await store.list(query)).map(withoutSecrets),
    async count({ role, measurable }) {
      if (measurable !== true) return store.count(role === undefined ? {} : { role });
      if (role !== undefined && role !== 'handset') return 0;
      return store.count(filterOfMeasurable(consentPolicy));
    },
    listMeasurable: () => store.listPeople(filterOfMeasurable(consentPolicy)),

    async recordConsent(user, { version }, by) {
      if (!/^[\w.-]{1,64}$/.test(version))
        refuseFaults([{ element: 'version', rule: '1 to 64 letters, digits, . _ -' }]);
      await setConsent(user, { version, at: clock() }, 'consent.record', by);
    },
    async withdrawConsent(user, by) {
      const { consent } = await getRecord(user);
      if (consent?.withdrawnAt !== undefined) return;
      const at = clock();
      await setConsent(user, { version: '', at, ...consent, withdrawnAt: at }, 'consent.withdraw', by);
    },
    mayMeasure: (account) => mayMeasure(account, consentPolicy),

    async issueToken(user, { expiresAt }, by) {
      const { role } = await getRecord(user);
      if (role === 'handset') throw new Problem('invalid', 'a handset has no tokens: it logs in by Digest');
      if (expiresAt !== undefined && expiresAt <= clock()) throw new Problem('invalid', 'expiresAt is past');
      const token = deps.newSecret();
      const hash = hashToken(token);
      const id = hash.slice(0, 16);
      await tokens.put({ user, id, hash, createdAt: clock(), ...(expiresAt === undefined ? {} : { expiresAt }) });
      await log(by, 'token.issue', user, { id });
      return { id, token };
    },
    async revokeToken(user, id, by) {
      if (!(await tokens.remove(user, id))) throw new Problem('not_found', `user ${user} has no token ${id}`);
      await log(by, 'token.revoke', user, { id });
    },

    async firstStart({ adminPassword }) {
      if ((await store.count({ role: 'administrator' })) > 0) return undefined;
      const user = FIRST_ADMINISTRATOR;
      const password = adminPassword ?? deps.newSecret();
      const account = await addRecord({ user, password, role: 'administrator', name: 'Administrator' });
      if (account === undefined) {
        // Another process may have been first; any other account of this name would keep everybody out.
        if ((await store.find(user))?.role === 'administrator') return undefined;
        throw new Problem('conflict', `there is no administrator, and the account ${user} is something else`);
      }
      await log('first-start', 'account.add', user, { role: 'administrator' });
      return adminPassword === undefined ? { user, password } : { user };
    },

    async exportUser(user, by) {
      const account = withoutSecrets(await getRecord(user));
      const devices = (await origins.find(account.viewer)).map(({ no: _no, viewer: _viewer, ...device }) => device);
      if (by !== user) await log(by, 'account.export', user);
      return {
        ...shownAccount(account),
        viewer: account.viewer,
        devices,
        tokens: (await tokens.list(user)).map(shownToken),
      };
    },
    async eraseUser(user, by) {
      const account = await getRecord(user);
      await keepOneAdministrator(account);
      await audit.forget(user);
      await removeIdentity(account);
      await log(by, 'account.erase', '(erased)');
    },
  };
}

const absent = (user: string): Problem => new Problem('not_found', `there is no user ${user}`);

function withoutSecrets({ sealedHa1: _ha1, passwordHash: _hash, ...account }: AccountRecord): Account {
  return account;
}
