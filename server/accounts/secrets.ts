// Passwords and tokens as they are kept: HA1 for handsets (RFC 7616 §3.4.2), scrypt for staff, a hash for tokens (O1, V6).

import { hash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** The two HA1 of a handset's password, in hex: H(user:realm:password). */
export interface Ha1 {
  ha1Md5: string;
  ha1Sha256: string;
}

export function makeHa1(user: string, realm: string, password: string): Ha1 {
  const text = `${user}:${realm}:${password}`;
  return { ha1Md5: hash('md5', text, 'hex'), ha1Sha256: hash('sha256', text, 'hex') };
}

/** Of scrypt [RFC 7914, 2]. */
export interface PasswordCost {
  N: number;
  r: number;
  p: number;
}

// 16 MB and some 0.2 s of one core: OWASP's least setting for scrypt where memory is shared with a service.
const COST: PasswordCost = { N: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** `scrypt$N$r$p$salt$key`: the cost is part of it, so it can be raised later. */
export async function hashPassword(password: string, cost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** True when the password made the hash. Without a hash it costs `unknownCost` and is false. */
export async function isPassword(
  password: string,
  passwordHash: string | undefined,
  unknownCost = COST,
): Promise<boolean> {
  const [, N, r, p, salt, key] = (passwordHash ?? '').split('$');
  if (salt === undefined || key === undefined) {
    await derive(password, Buffer.alloc(SALT_BYTES), unknownCost);
    return false;
  }
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url'), cost), Buffer.from(key, 'base64url'));
}

function derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, { ...cost, maxmem: 256 * cost.N * cost.r }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

/** What is kept of a token. Tokens are random, so a plain hash can't be guessed back. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'hex');
}

/** A secret of 192 bits, fit for URLs and for typing. */
export function randomSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** An integer below 2^52 that nothing tells in advance. */
export function randomPseudonym(): number {
  const bytes = randomBytes(7);
  return (bytes.readUInt8(6) % 16) * 2 ** 48 + bytes.readUIntBE(0, 6);
}
