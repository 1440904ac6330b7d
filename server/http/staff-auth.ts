// Log-in of staff and business systems: Basic (RFC 7617, by http-auth) or a bearer token (RFC 6750) (O1, V8).

import httpAuth from 'http-auth';
import { Problem } from '../problem.ts';
import type { Caller } from './caller.ts';
import type { FailureLimits } from './failure-limits.ts';

export interface StaffAuthDeps {
  verifyPassword(user: string, password: string): Promise<Caller | undefined>;
  findByToken(token: string): Promise<Caller | undefined>;
  realm: string;
  failureLimits?: FailureLimits;
}

export interface StaffAuth {
  /**
   * The caller of an Authorization header's value; undefined when its scheme is neither Basic nor Bearer.
   * Problem `unauthorized` when the credentials are wrong, `rate_limited` after too many that were.
   */
  authenticate(header: string, remoteAddress: string): Promise<Caller | undefined>;
}

interface Attempt {
  account: string;
  caller: Caller | undefined;
}

export function createStaffAuth({ verifyPassword, findByToken, realm, failureLimits }: StaffAuthDeps): StaffAuth {
  const verifyBasic = (header: string, remoteAddress: string): Promise<Attempt> =>
    new Promise((resolve, reject) => {
      // http-auth reads the header and asks; the answer goes past it, since it keeps no more than a name.
      const basic = httpAuth.basic({ realm }, (account, password, done) => {
        const attempt = async (): Promise<Attempt> => {
          failureLimits?.check(account, remoteAddress);
          return { account, caller: await verifyPassword(account, password) };
        };
        attempt().then((result) => {
          resolve(result);
          done(result.caller !== undefined);
        }, reject);
      });
      basic.isAuthenticated({ headers: { authorization: header } }, () => resolve({ account: '', caller: undefined }));
    });

  const verifyBearer = async (token: string, remoteAddress: string): Promise<Attempt> => {
    // A wrong token names no account: its failures count for the address alone.
    const account = `bearer of ${remoteAddress}`;
    failureLimits?.check(account, remoteAddress);
    return { account, caller: await findByToken(token) };
  };

  return {
    async authenticate(header, remoteAddress) {
      const bearer = /^bearer +([\w.~+/-]+=*) *$/i.exec(header)?.[1];
      let attempt: Attempt;
      if (bearer !== undefined) attempt = await verifyBearer(bearer, remoteAddress);
      else if (/^basic\s/i.test(header)) attempt = await verifyBasic(header, remoteAddress);
      else return undefined;
      if (attempt.caller !== undefined) {
        failureLimits?.succeed(attempt.account, remoteAddress);
        return attempt.caller;
      }
      failureLimits?.fail(attempt.account, remoteAddress);
      throw new Problem('unauthorized', 'the credentials are wrong');
    },
  };
}
