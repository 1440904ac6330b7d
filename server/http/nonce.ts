// Nonces that any process with the key can check, without a memory of what was issued (V7; RFC 2617 3.2.1).

import { hash, randomInt } from 'node:crypto';
import { isSameHex } from './digest-response.ts';

export interface NonceRules {
  /** Shared by all processes; whoever knows it can make nonces. */
  privateKey: string;
  /** Stands for the protected resource, as the method has it; a change makes all nonces unknown. */
  etag: string;
  lifeMs: number;
  /** Epoch ms. */
  clock: () => number;
}

export interface KnownNonce {
  /** Epoch ms. */
  issuedAt: number;
  /** Below 10^9; with `issuedAt` it names the nonce. */
  serial: number;
  /** Within its life. One that is dated ahead of this clock is not. */
  live: boolean;
}

export interface Nonces {
  /** Base64(time-stamp ":" H(time-stamp ":" ETag ":" private-key)). */
  issue(): string;

  /** What the nonce says of itself; undefined when it was not made with this key and ETag. */
  read(nonce: string): KnownNonce | undefined;
}

const INSTANT_DIGITS = 13;
const SERIAL_DIGITS = 9;
const SERIALS = 10 ** SERIAL_DIGITS;
const STAMP_DIGITS = INSTANT_DIGITS + SERIAL_DIGITS;
const DIGITS = /^\d+$/;
const NONCE_BYTES = STAMP_DIGITS + 1 + 64; // a multiple of 3: Base64 of it has no padding and no spare bits
const KEPT = 20_000; // some 5 MB, whatever is sent
const SKEW_MS = 5_000; // between the clocks of two processes

/** Time-stamps are 13 digits of epoch ms and 9 of a serial, so that clients challenged in the same ms don't share one. */
export function createNonces({ privateKey, etag, lifeMs, clock }: NonceRules): Nonces {
  let serial = randomInt(SERIALS); // two processes seldom meet

  // What was read right once is right: who keeps a nonce for many requests is spared the hash. Two halves, the older goes whole.
  let young = new Map<string, Omit<KnownNonce, 'live'>>();
  let old = new Map<string, Omit<KnownNonce, 'live'>>();

  const digestOf = (stamp: string): string => hash('sha256', `${stamp}:${etag}:${privateKey}`, 'hex');

  const readStamp = (nonce: string): Omit<KnownNonce, 'live'> | undefined => {
    if (nonce.length !== (NONCE_BYTES / 3) * 4) return undefined;
    const text = Buffer.from(nonce, 'base64').toString('latin1');
    const stamp = text.slice(0, STAMP_DIGITS);
    if (text.length !== NONCE_BYTES || text.charAt(STAMP_DIGITS) !== ':' || !DIGITS.test(stamp)) return undefined;
    if (!isSameHex(text.slice(STAMP_DIGITS + 1), digestOf(stamp))) return undefined;
    return { issuedAt: Number(stamp.slice(0, INSTANT_DIGITS)), serial: Number(stamp.slice(INSTANT_DIGITS)) };
  };

  return {
    issue() {
      serial = (serial + 1) % SERIALS;
      const instant = String(Math.floor(clock())).padStart(INSTANT_DIGITS, '0');
      const stamp = instant + String(serial).padStart(SERIAL_DIGITS, '0');
      return Buffer.from(`${stamp}:${digestOf(stamp)}`, 'latin1').toString('base64');
    },

    read(nonce) {
      let known = young.get(nonce) ?? old.get(nonce);
      if (known === undefined) {
        known = readStamp(nonce);
        if (known === undefined) return undefined;
        if (young.size >= KEPT / 2) {
          old = young;
          young = new Map();
        }
        young.set(Buffer.from(nonce, 'latin1').toString('latin1'), known); // a slice would keep its whole header in memory
      }
      const ageMs = clock() - known.issuedAt;
      return { ...known, live: ageMs < lifeMs && ageMs >= -SKEW_MS };
    },
  };
}
