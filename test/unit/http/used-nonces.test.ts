// The memory of used nonces (V7).

import { expect } from 'chai';
import fc from 'fast-check';
import { createUsedNonces } from '../../../server/http/used-nonces.ts';

const NOW = 1_184_963_482_000;
const LIFE = 300_000;

function used(options: { most?: number; sinceAt?: number } = {}) {
  const time = { now: NOW };
  const memory = createUsedNonces({ lifeMs: LIFE, clock: () => time.now, ...options });
  return { ...memory, time };
}

describe('used nonces', () => {
  it('V7: a (nonce, nc) counts once', () => {
    const { use } = used();
    expect(use(NOW, 7, 1)).to.equal('first');
    expect(use(NOW, 7, 1)).to.equal('again');
    expect(use(NOW, 7, 2)).to.equal('first');
    expect(use(NOW, 8, 1)).to.equal('first');
    expect(use(NOW + 1, 7, 1)).to.equal('first');
  });

  it('V7: parallel requests may come out of order, within 32', () => {
    const { use } = used();
    expect(use(NOW, 7, 100)).to.equal('first');
    expect(use(NOW, 7, 69)).to.equal('first');
    expect(use(NOW, 7, 69)).to.equal('again');
    expect(use(NOW, 7, 68)).to.equal('again');
    expect(use(NOW, 7, 132)).to.equal('first');
    expect(use(NOW, 7, 100)).to.equal('again');
    expect(use(NOW, 7, 0xffffffff)).to.equal('first');
    expect(use(NOW, 7, 0xffffffff)).to.equal('again');
  });

  it('V7: without qop the nonce itself is used up', () => {
    const { use } = used();
    expect(use(NOW, 7, undefined)).to.equal('first');
    expect(use(NOW, 7, undefined)).to.equal('again');
    expect(use(NOW, 7, 2)).to.equal('again');
    expect(use(NOW, 8, 20)).to.equal('first');
    expect(use(NOW, 8, undefined)).to.equal('again');
    expect(use(NOW, 8, 21)).to.equal('again');
  });

  it('V7: full, it forgets the oldest, and says so of all that are as old', () => {
    const { use, count, time } = used({ most: 10 });
    for (let index = 0; index < 10; index += 1) expect(use(NOW + index * 5_000, 1, 1)).to.equal('first');
    time.now = NOW + 50_000;
    expect(use(NOW + 50_000, 1, 1)).to.equal('first');
    expect(count()).to.equal(10);
    expect(use(NOW, 1, 1)).to.equal('forgotten');
    expect(use(NOW, 2, 1)).to.equal('forgotten');
    expect(use(NOW + 5_000, 1, 1)).to.equal('again');
  });

  it('V7: smaller than one slice of time, it still takes new nonces', () => {
    const { use, count } = used({ most: 3 });
    for (let index = 0; index < 20; index += 1) expect(use(NOW + index, 1, 1)).to.equal('first');
    expect(count()).to.be.at.most(3);
  });

  it('V7: lets go of what is past its life', () => {
    const { use, count, time } = used();
    for (let serial = 0; serial < 1_000; serial += 1) use(NOW, serial, 1);
    time.now = NOW + LIFE;
    use(time.now, 1, 1);
    expect(count()).to.equal(1);
  });

  it('V7: after a restart, nonces from before are forgotten', () => {
    const { use } = used({ sinceAt: NOW });
    expect(use(NOW - 1, 1, 1)).to.equal('forgotten');
    expect(use(NOW, 1, 1)).to.equal('first');
  });

  it('V7: 100,000 one-use nonces take less than 16 bytes each', () => {
    const { use } = used();
    const before = process.memoryUsage().arrayBuffers;
    for (let serial = 0; serial < 100_000; serial += 1) use(NOW + (serial % 5_000), serial * 7, 1);
    // Tables that were outgrown may still be there: each is two thirds of the next, so all are three times the last.
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(3 * 1_600_000);
    for (let serial = 0; serial < 100_000; serial += 1) {
      if (use(NOW + (serial % 5_000), serial * 7, 1) !== 'again') throw new Error(`${serial} was taken twice`);
    }
  });

  it('property: agrees with a set, while counts stay within 32 of the highest', () => {
    const uses = fc.array(fc.tuple(fc.nat(3), fc.nat(4), fc.integer({ min: 1, max: 32 })), { maxLength: 200 });
    fc.assert(
      fc.property(uses, (sequence) => {
        const { use } = used();
        const seen = new Set<string>();
        for (const [ms, serial, nc] of sequence) {
          const key = `${ms} ${serial} ${nc}`;
          expect(use(NOW + ms, serial, nc)).to.equal(seen.has(key) ? 'again' : 'first');
          seen.add(key);
        }
      }),
    );
  });

  it('V7: after the clock was set back, new nonces count and replays do not', () => {
    const { use, time } = used({ sinceAt: NOW });
    expect(use(NOW + 5, 7, 1)).to.equal('first');
    time.now = NOW - 3_600_000;
    expect(use(time.now, 8, 1)).to.equal('first');
    expect(use(time.now, 8, 1)).to.equal('again');
    expect(use(time.now - 1, 9, 1)).to.equal('forgotten');
    time.now = NOW + 5;
    expect(use(NOW + 5, 7, 1)).to.equal('again');
  });

  it('V7: after the clock was set back, old nonces are still let go', () => {
    const { use, count, time } = used();
    use(NOW, 7, 1);
    time.now = NOW - 3_600_000;
    use(time.now, 8, 1);
    time.now += 2 * LIFE;
    use(time.now, 9, 1);
    expect(count()).to.equal(2); // that of now and that from the future
  });
});
