// The hashes of HTTP Digest, nothing else (V6; RFC 2617 3.2.2, RFC 7616 3.4.1).

import { hash, timingSafeEqual } from 'node:crypto';

/** MD5 for the handsets of RFC 2617, SHA-256 for those of RFC 7616. The -sess variants are not offered. */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

export type DigestQop = 'auth' | 'auth-int';

export interface DigestInput {
  algorithm: DigestAlgorithm;
  /** H(user:realm:password), lower-case hexadecimal. */
  ha1: string;
  /** Empty for the server's own proof, `rspauth`. */
  method: string;
  uri: string;
  nonce: string;
  /** As on the wire. Absent with RFC 2069 clients. */
  quality?: { qop: DigestQop; nc: string; cnonce: string } | undefined;
  /** What auth-int protects; absent counts as empty. */
  body?: Uint8Array | undefined;
}

/** Lower-case hexadecimal. */
function digestHash(algorithm: DigestAlgorithm, input: string | Uint8Array): string {
  return hash(algorithm === 'MD5' ? 'md5' : 'sha256', input, 'hex');
}

/** HA1, which is what an account keeps in place of a password. */
export function digestHa1(algorithm: DigestAlgorithm, user: string, realm: string, password: string): string {
  return digestHash(algorithm, `${user}:${realm}:${password}`);
}

/** The `response` of a request, or `rspauth` when the method is empty: 32 or 64 lower-case hexadecimal digits. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, ha1, nonce, quality, uri } = input;
  const a2 = `${input.method}:${uri}`;
  const ha2 =
    quality?.qop === 'auth-int'
      ? hashOfA2(algorithm, `${a2}:${digestHash(algorithm, input.body ?? '')}`)
      : knownHashOfA2(algorithm, a2);
  if (quality === undefined) return digestHash(algorithm, `${ha1}:${nonce}:${ha2}`); // [RFC 2617 3.2.2.1, RFC 2069]
  const text = `${ha1}:${nonce}:${quality.nc}:${quality.cnonce}:${quality.qop}:${ha2}`;
  return digestHash(algorithm, isAscii(quality.cnonce) ? text : Buffer.from(text, 'latin1'));
}

// Handsets send all their reports to a few addresses: two of four hashes a request are the same ones.
const MOST_KNOWN = 64;
const known = { MD5: new Map<string, string>(), 'SHA-256': new Map<string, string>() };

function knownHashOfA2(algorithm: DigestAlgorithm, a2: string): string {
  const hashes = known[algorithm];
  let ha2 = hashes.get(a2);
  if (ha2 === undefined) {
    ha2 = hashOfA2(algorithm, a2);
    if (hashes.size >= MOST_KNOWN) hashes.clear();
    hashes.set(a2, ha2);
  }
  return ha2;
}

const hashOfA2 = (algorithm: DigestAlgorithm, a2: string): string =>
  digestHash(algorithm, isAscii(a2) ? a2 : Buffer.from(a2, 'latin1'));

/** node:http hands out header bytes as Latin-1 characters, while hashing a text takes it as UTF-8. */
function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

// Allocated once: making two Buffers a comparison costs more than comparing.
const MD5_PAIR = [Buffer.alloc(32), Buffer.alloc(32)] as const;
const SHA256_PAIR = [Buffer.alloc(64), Buffer.alloc(64)] as const;

/**
 * Whether a text of Latin-1 characters is the expected hash of 32 or 64 digits. Takes the same time wherever they
 * differ; their lengths are no secret.
 */
export function isSameHex(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false;
  const [left, right] = expected.length === 32 ? MD5_PAIR : SHA256_PAIR;
  if (expected.length !== left.length) return false;
  left.write(given, 'latin1');
  right.write(expected, 'latin1');
  return timingSafeEqual(left, right);
}
