// Who may log in: sealed HA1 for handsets, passwords and bearer tokens for staff, with short-lived caches (V6, O1).

import { createHmac, randomBytes } from 'node:crypto';
import type { Caller, Role } from '../http/caller.ts';
import { Problem } from '../problem.ts';
import { type ConsentPolicy, mayMeasure } from './account.ts';
import type { AccountRecord, AccountStore, TokenStore } from './account-store.ts';
import { createFreshCache } from './fresh-cache.ts';
import type { Sealing } from './sealing.ts';
import { type Ha1, hashPassword, hashToken, isPassword, makeHa1, type PasswordCost } from './secrets.ts';

/** What checking a handset's Digest needs, and whom its reports count for. Who is not `enabled` must be refused. */
interface Credentials extends Ha1 {
  viewer: number;
  role: Role;
  enabled: boolean;
  /** The user may be measured: enabled, and consent as the policy asks (O2). */
  measurable: boolean;
}

export interface CredentialsDeps {
  store: AccountStore;
  tokens: TokenStore;
  sealing: Sealing;
  realm: string;
  clock: () => number;
  consentPolicy: ConsentPolicy;
  /** What a password of staff costs to check; absent: what is safe. For tests alone, which log in by the hundred. */
  passwordCost?: PasswordCost | undefined;
}

export interface CredentialsCheck {
  /** The credentials of a handset's account; at once when they were read in the last seconds. */
  findCredentials(user: string): Credentials | undefined | Promise<Credentials | undefined>;
  /** The staff member with this password; unknown users cost as much as wrong passwords. Problem `unavailable` when too many wait. */
  verifyPassword(user: string, password: string): Promise<Caller | undefined>;
  /** The staff member whose bearer token this is, unless it has expired. */
  findByToken(token: string): Promise<Caller | undefined>;
  /** What to store for a password: sealed HA1 for a handset, scrypt for the rest. */
  makeSecrets(user: string, role: Role, password: string): Promise<Pick<AccountRecord, 'sealedHa1' | 'passwordHash'>>;
  /** Reads the account afresh next time. */
  forget(user: string): void;
}

/** How long an account is believed to be as it was read: how soon another process's change is seen here. */
export const FRESH_MS = 5_000;
const CACHED_HANDSETS = 50_000; // some 25 MB
const CACHED_LOGINS = 1_000;
const LOGIN_MS = 60_000; // how long a password once checked is known without scrypt
const MOST_CHECKS = 16; // four at a time take 0.2 s: who comes later than this would wait a second

export function createCredentials(deps: CredentialsDeps): CredentialsCheck {
  const { store, tokens, sealing, realm, clock, consentPolicy, passwordCost } = deps;
  const handsets = createFreshCache<Credentials>(CACHED_HANDSETS, FRESH_MS);
  const staff = createFreshCache<AccountRecord>(CACHED_LOGINS, FRESH_MS);
  const logins = createFreshCache<true>(CACHED_LOGINS, LOGIN_MS);
  const loginKey = randomBytes(32);
  let checks = 0;

  const readCredentials = async (user: string): Promise<Credentials | undefined> => {
    const readAt = clock();
    const account = await store.find(user);
    if (account?.sealedHa1 === undefined) return undefined;
    const { ha1Md5, ha1Sha256 }: Ha1 = JSON.parse(sealing.open(account.sealedHa1, contextOf(user)));
    const { viewer, role, enabled } = account;
    const credentials = { ha1Md5, ha1Sha256, viewer, role, enabled, measurable: mayMeasure(account, consentPolicy) };
    handsets.put(user, credentials, readAt);
    return credentials;
  };

  const findStaff = async (user: string): Promise<AccountRecord | undefined> => {
    const now = clock();
    const known = staff.find(user, now);
    if (known !== undefined) return known;
    const account = await store.find(user);
    if (account === undefined || account.role === 'handset') return undefined;
    staff.put(user, account, now);
    return account;
  };

  const checkPassword = async (password: string, passwordHash: string | undefined): Promise<boolean> => {
    if (checks >= MOST_CHECKS) throw new Problem('unavailable', 'too many log-ins at once', { retryAfterS: 1 });
    checks += 1;
    try {
      return await isPassword(password, passwordHash, passwordCost);
    } finally {
      checks -= 1;
    }
  };

  return {
    findCredentials: (user) => handsets.find(user, clock()) ?? readCredentials(user),

    async verifyPassword(user, password) {
      const account = await findStaff(user);
      const passwordHash = account?.enabled === true ? account.passwordHash : undefined;
      // The hash is part of the key, so a changed password is never known from before.
      const key = createHmac('sha256', loginKey)
        .update(JSON.stringify([user, password, passwordHash]))
        .digest('base64');
      if (logins.find(key, clock()) !== true) {
        if (!(await checkPassword(password, passwordHash))) return undefined;
        logins.put(key, true, clock());
      }
      return account === undefined ? undefined : callerOf(account);
    },

    async findByToken(text) {
      const token = await tokens.findByHash(hashToken(text));
      if (token === undefined || (token.expiresAt ?? Number.POSITIVE_INFINITY) <= clock()) return undefined;
      const account = await findStaff(token.user);
      return account?.enabled === true ? callerOf(account) : undefined;
    },

    async makeSecrets(user, role, password) {
      if (role !== 'handset') return { passwordHash: await hashPassword(password, passwordCost) };
      return { sealedHa1: sealing.seal(JSON.stringify(makeHa1(user, realm, password)), contextOf(user)) };
    },

    forget(user) {
      handsets.remove(user);
      staff.remove(user);
    },
  };
}

const contextOf = (user: string): string => `ha1:${user}`;

function callerOf({ user, role, provider }: AccountRecord): Caller {
  return { user, role, ...(provider === undefined ? {} : { provider }) };
}
