// The published vectors of both RFCs (V6; RFC 2617 3.5, RFC 7616 3.9.1).

import { expect } from 'chai';
import { digestHa1, digestResponse } from '../../../server/http/digest-response.ts';

describe('digest responses', () => {
  const old = {
    algorithm: 'MD5',
    ha1: '939e7578ed9e3c518a452acee763bce9',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
  } as const;

  it('V6: HA1 of RFC 2617 3.5', () => {
    expect(digestHa1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life')).to.equal(old.ha1);
  });

  it('V6: RFC 2617 3.5 with qop=auth', () => {
    const quality = { qop: 'auth', nc: '00000001', cnonce: '0a4f113b' } as const;
    expect(digestResponse({ ...old, quality })).to.equal('6629fae49393a05397450978507c4ef1');
  });

  it('V6: RFC 2617 3.5 without qop', () => {
    expect(digestResponse(old)).to.equal('670fd8c2df070c60b045671b8b24ff02');
  });

  for (const [algorithm, expected] of [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const) {
    it(`V6: RFC 7616 3.9.1 with ${algorithm}`, () => {
      const response = digestResponse({
        algorithm,
        ha1: digestHa1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life'),
        method: 'GET',
        uri: '/dir/index.html',
        nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
        quality: { qop: 'auth', nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
      });
      expect(response).to.equal(expected);
    });
  }

  it('V6: auth-int takes the body in', () => {
    const quality = { qop: 'auth-int', nc: '00000001', cnonce: '0a4f113b' } as const;
    // Computed with Python's hashlib from the formula of RFC 2617 3.2.2.3.
    expect(digestResponse({ ...old, quality, body: Buffer.from('<LogReport/>') })).to.equal(
      '88d539d12b0a4a59923d5014604006e4',
    );
  });
});
