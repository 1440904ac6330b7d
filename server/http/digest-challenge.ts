// Writes what the server says in HTTP Digest: WWW-Authenticate and Authentication-Info
// (V6; RFC 2617 3.2.1 and 3.2.3, RFC 7616 3.3 and 3.5).

import type { DigestAlgorithm, DigestQop } from './digest-response.ts';

export interface Challenge {
  realm: string;
  nonce: string;
  opaque: string;
  algorithm: DigestAlgorithm;
  stale: boolean;
  /** The URIs that the credentials are good for, separated by blanks. */
  domain?: string | undefined;
}

/** One WWW-Authenticate value; `algorithm` and `stale` are tokens [RFC 2617 3.2.1]. */
export function writeChallenge(challenge: Challenge): string {
  const domain = challenge.domain === undefined ? '' : `, domain=${quoted(challenge.domain)}`;
  const stale = challenge.stale ? ', stale=true' : '';
  return (
    `Digest realm=${quoted(challenge.realm)}, qop="auth,auth-int", nonce="${challenge.nonce}", ` +
    `opaque=${quoted(challenge.opaque)}, algorithm=${challenge.algorithm}${stale}${domain}`
  );
}

export interface ServerProof {
  qop: DigestQop;
  rspauth: string;
  cnonce: string;
  nc: string;
}

/** The value of Authentication-Info, empty when there is nothing to say; `qop` and `nc` are tokens [RFC 2617 3.2.3]. */
export function writeAuthenticationInfo(proof: ServerProof | undefined, nextNonce: string | undefined): string {
  const next = nextNonce === undefined ? '' : `nextnonce="${nextNonce}"`;
  if (proof === undefined) return next;
  const own = `qop=${proof.qop}, rspauth="${proof.rspauth}", cnonce=${quoted(proof.cnonce)}, nc=${proof.nc}`;
  return next === '' ? own : `${next}, ${own}`;
}

function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;
}
