// Basic and bearer log-in of staff (RFC 7617, RFC 6750; O1, V8).

import { expect } from 'chai';
import type { Caller } from '../../../server/http/caller.ts';
import { createFailureLimits } from '../../../server/http/failure-limits.ts';
import { createStaffAuth } from '../../../server/http/staff-auth.ts';
import { Problem } from '../../../server/problem.ts';

const ALADDIN: Caller = { user: 'Aladdin', role: 'operator' };
let now = 0;
const passwords: Record<string, string> = { Aladdin: 'open sesame', test: '123£', colon: 'a:b' };
const makeAuth = () =>
  createStaffAuth({
    verifyPassword: async (user, password) => (passwords[user] === password ? { ...ALADDIN, user } : undefined),
    findByToken: async (token) => (token === 'mF_9.B5f-4.1JqM' ? ALADDIN : undefined),
    realm: 'pocketmeter',
    failureLimits: createFailureLimits({ clock: () => now, perPair: { number: 2, windowMs: 1_000 } }),
  });

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof Problem ? error.code : error === undefined ? undefined : String(error);
}
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('staff authentication', () => {
  it('O1: takes the examples of RFC 7617 §2 and §2.1, and a password with a colon', async () => {
    const auth = makeAuth();
    expect(await auth.authenticate('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', '::1')).to.deep.equal(ALADDIN);
    expect(await auth.authenticate('basic dGVzdDoxMjPCow==', '::1')).to.have.property('user', 'test');
    expect(await auth.authenticate(basic('colon:a:b'), '::1')).to.have.property('user', 'colon');
  });

  it('O1: takes the bearer token of RFC 6750 §2.1', async () => {
    expect(await makeAuth().authenticate('Bearer mF_9.B5f-4.1JqM', '::1')).to.deep.equal(ALADDIN);
  });

  it('refuses what is wrong or broken, and leaves other schemes to others', async () => {
    const headers = [basic('Aladdin:wrong'), basic('nobody:x'), basic('Aladdin'), 'Basic ', 'Basic !!!', 'Bearer nope'];
    for (const header of headers)
      expect(await codeOf(makeAuth().authenticate(header, '::1')), header).to.equal('unauthorized');
    expect(await makeAuth().authenticate('Digest username="Aladdin"', '::1')).to.equal(undefined);
    expect(await makeAuth().authenticate('Bearer', '::1')).to.equal(undefined);
  });

  it('V8: too many failures are refused for a while, even with the right password; others are not', async () => {
    const auth = makeAuth();
    for (let time = 0; time < 2; time += 1) await codeOf(auth.authenticate(basic('Aladdin:wrong'), '10.0.0.1'));
    expect(await codeOf(auth.authenticate(basic('Aladdin:open sesame'), '10.0.0.1'))).to.equal('rate_limited');
    expect(await auth.authenticate(basic('Aladdin:open sesame'), '10.0.0.2')).to.deep.equal(ALADDIN);
    for (let time = 0; time < 2; time += 1) await codeOf(auth.authenticate('Bearer wrong', '10.0.0.1'));
    expect(await codeOf(auth.authenticate('Bearer mF_9.B5f-4.1JqM', '10.0.0.1'))).to.equal('rate_limited');
    now += 1_000;
    expect(await auth.authenticate(basic('Aladdin:open sesame'), '10.0.0.1')).to.deep.equal(ALADDIN);
  });

  it('a check that fails inside is told as it is', async () => {
    const auth = createStaffAuth({
      verifyPassword: () => Promise.reject(new Problem('unavailable', 'the store is gone')),
      findByToken: async () => undefined,
      realm: 'r',
    });
    expect(await codeOf(auth.authenticate(basic('a:b'), '::1'))).to.equal('unavailable');
  });
});
