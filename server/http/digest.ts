// HTTP Digest for handsets: the challenge, the check, the server's own proof (V6, V7, V8, V10; RFC 2617, RFC 7616).
//
// http-auth serves Basic elsewhere and is no frame here: with its parsing, nonces, look-up and header replaced, what
// remains is `ask`, which answers in text/plain with one challenge, where handsets need problem+xml and two.

import { randomBytes } from 'node:crypto';
import { Problem } from '../problem.ts';
import { writeAuthenticationInfo, writeChallenge } from './digest-challenge.ts';
import { type DigestHeader, readDigestHeader } from './digest-header.ts';
import {
  type DigestAlgorithm,
  type DigestInput,
  type DigestQop,
  digestResponse,
  isSameHex,
} from './digest-response.ts';
import type { FailureLimits } from './failure-limits.ts';
import { createNonces, type KnownNonce } from './nonce.ts';
import { createUsedNonces } from './used-nonces.ts';

export interface DigestCredentials {
  /** H(user:realm:password), lower-case hexadecimal. */
  ha1Md5: string;
  ha1Sha256: string;
  /** Answered like a wrong password. */
  disabled?: boolean;
}

export interface DigestDeps {
  realm: string;
  /** Shared by all processes of the service. */
  privateKey: string;
  /** Part of every nonce, as the method has it. */
  etag: string;
  opaque: string;
  /** The URIs that the credentials are good for, separated by blanks; absent means the whole server. */
  domain?: string;
  /** Default 5 minutes. */
  nonceLifeMs?: number;
  /** Epoch ms. */
  clock: () => number;
  /** A direct answer keeps the check free of promises; both kinds are taken. */
  findCredentials(user: string): DigestCredentials | undefined | Promise<DigestCredentials | undefined>;
  failureLimits: FailureLimits;
  /** How many used nonces are remembered at most; default 8,000,000, about 100 MB. */
  mostUsedNonces?: number;
  /** Epoch ms; nonces from before count as stale, for what was used of them is not known. Absent: all are taken. */
  usedNoncesSinceAt?: number;
}

export interface DigestRequest {
  method: string;
  /** The request's target as on the request line. */
  target: string;
  /** The value of Authorization. */
  header: string | undefined;
  /** What auth-int protects; undefined counts as empty. */
  body: Uint8Array | undefined;
  remoteAddress: string;
}

export interface DigestVerified {
  user: string;
  /**
   * The value of Authentication-Info, perhaps empty. With auth-int it proves the answer's body when that is given, and
   * falls back to `auth` when not. The nonce is renewed in the second half of its life, not each time: a client keeps
   * its nonce for parallel requests, and the server keeps fewer [RFC 2617 3.2.3].
   */
  authenticationInfo(responseBody?: Uint8Array): string;
}

export interface Digest {
  /**
   * Whose request it is. Thrown, or the promise rejected, with Problem: `invalid` for a header that can't be read and a
   * `uri` that is not the request's target [RFC 2617 3.2.2.5]; `rate_limited`; `unauthorized` for all else, and then
   * the answer carries `challengeFor(problem)`.
   */
  verify(request: DigestRequest): DigestVerified | Promise<DigestVerified>;

  /** The values of WWW-Authenticate, one per header line. */
  challenge(stale: boolean): string[];

  /** Those that go with what `verify` threw; none unless it is `unauthorized`. */
  challengeFor(problem: unknown): string[];
}

interface Claim {
  header: DigestHeader;
  algorithm: DigestAlgorithm;
  quality: DigestInput['quality'];
}

const NONCE_LIFE_MS = 5 * 60_000;
const MD5_DIGITS = 32;

/**
 * MD5 comes first, against the order of preference of RFC 7616 3.7: handsets of RFC 2617 look at the first challenge
 * only, and give up on an algorithm they don't know. curl and Python's requests take either order.
 */
const OFFERED: readonly DigestAlgorithm[] = ['MD5', 'SHA-256'];

export function createDigest(deps: DigestDeps): Digest {
  const { realm, opaque, domain, clock, failureLimits, nonceLifeMs: lifeMs = NONCE_LIFE_MS } = deps;
  const nonces = createNonces({ privateKey: deps.privateKey, etag: deps.etag, lifeMs, clock });
  const usedNonces = createUsedNonces({
    lifeMs,
    clock,
    ...(deps.mostUsedNonces === undefined ? {} : { most: deps.mostUsedNonces }),
    ...(deps.usedNoncesSinceAt === undefined ? {} : { sinceAt: deps.usedNoncesSinceAt }),
  });
  // An unknown user's response is computed like any other, with a HA1 that nobody can know.
  const nobody: DigestCredentials = {
    ha1Md5: randomBytes(16).toString('hex'),
    ha1Sha256: randomBytes(32).toString('hex'),
    disabled: true,
  };
  const staleProblems = new WeakSet<object>();

  const stale = (detail: string): Problem => {
    const problem = new Problem('unauthorized', detail);
    staleProblems.add(problem);
    return problem;
  };

  const judge = (request: DigestRequest, claim: Claim, found: DigestCredentials | undefined): DigestVerified => {
    const { header, algorithm, quality } = claim;
    const nonce = nonces.read(header.nonce);
    const credentials = found ?? nobody;
    const [kept, unknown] =
      algorithm === 'MD5' ? [credentials.ha1Md5, nobody.ha1Md5] : [credentials.ha1Sha256, nobody.ha1Sha256];
    const ha1 = kept === '' ? unknown : kept; // anybody can hash with an empty one
    const { method, body } = request;
    const expected = digestResponse({ algorithm, ha1, method, uri: header.uri, nonce: header.nonce, quality, body });
    // Before the nonce is judged: `stale` is for those who know the password [RFC 2617 3.2.1], and would else be a way
    // to guess without being counted.
    if (!isSameHex(header.response, expected) || credentials.disabled === true) {
      failureLimits.fail(header.username, request.remoteAddress);
      throw new Problem('unauthorized', 'the credentials are wrong');
    }
    if (nonce?.live !== true) throw stale('the nonce is stale');
    const use = usedNonces.use(nonce.issuedAt, nonce.serial, quality === undefined ? undefined : countOf(quality.nc));
    // Stale rather than wrong: an honest client whose count went astray tries again with the new nonce.
    if (use !== 'first') throw stale(use === 'again' ? 'the nonce was used before' : 'the nonce is stale');
    failureLimits.succeed(header.username, request.remoteAddress);
    return {
      user: header.username,
      authenticationInfo: (responseBody) => prove(claim, ha1, nonce, responseBody),
    };
  };

  const prove = (claim: Claim, ha1: string, nonce: KnownNonce, body: Uint8Array | undefined): string => {
    const { header, algorithm, quality } = claim;
    const usedUp = quality === undefined;
    const next = usedUp || clock() - nonce.issuedAt >= lifeMs / 2 ? nonces.issue() : undefined;
    if (usedUp) return writeAuthenticationInfo(undefined, next);
    const { cnonce, nc } = quality;
    const qop = body === undefined ? 'auth' : quality.qop;
    const input = {
      algorithm,
      ha1,
      method: '',
      uri: header.uri,
      nonce: header.nonce,
      quality: { qop, nc, cnonce },
      body,
    };
    return writeAuthenticationInfo({ qop, rspauth: digestResponse(input), cnonce, nc }, next);
  };

  const challenge = (isStale: boolean): string[] => {
    const nonce = nonces.issue(); // one for both: a client answers one of them
    return OFFERED.map((algorithm) => writeChallenge({ realm, nonce, opaque, algorithm, stale: isStale, domain }));
  };

  return {
    verify(request) {
      if (request.header === undefined) throw new Problem('unauthorized', 'this needs credentials');
      const header = readDigestHeader(request.header);
      if (header === undefined) throw new Problem('unauthorized', 'this needs Digest credentials');
      const claim: Claim = { header, algorithm: readAlgorithm(header), quality: readQuality(header) };
      if (claim.quality === undefined && claim.algorithm !== 'MD5') {
        throw new Problem('invalid', 'SHA-256 needs a qop'); // [RFC 7616 3.4]
      }
      if (!isSameTarget(header.uri, request.target)) {
        throw new Problem('invalid', 'the uri of the credentials is not the target of the request');
      }
      if (header.realm !== realm || (header.opaque !== undefined && header.opaque !== opaque)) {
        throw new Problem('unauthorized', 'the credentials are for another realm');
      }
      failureLimits.check(header.username, request.remoteAddress);
      const found = deps.findCredentials(header.username);
      if (!(found instanceof Promise)) return judge(request, claim, found);
      return found.then((credentials) => {
        failureLimits.check(header.username, request.remoteAddress); // others may have failed meanwhile
        return judge(request, claim, credentials);
      });
    },

    challenge,

    challengeFor(problem) {
      if (!(problem instanceof Problem) || problem.code !== 'unauthorized') return [];
      return challenge(staleProblems.has(problem));
    },
  };
}

function readAlgorithm({ algorithm, response }: DigestHeader): DigestAlgorithm {
  if (algorithm === undefined || algorithm === 'MD5') return 'MD5'; // [RFC 2617 3.2.1]
  const known = OFFERED.find((offered) => offered === algorithm.toUpperCase());
  if (known === undefined) throw new Problem('unauthorized', 'this algorithm is not offered');
  // COMPAT: wget to 1.21 answers the last challenge, echoes its SHA-256, and hashes with MD5. MD5 is offered as well, so
  // nothing is lost; delete when MD5 is not.
  return response.length === MD5_DIGITS ? 'MD5' : known;
}

function readQuality({ qop, nc, cnonce }: DigestHeader): DigestInput['quality'] {
  if (qop === undefined) return undefined; // COMPAT: clients of RFC 2069; delete when none reports any more
  if (qop !== 'auth' && qop !== 'auth-int') throw new Problem('invalid', 'the qop must be auth or auth-int');
  if (nc === undefined || !/^[0-9a-f]{8}$/i.test(nc) || countOf(nc) === 0) {
    throw new Problem('invalid', 'with qop, nc must be 8 hexadecimal digits from 00000001 on');
  }
  if (cnonce === undefined) throw new Problem('invalid', 'with qop there must be a cnonce');
  return { qop: qop satisfies DigestQop, nc, cnonce };
}

function countOf(nc: string): number {
  return Number.parseInt(nc, 16);
}

/** The `uri` may be absolute where the request line has a path alone, and the other way round [RFC 2617 3.2.2.5]. */
function isSameTarget(uri: string, target: string): boolean {
  return uri === target || pathOf(uri) === pathOf(target);
}

function pathOf(uri: string): string {
  if (!/^https?:\/\//i.test(uri)) return uri;
  const path = uri.replace(/^https?:\/\/[^/?]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}
