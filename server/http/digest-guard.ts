// Digest on an HTTP request: reads the header, sets what the answer must carry (V6, V7, V8).

import type { Request, Response } from 'express';
import { Problem } from '../problem.ts';
import type { Digest, DigestVerified } from './digest.ts';

/** Where a request comes from, past the proxies that are trusted. */
export type AddressOf = (request: Request) => string;

/** The user whose Digest credentials the request carries; sets Authentication-Info, or the challenge when it throws. */
export type VerifyDigest = (
  request: Request,
  response: Response,
  body: Uint8Array | undefined,
) => string | Promise<string>;

export function createVerifyDigest(digest: Digest, addressOf: AddressOf): VerifyDigest {
  const passed = (verified: DigestVerified, response: Response): string => {
    const info = verified.authenticationInfo();
    if (info !== '') response.setHeader('Authentication-Info', info);
    return verified.user;
  };
  const refused = (problem: unknown, response: Response): never => {
    const challenges = digest.challengeFor(problem);
    if (challenges.length > 0) response.setHeader('WWW-Authenticate', challenges);
    throw problem instanceof Error ? problem : new Problem('unauthorized', 'the credentials are wrong');
  };
  return (request, response, body) => {
    try {
      const verified = digest.verify({
        method: request.method,
        target: request.originalUrl,
        header: request.headers.authorization,
        body,
        remoteAddress: addressOf(request),
      });
      if (!(verified instanceof Promise)) return passed(verified, response);
      return verified.then(
        (found) => passed(found, response),
        (problem) => refused(problem, response),
      );
    } catch (problem) {
      return refused(problem, response);
    }
  };
}
