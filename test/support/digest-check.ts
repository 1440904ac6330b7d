// A Digest check with one account and a movable clock, for tests.

import {
  createDigest,
  type DigestCredentials,
  type DigestDeps,
  type DigestRequest,
  type DigestVerified,
} from '../../server/http/digest.ts';
import { digestHa1 } from '../../server/http/digest-response.ts';
import { createFailureLimits } from '../../server/http/failure-limits.ts';
import { Problem } from '../../server/problem.ts';
import { type DigestClientRequest, digestAuthorization } from './digest-client.ts';

export const REALM = 'pocketmeter';
const BODY = Buffer.from('<LogReport/>');

/** What the store keeps for the user abc. */
export function credentials(password: string): DigestCredentials {
  return {
    ha1Md5: digestHa1('MD5', 'abc', REALM, password),
    ha1Sha256: digestHa1('SHA-256', 'abc', REALM, password),
  };
}

/** A check that knows abc with the password secret, at a clock that tests move. */
export function openDigest(changes: Partial<DigestDeps> = {}) {
  const time = { now: 1_184_963_482_000 };
  const clock = (): number => time.now;
  const digest = createDigest({
    realm: REALM,
    privateKey: 'private',
    etag: 'v1',
    opaque: '5ccc069c403ebaf9f0171e9517f40e41',
    clock,
    findCredentials: (user) => (user === 'abc' ? credentials('secret') : undefined),
    failureLimits: createFailureLimits({ clock, perPair: { number: 3, windowMs: 60_000 } }),
    ...changes,
  });
  const verify = (header: string | undefined, request: Partial<DigestRequest> = {}): DigestVerified => {
    const sent = { method: 'POST', target: '/', header, body: BODY, remoteAddress: '10.0.0.1', ...request };
    const verified = digest.verify(sent);
    if (verified instanceof Promise) throw new Error('a promise on the hot path');
    return verified;
  };
  /** The code, and whether the new challenge says stale. */
  const refusal = (header: string | undefined, request: Partial<DigestRequest> = {}): string => {
    try {
      return `accepted ${verify(header, request).user}`;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      const [challenge] = digest.challengeFor(problem);
      return challenge?.includes('stale=true') ? `${problem.code} stale` : problem.code;
    }
  };
  return { ...digest, verify, refusal, time };
}

/** The Authorization of abc for the method's POST. */
export function answer(challenge: string | string[], changes: Partial<DigestClientRequest> = {}): string {
  const request = { challenge, user: 'abc', password: 'secret', method: 'POST', uri: '/', body: BODY, nc: 1 };
  return digestAuthorization({ ...request, cnonce: '0a4f113b', ...changes });
}
