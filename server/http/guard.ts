// One guard for every route: Digest for handsets, Basic or Bearer for the rest, then the role (O1).

import type { Request, Response } from 'express';
import { Problem } from '../problem.ts';
import type { Caller, Guard } from './caller.ts';
import type { AddressOf } from './digest-guard.ts';
import { readBodyAhead } from './request-body.ts';

export interface GuardDeps {
  /** The user whose Digest credentials the request carries. Problem `unauthorized` otherwise. */
  verifyDigest(request: Request, response: Response, body: Uint8Array | undefined): string | Promise<string>;
  /** The caller of Basic or Bearer credentials. Problem `unauthorized` when they are wrong. */
  verifyStaff(header: string, remoteAddress: string): Promise<Caller | undefined>;
  findHandset(user: string): { role: Caller['role'] } | undefined | Promise<{ role: Caller['role'] } | undefined>;
  /** WWW-Authenticate values for handsets. */
  digestChallenges(): string[];
  realm: string;
  addressOf: AddressOf;
}

const SIGNED_BODY_BYTES = 65_536; // auth-int needs the whole body, and no handset sends more

export function createGuard(deps: GuardDeps): Guard {
  const basic = `Basic realm="${deps.realm}", charset="UTF-8"`;

  const callerOf = async (request: Request, response: Response, roles: Caller['role'][]): Promise<Caller> => {
    const header = request.headers.authorization;
    if (header === undefined) {
      const staff = roles.some((role) => role !== 'handset');
      const challenges = roles.includes('handset') ? deps.digestChallenges() : [];
      response.setHeader('WWW-Authenticate', staff ? [...challenges, basic] : challenges);
      throw new Problem('unauthorized', 'this needs credentials');
    }
    if (/^digest\s/i.test(header)) {
      const body = /\bauth-int\b/i.test(header) ? await readBodyAhead(request, SIGNED_BODY_BYTES) : undefined;
      const user = await deps.verifyDigest(request, response, body);
      const account = await deps.findHandset(user);
      if (account === undefined) throw new Problem('unauthorized', 'the account is gone');
      return { user, role: account.role };
    }
    response.setHeader('WWW-Authenticate', basic); // goes with every 401 [RFC 9110 15.5.2], and is taken back below
    const caller = await deps.verifyStaff(header, deps.addressOf(request));
    if (caller === undefined) throw new Problem('unauthorized', 'the credentials are wrong');
    response.removeHeader('WWW-Authenticate');
    return caller;
  };

  return (...roles) =>
    async (request, response, next) => {
      const caller = await callerOf(request, response, roles);
      if (!roles.includes(caller.role)) {
        throw new Problem('forbidden', `this is for ${roles.join(', ')}, not for ${caller.role}`);
      }
      response.locals.caller = caller;
      next();
    };
}
