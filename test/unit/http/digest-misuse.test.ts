// Replays, foreign nonces, other targets, guessing (V7, V8, V10).

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { answer, credentials, openDigest, REALM } from '../../support/digest-check.ts';
import { readChallenge } from '../../support/digest-client.ts';

describe('Digest against misuse', () => {
  it('V7: without qop a nonce is good for one request, and the next comes with the answer', () => {
    const { challenge, verify, refusal } = openDigest();
    const header = answer(challenge(false), { qop: 'none' });
    const { nextnonce } = readChallenge(verify(header).authenticationInfo());
    expect(refusal(header)).to.equal('unauthorized stale');
    const next = `Digest realm="${REALM}", nonce="${nextnonce}"`;
    expect(refusal(answer(next, { qop: 'none' }))).to.equal('accepted abc');
  });

  it('V7: a replay is refused as stale, a higher count passes', () => {
    const { challenge, refusal } = openDigest();
    const asked = challenge(false);
    expect(refusal(answer(asked))).to.equal('accepted abc');
    expect(refusal(answer(asked))).to.equal('unauthorized stale');
    expect(refusal(answer(asked, { cnonce: 'other' }))).to.equal('unauthorized stale');
    expect(refusal(answer(asked, { nc: 3 }))).to.equal('accepted abc');
    expect(refusal(answer(asked, { nc: 2 }))).to.equal('accepted abc');
    expect(refusal(answer(asked, { nc: 2 }))).to.equal('unauthorized stale');
  });

  it('V7: a nonce is stale after 5 minutes, to those who know the password', () => {
    const { challenge, refusal, time } = openDigest();
    const asked = challenge(false);
    time.now += 300_000;
    expect(refusal(answer(asked))).to.equal('unauthorized stale');
    expect(refusal(answer(asked, { password: 'wrong' }))).to.equal('unauthorized');
  });

  it('V7: a foreign nonce is stale to those who know the password', () => {
    const foreign = openDigest({ privateKey: 'other' }).challenge(false);
    expect(openDigest().refusal(answer(foreign))).to.equal('unauthorized stale');
    expect(openDigest().refusal(answer(`Digest realm="${REALM}", nonce="1"`))).to.equal('unauthorized stale');
  });

  it('V7: another process with the same key accepts the nonce', () => {
    expect(openDigest().refusal(answer(openDigest().challenge(false)))).to.equal('accepted abc');
  });

  it('V7: the uri must be the target, with its query; an absolute one may stand for it', () => {
    const { challenge, refusal } = openDigest();
    const asked = challenge(false);
    expect(refusal(answer(asked), { target: '/reports' })).to.equal('invalid');
    expect(refusal(answer(asked), { target: '/?a=1' })).to.equal('invalid');
    expect(refusal(answer(asked, { uri: '/x?a=1' }), { target: '/x?a=1' })).to.equal('accepted abc');
    const uri = 'http://www.sample.com:8080/x';
    expect(refusal(answer(asked, { uri, nc: 2 }), { target: '/x' })).to.equal('accepted abc');
    expect(refusal(answer(asked, { uri: 'http://www.sample.com', nc: 3 }))).to.equal('accepted abc');
  });

  it('V7: an unknown user, a wrong password and a disabled account get the same answer', () => {
    const { challenge, refusal } = openDigest();
    expect(refusal(answer(challenge(false), { user: 'nobody' }))).to.equal('unauthorized');
    expect(refusal(answer(challenge(false), { password: 'wrong' }))).to.equal('unauthorized');
    const disabled = openDigest({ findCredentials: () => ({ ...credentials('secret'), disabled: true }) });
    expect(disabled.refusal(answer(disabled.challenge(false)))).to.equal('unauthorized');
  });

  it('V7: an account without HA1 can be entered by nobody', () => {
    const { challenge, refusal } = openDigest({ findCredentials: () => ({ ha1Md5: '', ha1Sha256: '' }) });
    const header = answer(challenge(false), { qop: 'none' });
    const { nonce } = readChallenge(header);
    const digest = (text: string): string => createHash('md5').update(text).digest('hex');
    const forged = header.replace(/response="\w+"/, `response="${digest(`:${nonce}:${digest('POST:/')}`)}"`);
    expect(refusal(forged)).to.equal('unauthorized');
  });

  it('V8: counts wrong responses only, then refuses even the right one', () => {
    const { challenge, refusal, time } = openDigest();
    const asked = challenge(false);
    expect(refusal(answer(asked, { nc: 9 }))).to.equal('accepted abc');
    for (let index = 0; index < 5; index += 1) {
      expect(refusal(undefined)).to.equal('unauthorized');
      expect(refusal(answer(asked, { nc: 9 }))).to.equal('unauthorized stale');
    }
    for (let index = 0; index < 3; index += 1)
      expect(refusal(answer(asked, { password: 'x' }))).to.equal('unauthorized');
    expect(refusal(answer(asked, { nc: 10 }))).to.equal('rate_limited');
    expect(refusal(answer(asked, { nc: 10 }), { remoteAddress: '10.0.0.2' })).to.equal('accepted abc');
    time.now += 60_000;
    expect(refusal(answer(asked, { nc: 11 }))).to.equal('accepted abc');
  });
});
