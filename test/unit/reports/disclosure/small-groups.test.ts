// Groups that are too small to be told apart (ratings R14).

import { expect } from 'chai';
import { joinSmallGroups } from '../../../../reports/disclosure/small-groups.ts';

const of = (universes: number[]) => ({
  names: universes.map((_, group) => `g${group}`),
  universes,
  segmentOf: (viewer: number) => viewer,
});

describe('small groups', () => {
  it('R14: groups of fewer people than k are one, and with the next smallest while they are too few', () => {
    const joined = joinSmallGroups(of([20, 2, 7, 1, 30]), 5);
    expect(joined.names).to.deep.equal(['g0', 'g4', 'Other']);
    expect(joined.universes).to.deep.equal([20, 30, 10]);
    expect([0, 1, 2, 3, 4, -1].map((viewer) => joined.segmentOf(viewer, 0, 0))).to.deep.equal([0, 2, 2, 2, 1, -1]);
    expect(joinSmallGroups(of([20, 3, 4]), 5).universes).to.deep.equal([20, 7]);
  });

  it('R14: where all are large, or not of people, they stay', () => {
    const large = of([5, 9]);
    expect(joinSmallGroups(large, 5)).to.equal(large);
    const devices = { names: ['a', 'b'], segmentOf: () => 0 };
    expect(joinSmallGroups(devices, 5)).to.equal(devices);
    expect(joinSmallGroups(of([1, 2]), 5)).to.deep.include({ names: ['Other'], universes: [3] });
  });
});
