// The whole check of Digest credentials, against a client that shares no code with it (V6, V10).

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { createDigest } from '../../../server/http/digest.ts';
import { createFailureLimits } from '../../../server/http/failure-limits.ts';
import { Problem } from '../../../server/problem.ts';
import { answer, credentials, openDigest, REALM } from '../../support/digest-check.ts';
import { readChallenge } from '../../support/digest-client.ts';

describe('Digest', () => {
  it('V6: challenges with MD5 first, SHA-256 beside it, and one nonce', () => {
    const [first = '', second = '', ...more] = openDigest({ domain: '/' }).challenge(false);
    expect(first).to.match(
      /^Digest realm="pocketmeter", qop="auth,auth-int", nonce="[\w+/=]{116}", opaque="5ccc069c403ebaf9f0171e9517f40e41", algorithm=MD5, domain="\/"$/,
    );
    expect(second).to.equal(first.replace('algorithm=MD5', 'algorithm=SHA-256'));
    expect(more).to.deep.equal([]);
  });

  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    for (const qop of ['auth', 'auth-int'] as const) {
      it(`V6: accepts ${algorithm} with ${qop} and proves itself`, () => {
        const { challenge, verify } = openDigest();
        const header = answer(challenge(false), { algorithm, qop });
        const verified = verify(header);
        expect(verified.user).to.equal('abc');
        const info = readChallenge(verified.authenticationInfo(Buffer.from('done')));
        const digest = (text: string): string =>
          createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
            .update(text)
            .digest('hex');
        const ha2 = digest(qop === 'auth' ? ':/' : `:/:${digest('done')}`);
        const { nonce } = readChallenge(header);
        const rspauth = digest(`${digest('abc:pocketmeter:secret')}:${nonce}:00000001:0a4f113b:${qop}:${ha2}`);
        expect(info).to.deep.equal({ qop, rspauth, cnonce: '0a4f113b', nc: '00000001' });
      });
    }
  }

  it('V6: auth-int refuses another body', () => {
    const { challenge, refusal } = openDigest();
    const header = answer(challenge(false), { qop: 'auth-int' });
    expect(refusal(header, { body: Buffer.from('<LogReport />') })).to.equal('unauthorized');
    expect(refusal(header, { body: undefined })).to.equal('unauthorized');
    expect(refusal(header)).to.equal('accepted abc');
  });

  it('V6: auth-int proves with auth when the answer has no body at hand', () => {
    const { challenge, verify } = openDigest();
    expect(verify(answer(challenge(false), { qop: 'auth-int' })).authenticationInfo()).to.match(/^qop=auth, /);
  });

  it('V6: renews the nonce in the second half of its life', () => {
    const { challenge, verify, refusal, time } = openDigest();
    const asked = challenge(false);
    expect(verify(answer(asked)).authenticationInfo()).not.to.include('nextnonce');
    time.now += 150_000;
    const { nextnonce } = readChallenge(verify(answer(asked, { nc: 2 })).authenticationInfo());
    time.now += 200_000;
    expect(refusal(answer(`Digest realm="${REALM}", nonce="${nextnonce}"`))).to.equal('accepted abc');
  });

  it('V6: an MD5 response passes under the name SHA-256, as wget sends it', () => {
    const { challenge, refusal } = openDigest();
    const header = answer(challenge(false), { qop: 'none' }).replace('algorithm=MD5', 'algorithm="SHA-256"');
    expect(refusal(header)).to.equal('accepted abc');
  });

  it('V6: hashes the bytes of a uri and a cnonce outside ASCII', () => {
    const { challenge, refusal } = openDigest();
    const sent = { uri: '/\u00fc', cnonce: '\u00e9' };
    const header = answer(challenge(false), sent);
    // The client hashes UTF-8; what node:http then reports are the bytes, one character each.
    const asRead = Buffer.from(header, 'utf8').toString('latin1');
    expect(refusal(asRead, { target: Buffer.from('/\u00fc', 'utf8').toString('latin1') })).to.equal('accepted abc');
  });

  it('V6: SHA-256 without qop is malformed', () => {
    const { challenge, refusal } = openDigest();
    expect(refusal(answer(challenge(false), { algorithm: 'SHA-256', qop: 'none' }))).to.equal('invalid');
  });

  it('takes credentials from a promise as well', async () => {
    const digest = createDigest({
      realm: REALM,
      privateKey: 'private',
      etag: 'v1',
      opaque: 'o',
      clock: () => 1_184_963_482_000,
      findCredentials: async () => credentials('secret'),
      failureLimits: createFailureLimits({ clock: () => 1_184_963_482_000 }),
    });
    const header = answer(digest.challenge(false));
    const request = { method: 'POST', target: '/', body: undefined, remoteAddress: '10.0.0.1', header };
    expect((await digest.verify(request)).user).to.equal('abc');
    const replay = await Promise.resolve(digest.verify(request)).catch((problem: unknown) => problem);
    expect(digest.challengeFor(replay)[0]).to.include('stale=true');
    expect(digest.challengeFor(new Problem('invalid', 'x'))).to.deep.equal([]);
  });

  for (const [what, change, code] of [
    ['another scheme', () => 'Basic YWJjOnNlY3JldA==', 'unauthorized'],
    ['another realm', (header: string) => header.replace('pocketmeter', 'elsewhere'), 'unauthorized'],
    ['another opaque', (header: string) => header.replace('5ccc069c', '5ccc069d'), 'unauthorized'],
    ['MD5-sess', (header: string) => header.replace('algorithm=MD5', 'algorithm=MD5-sess'), 'unauthorized'],
    ['an unknown qop', (header: string) => header.replace('qop=auth', 'qop=auth-conf'), 'invalid'],
    ['no nc', (header: string) => header.replace('nc=00000001, ', ''), 'invalid'],
    ['an nc of 0', (header: string) => header.replace('nc=00000001', 'nc=00000000'), 'invalid'],
    ['a short nc', (header: string) => header.replace('nc=00000001', 'nc=1'), 'invalid'],
    ['no cnonce', (header: string) => header.replace('cnonce="0a4f113b", ', ''), 'invalid'],
    ['a qop taken away', (header: string) => header.replace('qop=auth, ', ''), 'unauthorized'],
  ] as const) {
    it(`V6: refuses ${what} as ${code}`, () => {
      const { challenge, refusal } = openDigest();
      expect(refusal(change(answer(challenge(false))))).to.equal(code);
    });
  }

  it('property: a header that was tampered with is refused with a Problem', () => {
    const { challenge, refusal, time } = openDigest();
    const header = answer(challenge(false));
    // What the hash does not cover may change: blanks, quotes and escapes of tokens, letter case of names, and the like.
    const meaning = (text: string): string => {
      const plain = text.replaceAll(/\\(.)/g, '$1');
      const { username, realm, nonce, uri, response, qop, nc, cnonce, algorithm = 'MD5' } = readChallenge(plain);
      return [username, realm, nonce, uri, response, qop, nc, cnonce, algorithm].join('\n');
    };
    const edit = fc.tuple(
      fc.nat(header.length),
      fc.nat(3),
      fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('"', ',', '\\', '=')),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        time.now += 1; // failures run out; the nonce does not
        let text = header;
        for (const [at, length, piece] of edits) text = text.slice(0, at) + piece + text.slice(at + length);
        fc.pre(meaning(text).toLowerCase() !== meaning(header).toLowerCase());
        expect(refusal(text)).to.match(/^(invalid|unauthorized|rate_limited)$/);
      }),
      { numRuns: 1_000 },
    );
    time.now = 1_184_963_482_000 + 200_000;
    expect(refusal(header)).to.equal('accepted abc');
  });
});
