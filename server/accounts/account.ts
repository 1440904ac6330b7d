// What an account is, what its fields may hold, and whom the consent policy lets measure (O1, O2).

import { isZone } from '../../sg/zone-time.ts';
import type { Role } from '../http/caller.ts';
import { type Fault, Problem } from '../problem.ts';

/** Consent to being measured. `version` is '' when the user refused before ever consenting. Times in epoch ms. */
export interface Consent {
  version: string;
  at: number;
  withdrawnAt?: number;
}

export interface Account {
  /** The log-in name: a handset's User_ID. */
  user: string;
  role: Role;
  /** How people call the account; may be ''. */
  name: string;
  /** The content provider that a provider's account belongs to. */
  provider?: string;
  /** The pseudonym that stands for the user in viewing data: an integer below 2^52. */
  viewer: number;
  enabled: boolean;
  consent?: Consent;
  /** The user's time zone, by its IANA name. */
  zone?: string;
  /** Epoch ms. */
  createdAt: number;
  demographics?: Record<string, string>;
}

/** A new account as an administrator or a CSV row gives it. */
export interface AccountEntry {
  user: string;
  password: string;
  role: Role;
  name?: string;
  provider?: string;
  /** Where they are given, they take the place of those that the account has. */
  demographics?: Record<string, string>;
}

/** Whose consent counts. Without a version everybody may be measured who did not withdraw. */
export interface ConsentPolicy {
  requiredVersion?: string;
}

/** O2: an enabled handset user who consented as the policy asks. */
export function mayMeasure(account: Account, policy: ConsentPolicy): boolean {
  const { role, enabled, consent } = account;
  if (role !== 'handset' || !enabled || consent?.withdrawnAt !== undefined) return false;
  return policy.requiredVersion === undefined || consent?.version === policy.requiredVersion;
}

/** A user who may be measured, as figures ask of it. */
export interface Person {
  user: string;
  viewer: number;
  demographics?: Record<string, string>;
}

export const ROLES: readonly Role[] = ['handset', 'provider', 'operator', 'administrator', 'business'];

// A name is part of `user:realm:password` and of quoted header fields; a User_ID is a phone number or an address.
const USER = /^(?! )[^:"\\\p{C}]{1,64}(?<! )$/u;
const TEXT = /^[^\p{Cc}\p{Cs}]{0,200}$/u;
const PROVIDER = /^[^\p{C}]{1,64}$/u;
const PASSWORD = /^[^\p{Cc}\p{Cs}]{1,200}$/u;
const STAFF_PASSWORD_LEAST = 8; // NIST SP 800-63B §5.1.1.2
const DEMOGRAPHICS_MOST = 20;
const DEMOGRAPHIC = /^[\w-]{1,32}$/;
const WEIGHT = /^(?=.*[1-9])\d{1,9}(?:\.\d{1,9})?$/; // exact as a number, and so is a sum of millions but for its last digits

/** For how many people of the population this one stands (R2): its demographic `weight`; 1 without one. */
export function weightOf({ weight }: Record<string, string> = {}): number {
  return weight !== undefined && WEIGHT.test(weight) ? Number(weight) : 1;
}

/** The rules that an entry breaks; none when it is good. */
export function faultsOf(entry: AccountEntry): Fault[] {
  const { user, password, role, name, provider } = entry;
  const faults: Fault[] = [];
  const refuse = (element: string, rule: string): void => void faults.push({ element, rule });
  if (!USER.test(user)) refuse('user', '1 to 64 characters without : " \\ or control characters, no space at the ends');
  if (!ROLES.includes(role)) refuse('role', `one of ${ROLES.join(', ')}`);
  const passwordRule = findPasswordFault(password, role);
  if (passwordRule !== undefined) refuse('password', passwordRule);
  if (!TEXT.test(name ?? '')) refuse('name', 'at most 200 characters without control characters');
  if (role === 'provider' && provider === undefined) refuse('provider', 'an account of role provider names one');
  if (role !== 'provider' && provider !== undefined) refuse('provider', 'only an account of role provider names one');
  if (provider !== undefined && !PROVIDER.test(provider)) refuse('provider', '1 to 64 printable characters');
  return [...faults, ...faultsOfDemographics(entry.demographics)];
}

/** What is wrong with a password for this role. */
export function findPasswordFault(password: string, role: Role): string | undefined {
  if (!PASSWORD.test(password)) return '1 to 200 characters without control characters';
  if (role !== 'handset' && password.length < STAFF_PASSWORD_LEAST)
    return `at least ${STAFF_PASSWORD_LEAST} characters`;
  return undefined;
}

/** What is wrong with the other fields that may be changed. */
export function faultsOfProfile(profile: Pick<Partial<Account>, 'name' | 'zone' | 'demographics'>): Fault[] {
  const faults: Fault[] = [];
  const { name, zone, demographics } = profile;
  if (name !== undefined && !TEXT.test(name)) faults.push({ element: 'name', rule: 'at most 200 characters' });
  if (zone !== undefined && !isZone(zone)) faults.push({ element: 'zone', rule: 'an IANA time zone' });
  return [...faults, ...faultsOfDemographics(demographics)];
}

function faultsOfDemographics(demographics: Record<string, string> = {}): Fault[] {
  const faults: Fault[] = [];
  const pairs = Object.entries(demographics);
  if (
    pairs.length > DEMOGRAPHICS_MOST ||
    pairs.some(([key, value]) => !DEMOGRAPHIC.test(key) || !PROVIDER.test(value))
  ) {
    faults.push({
      element: 'demographics',
      rule: `at most ${DEMOGRAPHICS_MOST} short names, each with 1 to 64 characters`,
    });
  }
  if (demographics.weight !== undefined && !WEIGHT.test(demographics.weight))
    faults.push({ element: 'demographics.weight', rule: 'a decimal above 0 such as 1 or 1234.5' });
  return faults;
}

/** Problem `invalid` when there are faults. */
export function refuseFaults(faults: Fault[]): void {
  if (faults.length === 0) return;
  const detail = faults.map(({ element, rule }) => `${element ?? 'it'}: ${rule}`).join('; ');
  throw new Problem('invalid', detail, { faults });
}
