// Passwords and tokens as they are kept (RFC 7616, RFC 7914; O1).

import { expect } from 'chai';
import { hashPassword, isPassword, makeHa1, randomPseudonym } from '../../../server/accounts/secrets.ts';

describe('secrets', () => {
  it('V6: makes both HA1 of RFC 7616 §3.9.1', () => {
    expect(makeHa1('Mufasa', 'http-auth@example.org', 'Circle of Life')).to.deep.equal({
      ha1Md5: '3d78807defe7de2157e2b0b6573a855f',
      ha1Sha256: '7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232',
    });
  });

  it('checks a password against a hash that another implementation of scrypt made', async () => {
    const passwordHash = 'scrypt$16384$8$5$MDEyMzQ1Njc4OWFiY2RlZg$02g8-CvQr_5XQicw_DXknMkHCBzrhOhaA5Est23cFMI';
    expect(await isPassword('correct horse', passwordHash)).to.equal(true);
    expect(await isPassword('correct horsf', passwordHash)).to.equal(false);
  });

  it('knows its own hashes, which differ for one password', async () => {
    const [one, two] = await Promise.all([hashPassword('pass word ü'), hashPassword('pass word ü')]);
    expect(one).not.to.equal(two);
    expect(await isPassword('pass word ü', one)).to.equal(true);
  });

  it('V7: a password without a hash costs as much as a wrong one, and is wrong', async () => {
    const passwordHash = await hashPassword('x');
    const timeOf = async (hash: string | undefined): Promise<number> => {
      const startedAt = performance.now();
      expect(await isPassword('y', hash)).to.equal(false);
      return performance.now() - startedAt;
    };
    const wrong = Math.min(await timeOf(passwordHash), await timeOf(passwordHash), await timeOf(passwordHash));
    const unknown = Math.min(await timeOf(undefined), await timeOf(undefined), await timeOf(undefined));
    expect(unknown).to.be.within(wrong / 2, wrong * 2);
  });

  it('O2: pseudonyms are integers below 2^52 that use all of the range', () => {
    const numbers = Array.from({ length: 1_000 }, randomPseudonym);
    expect(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 52)).to.equal(true);
    expect(new Set(numbers).size).to.equal(1_000);
    expect(Math.max(...numbers)).to.be.above(2 ** 51);
  });
});
