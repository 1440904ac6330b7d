// Accounts and tokens as the API shows them, and what it may change; no secret is ever in them (O1).

import type { Role } from '../http/caller.ts';
import type { Fault } from '../problem.ts';
import { type Account, faultsOfProfile, refuseFaults } from './account.ts';
import type { AccountChanges, AuditEntry, Token } from './account-store.ts';

/** What may be changed of an account; `null` makes it absent. */
export interface ProfileChanges {
  /** Only from one staff role to another: a handset's password is kept in another form. */
  role?: Role;
  name?: string;
  provider?: string | null;
  zone?: string | null;
  demographics?: Record<string, string> | null;
}

/** Times in ISO 8601; without the pseudonym, which links to viewing data. */
export function shownAccount(account: Account): Record<string, unknown> {
  const { viewer: _viewer, consent, createdAt, ...rest } = account;
  const shown: Record<string, unknown> = { ...rest, createdAt: new Date(createdAt).toISOString() };
  if (consent !== undefined) {
    const { version, at, withdrawnAt } = consent;
    shown.consent = {
      version,
      at: new Date(at).toISOString(),
      ...(withdrawnAt === undefined ? {} : { withdrawnAt: new Date(withdrawnAt).toISOString() }),
    };
  }
  return shown;
}

export function shownToken({ id, createdAt, expiresAt }: Token): Record<string, string> {
  return {
    id,
    createdAt: new Date(createdAt).toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
}

export function shownEntry({ at, ...entry }: AuditEntry): Record<string, unknown> {
  return { ...entry, at: new Date(at).toISOString() };
}

/** The store's changes for an account of this role. Problem `invalid`. */
export function readChanges(account: Account, changes: ProfileChanges): AccountChanges {
  const { name, zone, demographics } = changes;
  const role = changes.role ?? account.role;
  const provider = changes.provider === undefined ? account.provider : (changes.provider ?? undefined);
  const profile = { name, zone: zone ?? undefined, demographics: demographics ?? undefined };
  const faults: Fault[] = faultsOfProfile(withoutUndefined(profile));
  if (role !== account.role && (role === 'handset' || account.role === 'handset')) {
    faults.push({ element: 'role', rule: 'a handset stays one, and nothing else becomes one' });
  }
  if ((role === 'provider') !== (provider !== undefined)) {
    faults.push({ element: 'provider', rule: 'accounts of role provider name one, and no others' });
  } else if (provider !== undefined && !/^[^\p{C}]{1,64}$/u.test(provider)) {
    faults.push({ element: 'provider', rule: '1 to 64 printable characters' });
  }
  refuseFaults(faults);
  const unset = (['provider', 'zone', 'demographics'] as const).filter((field) => changes[field] === null);
  return { ...withoutUndefined({ ...profile, role, provider }), unset };
}

/** The same without the keys whose value is undefined. */
function withoutUndefined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
