// Sudden mass log-ins and log-outs, by hand and by chance (R16).

import { expect } from 'chai';
import { findBursts } from '../../../../reports/quality/bursts.ts';

const DAY = 1_440;
const flat = (count: number): number[] => Array(DAY).fill(count);

describe('bursts', () => {
  it('R16: a minute stands out above 20, twice the median, and the median + 6 MAD', () => {
    const quiet = flat(0);
    quiet[5] = 20;
    quiet[700] = 21;
    expect(findBursts(quiet)).to.deep.equal([{ minute: 700, count: 21, usual: 0, threshold: 20 }]);
    const even = flat(100);
    even[0] = 200;
    even[1_439] = 201;
    expect(findBursts(even)).to.deep.equal([{ minute: 1_439, count: 201, usual: 100, threshold: 200 }]);
    const uneven: number[] = Array.from({ length: DAY }, (_, minute) => (minute % 2 === 0 ? 80 : 120)); // around it 30 of each: MAD 20
    uneven[600] = 220;
    uneven[900] = 221;
    expect(findBursts(uneven)).to.deep.equal([{ minute: 900, count: 221, usual: 100, threshold: 220 }]);
  });

  it('R16: what rises over half an hour is no burst, nor is one report a minute', () => {
    expect(
      findBursts(Array.from({ length: DAY }, (_, minute) => 50 + Math.round(40 * Math.sin(minute / 60)))),
    ).to.deep.equal([]);
    expect(findBursts(flat(1))).to.deep.equal([]);
    expect(findBursts([])).to.deep.equal([]);
    expect(findBursts([500])).to.deep.equal([{ minute: 0, count: 500, usual: 0, threshold: 20 }]);
  });
});
