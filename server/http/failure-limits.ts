// Too many wrong passwords from one account or address: 429 with Retry-After (V8).

import { Problem } from '../problem.ts';

interface FailureLimit {
  /** So many failures are let through within the window; the window begins with the first. */
  number: number;
  windowMs: number;
}

export interface FailureLimitsRules {
  /** Epoch ms. */
  clock: () => number;
  /** One account from one address: the bound that a guesser meets first, and that harms nobody else. */
  perPair?: FailureLimit;
  /** One account from everywhere: against a guesser with many addresses. */
  perAccount?: FailureLimit;
  /** One address, or IPv6 network of 64 bits; many handsets may share it behind their operator's gateway. */
  perAddress?: FailureLimit;
  /** How many accounts, addresses and pairs are remembered each; the least recent go first. */
  most?: number;
}

export interface FailureLimits {
  /**
   * Problem `rate_limited` while a bound is reached. A pair that succeeded lately meets only its own bound: so nobody
   * can lock out a viewer by failing in their name from elsewhere, or from behind the same gateway.
   */
  check(account: string, address: string): void;

  /** Counts a wrong response. Nothing else is a failure: no header and a stale nonce are the normal dialogue. */
  fail(account: string, address: string): void;

  /** Clears the counts of the account and of the pair, never that of the address. */
  succeed(account: string, address: string): void;
}

const MINUTE_MS = 60_000;
const PER_PAIR: FailureLimit = { number: 10, windowMs: 5 * MINUTE_MS };
const PER_ACCOUNT: FailureLimit = { number: 100, windowMs: 15 * MINUTE_MS };
const PER_ADDRESS: FailureLimit = { number: 200, windowMs: 5 * MINUTE_MS };
const MOST = 100_000;

export function createFailureLimits(rules: FailureLimitsRules): FailureLimits {
  const { clock, most = MOST } = rules;
  const pairs = createCounters(rules.perPair ?? PER_PAIR, most);
  const accounts = createCounters(rules.perAccount ?? PER_ACCOUNT, most);
  const addresses = createCounters(rules.perAddress ?? PER_ADDRESS, most);
  let trusted = new Set<string>();
  let trustedBefore = new Set<string>();

  return {
    check(account, address) {
      if (addresses.isEmpty()) return; // every failure has an address
      const now = clock();
      const network = networkOf(address);
      const pair = pairOf(account, network);
      let freeAt = pairs.lockedUntil(pair, now);
      if (freeAt === undefined && !trusted.has(pair) && !trustedBefore.has(pair)) {
        freeAt = addresses.lockedUntil(network, now) ?? accounts.lockedUntil(accountKey(account), now);
      }
      if (freeAt === undefined) return;
      const retryAfterS = Math.max(1, Math.ceil((freeAt - now) / 1_000));
      throw new Problem('rate_limited', 'too many failed attempts', { retryAfterS });
    },

    fail(account, address) {
      const now = clock();
      const network = networkOf(address);
      pairs.add(pairOf(account, network), now);
      accounts.add(accountKey(account), now);
      addresses.add(network, now);
    },

    succeed(account, address) {
      const pair = pairOf(account, networkOf(address));
      pairs.remove(pair);
      accounts.remove(accountKey(account));
      if (trusted.has(pair)) return;
      if (trusted.size >= most) {
        trustedBefore = trusted;
        trusted = new Set();
      }
      trusted.add(pair);
    },
  };
}

interface Counter {
  failures: number;
  endsAt: number;
}

function createCounters(limit: FailureLimit, most: number) {
  const counters = new Map<string, Counter>();
  /** Past, or further ahead than a window reaches: then the clock was set back, and nobody shall wait for it. */
  const isOver = ({ endsAt }: Counter, now: number): boolean => endsAt <= now || endsAt > now + limit.windowMs;
  return {
    isEmpty: (): boolean => counters.size === 0,

    lockedUntil(key: string, now: number): number | undefined {
      const counter = counters.get(key);
      if (counter === undefined || isOver(counter, now) || counter.failures < limit.number) return undefined;
      return counter.endsAt;
    },

    add(key: string, now: number): void {
      let counter = counters.get(key);
      if (counter === undefined || isOver(counter, now)) counter = { failures: 0, endsAt: now + limit.windowMs };
      counter.failures += 1;
      counters.delete(key); // and to the end: a Map keeps the order of insertion
      counters.set(key, counter);
      if (counters.size <= most) return;
      const [oldest] = counters.keys();
      if (oldest !== undefined) counters.delete(oldest);
    },

    remove(key: string): void {
      if (counters.size > 0) counters.delete(key);
    },
  };
}

/** A text of its own: a slice of a header would keep the whole header in memory. */
function accountKey(account: string): string {
  return `account ${account}`;
}

function pairOf(account: string, network: string): string {
  return `${network} ${account}`;
}

/** An IPv4 address whole; of an IPv6 address the first 64 bits, for the rest is the subscriber's to choose. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7);
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':');
    while (groups.length + last.length < 8) groups.push('0');
    groups.push(...last);
  }
  return groups.slice(0, 4).join(':');
}
