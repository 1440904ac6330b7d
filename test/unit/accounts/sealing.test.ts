// HA1 and identities sealed at rest (V6, O2).

import { expect } from 'chai';
import fc from 'fast-check';
import { createSealing } from '../../../server/accounts/sealing.ts';

const sealing = createSealing(Buffer.alloc(32, 1));

describe('sealing', () => {
  it('V6: opens what it sealed, for any text and context', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
        expect(sealing.open(sealing.seal(text, context), context)).to.equal(text);
      }),
    );
  });

  it('opens a text sealed by the first version', () => {
    // AES-256-GCM, key 32 times 01, nonce 12 zero bytes, computed with another implementation (Python cryptography)
    expect(sealing.open('v1.AAAAAAAAAAAAAAAAzFD7rhBPWRCzKhdEvZfVvjgrjBrjBg', 'ha1:u')).to.equal('secret');
  });

  it('never seals alike twice, and shows nothing of the text', () => {
    const one = sealing.seal('939e7578ed9e3c518a452acee763bce9', 'u');
    expect(one).to.match(/^v1\.[\w-]+$/);
    expect(sealing.seal('939e7578ed9e3c518a452acee763bce9', 'u')).not.to.equal(one);
  });

  it('refuses another context, another key, and any changed character', () => {
    const sealed = sealing.seal('text', 'a');
    expect(() => sealing.open(sealed, 'b')).to.throw('does not open');
    expect(() => createSealing(Buffer.alloc(32, 2)).open(sealed, 'a')).to.throw('does not open');
    for (let at = 3; at < sealed.length - 1; at += 1) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      expect(() => sealing.open(changed, 'a'), String(at)).to.throw('does not open');
    }
    expect(() => sealing.open('v2.AAAA', 'a')).to.throw('unknown version');
    expect(() => sealing.open('v1.AAAA', 'a')).to.throw('too short');
  });

  it('wants a key of 32 bytes', () => {
    expect(() => createSealing(Buffer.alloc(16))).to.throw('32 bytes, not 16');
  });
});
