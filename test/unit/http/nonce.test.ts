// Nonces without memory (V7).

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { createNonces } from '../../../server/http/nonce.ts';

const NOW = Date.UTC(2007, 6, 20, 20, 31, 22);

function nonces(at = NOW, privateKey = 'key', etag = 'v1') {
  let now = at;
  const made = createNonces({ privateKey, etag, lifeMs: 300_000, clock: () => now });
  return Object.assign(made, {
    moveTo: (instant: number) => {
      now = instant;
    },
  });
}

describe('nonces', () => {
  it('V7: are Base64(time-stamp ":" H(time-stamp ":" ETag ":" private-key))', () => {
    const [stamp = '', digest] = Buffer.from(nonces().issue(), 'base64').toString().split(':');
    expect(stamp).to.match(/^1184963482000\d{9}$/);
    expect(digest).to.equal(createHash('sha256').update(`${stamp}:v1:key`).digest('hex'));
  });

  it('V7: are accepted by another process with the same key, for 5 minutes', () => {
    const nonce = nonces().issue();
    const other = nonces();
    expect(other.read(nonce)).to.deep.include({ issuedAt: NOW, live: true });
    other.moveTo(NOW + 299_999);
    expect(other.read(nonce)?.live).to.equal(true);
    other.moveTo(NOW + 300_000);
    expect(other.read(nonce)?.live).to.equal(false);
  });

  it('V7: are unknown under another key or ETag', () => {
    const nonce = nonces().issue();
    expect(nonces(NOW, 'other').read(nonce)).to.equal(undefined);
    expect(nonces(NOW, 'key', 'v2').read(nonce)).to.equal(undefined);
  });

  it('V7: may be 5 s ahead of this clock, not more', () => {
    expect(nonces(NOW - 5_000).read(nonces().issue())?.live).to.equal(true);
    expect(nonces(NOW - 5_001).read(nonces().issue())?.live).to.equal(false);
  });

  it('V7: differ within one millisecond', () => {
    const { issue } = nonces();
    expect(new Set(Array.from({ length: 10_000 }, issue)).size).to.equal(10_000);
  });

  it('property: a changed nonce is unknown', () => {
    const { issue, read } = nonces();
    fc.assert(
      fc.property(fc.nat(115), fc.constantFrom(...'Az09+/=~é'), (index, character) => {
        const nonce = issue();
        fc.pre(nonce[index] !== character);
        expect(read(nonce.slice(0, index) + character + nonce.slice(index + 1))).to.equal(undefined);
      }),
    );
    expect(read('')).to.equal(undefined);
    expect(read(`${issue()}=`)).to.equal(undefined);
    expect(read(issue().slice(0, -1))).to.equal(undefined);
  });
});
