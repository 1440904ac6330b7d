// A handset's side of HTTP Digest: reads challenges and makes credentials (RFC 2617 §3.2.1-3.2.3; RFC 7616 §3.4). MD5, qop=auth.

import { hash } from 'node:crypto';

export interface DigestChallenge {
  realm: string;
  nonce: string;
  opaque?: string;
  /** qop=auth is offered; without it the credentials have the form of RFC 2069. */
  withQop: boolean;
  stale: boolean;
}

/** The first MD5 Digest challenge among WWW-Authenticate values; a value may hold several challenges. */
export function readChallenge(values: readonly string[]): DigestChallenge | undefined {
  for (const { scheme, parameters } of values.flatMap(splitChallenges)) {
    const { realm, nonce, opaque, qop, stale, algorithm } = parameters;
    if (scheme !== 'digest' || realm === undefined || nonce === undefined) continue;
    if (algorithm !== undefined && algorithm.toUpperCase() !== 'MD5') continue;
    const offered = qop?.split(',').map((token) => token.trim().toLowerCase());
    if (offered !== undefined && !offered.includes('auth')) continue;
    return {
      realm,
      nonce,
      ...(opaque === undefined ? {} : { opaque }),
      withQop: offered !== undefined,
      stale: stale?.toLowerCase() === 'true',
    };
  }
  return undefined;
}

/** `nextnonce` of an Authentication-Info value. */
export function readNextNonce(value: string): string | undefined {
  return splitChallenges(`Digest ${value}`)[0]?.parameters.nextnonce;
}

/** The value of Authorization. `count` is the number of requests made with this nonce, this one included. */
export function writeCredentials(
  challenge: DigestChallenge,
  request: { user: string; password: string; method: string; target: string; count: number; cnonce: string },
): string {
  const { realm, nonce, opaque, withQop } = challenge;
  const { user, password, method, target, cnonce } = request;
  const nc = request.count.toString(16).padStart(8, '0');
  const ha1 = hash('md5', `${user}:${realm}:${password}`);
  const ha2 = hash('md5', `${method}:${target}`);
  const response = hash('md5', withQop ? `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`);
  const parts = [
    `username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(target)}`,
    'algorithm=MD5',
    `response="${response}"`,
    ...(withQop ? ['qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ];
  return `Digest ${parts.join(', ')}`;
}

interface Challenge {
  scheme: string;
  parameters: Partial<Record<string, string>> & {
    realm?: string;
    nonce?: string;
    opaque?: string;
    qop?: string;
    stale?: string;
    algorithm?: string;
    nextnonce?: string;
  };
}

/** A token that no "=" follows begins a challenge; all else are its parameters. */
function splitChallenges(value: string): Challenge[] {
  const challenges: Challenge[] = [];
  const piece = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;
  for (const [, name = '', text, token] of value.matchAll(piece)) {
    const content = text?.replaceAll(/\\(.)/g, '$1') ?? token;
    if (content === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else {
      const challenge = challenges.at(-1);
      if (challenge !== undefined) challenge.parameters[name.toLowerCase()] = content;
    }
  }
  return challenges;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
