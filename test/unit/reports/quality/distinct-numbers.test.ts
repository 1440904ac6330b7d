// Distinct numbers against Set (R16).

import { expect } from 'chai';
import fc from 'fast-check';
import { createDistinctNumbers } from '../../../../reports/quality/distinct-numbers.ts';

describe('distinct numbers', () => {
  const numbers = fc.array(fc.oneof(fc.nat(90), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })), {
    maxLength: 600,
    size: 'max',
  });
  const of = (all: readonly number[]) => {
    const distinct = createDistinctNumbers();
    for (const number of all) distinct.add(number);
    return distinct;
  };

  it('R16: count as a Set does, and what one has and the other has not', () => {
    fc.assert(
      fc.property(numbers, numbers, (some, others) => {
        const [one, other] = [of(some), of(others)];
        expect(one.count()).to.equal(new Set(some).size);
        expect(one.countMissingIn(other)).to.equal(
          [...new Set(some)].filter((number) => !others.includes(number)).length,
        );
        for (const number of others) one.add(number);
        expect(one.count()).to.equal(new Set([...some, ...others]).size);
      }),
    );
  });

  it('R16: doubles take no room, and many numbers are all there', () => {
    const many = createDistinctNumbers();
    for (let round = 0; round < 3; round++)
      for (let number = 0; number < 50_000; number++) many.add((number * 2_654_435_761) % 2 ** 52);
    expect(many.count()).to.equal(50_000);
  });
});
