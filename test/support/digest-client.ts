// A small Digest client for tests and simulated handsets; shares no code with the server (RFC 2617 3.2.2, RFC 7616 3.4).

import { createHash } from 'node:crypto';

export interface DigestClientRequest {
  /** One WWW-Authenticate value, or all of an answer; the first with the wanted algorithm is answered. */
  challenge: string | readonly string[];
  user: string;
  password: string;
  method: string;
  uri: string;
  body?: Uint8Array;
  /** Counts from 1. */
  nc: number;
  cnonce: string;
  /** Default MD5. */
  algorithm?: 'MD5' | 'SHA-256';
  /** Default auth; none answers as a client of RFC 2069 does. */
  qop?: 'auth' | 'auth-int' | 'none';
}

/** The value of Authorization. Throws when no challenge has the algorithm. */
export function digestAuthorization(request: DigestClientRequest): string {
  const { user, password, method, uri, cnonce, algorithm = 'MD5', qop = 'auth' } = request;
  const challenges = typeof request.challenge === 'string' ? [request.challenge] : request.challenge;
  const asked = challenges.map(readChallenge).find(({ algorithm: offered = 'MD5' }) => offered === algorithm);
  if (asked === undefined) throw new Error(`no challenge for ${algorithm}`);
  const { realm = '', nonce = '', opaque } = asked;

  const digest = (input: string | Uint8Array): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(input)
      .digest('hex');
  const nc = request.nc.toString(16).padStart(8, '0');
  const ha1 = digest(`${user}:${realm}:${password}`);
  const ha2 = digest(`${method}:${uri}${qop === 'auth-int' ? `:${digest(request.body ?? new Uint8Array())}` : ''}`);
  const middle = qop === 'none' ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  const quality = qop === 'none' ? '' : `, qop=${qop}, nc=${nc}, cnonce="${cnonce}"`;
  return (
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}${quality}, ` +
    `response="${digest(`${ha1}:${middle}:${ha2}`)}"${opaque === undefined ? '' : `, opaque="${opaque}"`}`
  );
}

/** The directives of a challenge or of Authentication-Info, by name. */
export function readChallenge(value: string): Record<string, string> {
  const directives: Record<string, string> = {};
  for (const [, name = '', quoted, token] of value.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,]+))/g)) {
    directives[name] = quoted ?? token ?? '';
  }
  return directives;
}
