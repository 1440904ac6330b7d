// Reading Authorization (V6; RFC 2617 3.2.2, RFC 7616 3.4).

import { expect } from 'chai';
import fc from 'fast-check';
import { readDigestHeader } from '../../../server/http/digest-header.ts';
import { Problem } from '../../../server/problem.ts';

const REST = 'realm="r", nonce="n", uri="/", response="x"';
const GOOD =
  'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b", uri="/dir/index.html?a=1,2", qop=auth, ' +
  'nc=00000001, cnonce="0a4f113b", response="6629fae4", opaque="5ccc069c", algorithm=MD5';

describe('Digest credentials', () => {
  it('V6: reads the dialogue of the method', () => {
    expect(readDigestHeader(GOOD)).to.deep.equal({
      username: 'Mufasa',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b',
      uri: '/dir/index.html?a=1,2',
      response: '6629fae4',
      algorithm: 'MD5',
      opaque: '5ccc069c',
      qop: 'auth',
      nc: '00000001',
      cnonce: '0a4f113b',
    });
  });

  it('reads tabs, empty elements, odd case, quoted tokens, unquoted strings and unknown directives', () => {
    const header = 'dIGEST\tUserName = "a" ,, REALM=r,nonce=abc+/=,uri=/x?y=1, response=x, qop="auth",x-y="1=2,3", ,';
    expect(readDigestHeader(header)).to.deep.include({ username: 'a', nonce: 'abc+/=', uri: '/x?y=1', qop: 'auth' });
  });

  it('takes escapes out of quoted strings', () => {
    expect(readDigestHeader(`Digest username="a\\"b\\\\c", ${REST}`)?.username).to.equal('a"b\\c');
  });

  it('decodes user names in UTF-8, and keeps those that are not', () => {
    const sent = Buffer.from('张伟', 'utf8').toString('latin1');
    expect(readDigestHeader(`Digest username="${sent}", ${REST}`)?.username).to.equal('张伟');
    expect(readDigestHeader(`Digest username="J\u00fcrgen", ${REST}`)?.username).to.equal('J\u00fcrgen');
  });

  it('leaves other schemes alone', () => {
    expect(readDigestHeader('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')).to.equal(undefined);
    expect(readDigestHeader('Digestive biscuits="2"')).to.equal(undefined);
  });

  for (const [what, header] of [
    ['no directives', 'Digest x'],
    ['a missing username', `Digest ${REST}`],
    ['a directive given twice', `Digest username="a", username="b", ${REST}`],
    ['a directive given twice in another case', `Digest username="a", USERNAME="b", ${REST}`],
    ['an open quotation mark', `Digest ${REST}, username="a`],
    ['an escaped closing quotation mark', `Digest ${REST}, username="a\\"`],
    ['a missing comma', `Digest username="a" ${REST}`],
    ['a missing value', `Digest username=, ${REST}`],
    ['a quotation mark inside a token', `Digest username=a"b", ${REST}`],
    ['a line break', `Digest username="a\r\nX: y", ${REST}`],
    ['a long username', `Digest username="${'a'.repeat(257)}", ${REST}`],
    ['a long cnonce', `Digest username="a", cnonce="${'a'.repeat(257)}", ${REST}`],
    ['a long header', `Digest username="a", x="${'a'.repeat(8_192)}", ${REST}`],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => readDigestHeader(header))
        .to.throw(Problem)
        .with.property('code', 'invalid');
    });
  }

  it('property: no text makes it throw anything but Problem invalid', () => {
    const pieces = fc.constantFrom(
      '"',
      '\\',
      ',',
      '=',
      ' ',
      'username',
      'realm="r"',
      'nonce=',
      'uri="/"',
      '\u00ff',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        try {
          readDigestHeader(`Digest ${parts.join('')}`);
        } catch (problem) {
          expect(problem).to.be.instanceOf(Problem).with.property('code', 'invalid');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('property: what is quoted comes back', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const header = `Digest username="a", cnonce="${text.replace(/["\\]/g, '\\$&')}", ${REST}`;
        expect(readDigestHeader(header)?.cnonce).to.equal(text);
      }),
    );
  });
});
