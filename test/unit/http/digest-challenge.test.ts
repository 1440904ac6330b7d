// Writing WWW-Authenticate and Authentication-Info (V6; RFC 2617 3.2.1 and 3.2.3).

import { expect } from 'chai';
import { writeAuthenticationInfo, writeChallenge } from '../../../server/http/digest-challenge.ts';

describe('Digest challenges', () => {
  it('V6: writes algorithm and stale unquoted', () => {
    const challenge = { realm: 'a "b"', nonce: 'bm9uY2U=', opaque: 'o', stale: true, domain: '/ /reports' };
    expect(writeChallenge({ ...challenge, algorithm: 'SHA-256' })).to.equal(
      'Digest realm="a \\"b\\"", qop="auth,auth-int", nonce="bm9uY2U=", opaque="o", algorithm=SHA-256, stale=true, domain="/ /reports"',
    );
    expect(writeChallenge({ realm: 'r', nonce: 'n', opaque: 'o', algorithm: 'MD5', stale: false })).to.equal(
      'Digest realm="r", qop="auth,auth-int", nonce="n", opaque="o", algorithm=MD5',
    );
  });

  it('V6: writes Authentication-Info', () => {
    const proof = { qop: 'auth', rspauth: 'ab', cnonce: 'c"', nc: '00000001' } as const;
    expect(writeAuthenticationInfo(proof, 'next')).to.equal(
      'nextnonce="next", qop=auth, rspauth="ab", cnonce="c\\"", nc=00000001',
    );
    expect(writeAuthenticationInfo(undefined, undefined)).to.equal('');
  });
});
