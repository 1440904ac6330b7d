// Bounds on wrong passwords (V8).

import { expect } from 'chai';
import { createFailureLimits } from '../../../server/http/failure-limits.ts';
import { Problem } from '../../../server/problem.ts';

function limits(most = 1_000) {
  const time = { now: 1_184_963_482_000 };
  const made = createFailureLimits({
    clock: () => time.now,
    perPair: { number: 3, windowMs: 60_000 },
    perAccount: { number: 6, windowMs: 120_000 },
    perAddress: { number: 9, windowMs: 60_000 },
    most,
  });
  const retryAfterS = (account: string, address: string): number | undefined => {
    try {
      made.check(account, address);
      return undefined;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.code !== 'rate_limited') throw problem;
      return problem.retryAfterS;
    }
  };
  const failTimes = (times: number, account: string, address: string): void => {
    for (let index = 0; index < times; index += 1) made.fail(account, address);
  };
  return { ...made, time, retryAfterS, failTimes };
}

describe('failure limits', () => {
  it('V8: an account is refused at an address after 3 failures, until the window ends', () => {
    const { failTimes, retryAfterS, time } = limits();
    failTimes(2, 'abc', '10.0.0.1');
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(undefined);
    time.now += 20_500;
    failTimes(1, 'abc', '10.0.0.1');
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(40);
    expect(retryAfterS('abc', '10.0.0.2')).to.equal(undefined);
    expect(retryAfterS('other', '10.0.0.1')).to.equal(undefined);
    time.now += 39_500;
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(undefined);
  });

  it('V8: an account has a bound over all addresses', () => {
    const { failTimes, retryAfterS } = limits();
    for (const last of [1, 2, 3, 4, 5, 6]) failTimes(1, 'abc', `10.0.0.${last}`);
    expect(retryAfterS('abc', '10.0.0.9')).to.equal(120);
    expect(retryAfterS('other', '10.0.0.9')).to.equal(undefined);
  });

  it('V8: an address has a bound over all accounts', () => {
    const { failTimes, retryAfterS } = limits();
    for (let index = 0; index < 9; index += 1) failTimes(1, `user${index}`, '10.0.0.1');
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(60);
  });

  it('V8: nobody can lock out a viewer where the viewer logged in lately', () => {
    const { failTimes, succeed, retryAfterS } = limits();
    succeed('abc', '10.0.0.9');
    for (const last of [1, 2, 3, 4, 5, 6]) failTimes(1, 'abc', `10.0.0.${last}`);
    for (let index = 0; index < 9; index += 1) failTimes(1, `user${index}`, '10.0.0.9');
    expect(retryAfterS('abc', '10.0.0.9')).to.equal(undefined);
    expect(retryAfterS('abc', '10.0.0.8')).to.equal(120);
    failTimes(3, 'abc', '10.0.0.9');
    expect(retryAfterS('abc', '10.0.0.9')).to.equal(60);
  });

  it('V8: success clears the account, not the address', () => {
    const { failTimes, succeed, retryAfterS } = limits();
    failTimes(2, 'abc', '10.0.0.1');
    succeed('abc', '10.0.0.1');
    failTimes(2, 'abc', '10.0.0.1');
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(undefined);
    failTimes(5, 'other', '10.0.0.1');
    expect(retryAfterS('third', '10.0.0.1')).to.equal(60);
  });

  it('V8: one IPv6 network counts as one address', () => {
    const { failTimes, retryAfterS } = limits();
    failTimes(3, 'abc', '2001:db8::1');
    expect(retryAfterS('abc', '2001:db8:0:0:ffff::2')).to.equal(60);
    expect(retryAfterS('abc', '2001:db8:0:1::1')).to.equal(undefined);
    failTimes(3, 'xyz', '::ffff:10.0.0.1');
    expect(retryAfterS('xyz', '10.0.0.1')).to.equal(60);
  });

  it('V8: remembers a bounded number, the latest', () => {
    const { failTimes, retryAfterS } = limits(10);
    failTimes(3, 'abc', '10.0.0.1');
    for (let index = 0; index < 10; index += 1) failTimes(1, `user${index}`, `10.0.1.${index}`);
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(undefined);
  });

  it('V8: nobody is locked out for longer because the clock was set back', () => {
    const { failTimes, retryAfterS, time } = limits();
    failTimes(3, 'abc', '10.0.0.1');
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(60);
    time.now -= 3_600_000;
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(undefined);
    failTimes(3, 'abc', '10.0.0.1');
    expect(retryAfterS('abc', '10.0.0.1')).to.equal(60);
  });
});
