// Small cells, and what would reveal them (ratings R14).

import { expect } from 'chai';
import type { Figures } from '../../../../reports/figures/figures.ts';
import { suppress } from '../../../../reports/ratings/suppression.ts';

const figures = (viewers: number, changes: Partial<Figures> = {}): Figures => ({
  measuredS: 100,
  viewerSeconds: viewers * 50,
  viewers,
  reached: viewers,
  averageAudience: viewers / 2,
  reach: viewers,
  ...changes,
});
const shown = (viewers: number[], totalShown: boolean, below = 5): boolean[] =>
  suppress(
    viewers.map((count) => figures(count)),
    { below, totalShown, greatestWeight: 1 },
  ).map((row) => row !== undefined);

describe('suppression', () => {
  it('R14: a row of fewer than five people is left out', () => {
    expect(shown([4, 5, 90], false)).to.deep.equal([false, true, true]);
    expect(shown([4, 5, 90], false, 0)).to.deep.equal([true, true, true]);
  });

  it('R14: where the sum is shown, a single hidden row takes the next smallest with it', () => {
    expect(shown([90, 4, 30], true)).to.deep.equal([true, false, false]);
    expect(shown([90, 2, 2, 30], true)).to.deep.equal([true, false, false, false]);
    expect(shown([90, 3, 3, 30], true)).to.deep.equal([true, false, false, true]);
    expect(shown([90, 30], true)).to.deep.equal([true, true]);
  });

  it('R14: cells of few people in a row of many are left out alone', () => {
    const row = figures(50, { reached: 3, lowest: { at: 0, audience: 1 }, peak: { at: 60, audience: 40 } });
    const [kept] = suppress([row], { below: 5, totalShown: false, greatestWeight: 1 });
    expect(kept).to.include({ averageAudience: 25 }).and.to.have.property('peak');
    expect(kept).to.not.have.any.keys('reach', 'reachPercent', 'secondsPerViewer', 'completeness', 'lowest');
  });

  it('R14: a share that tells of a few others is left out', () => {
    const cells = (share: number) =>
      suppress([figures(50, { share, put: 3 })], { below: 5, totalShown: false, greatestWeight: 1 })[0];
    expect(cells(96)).to.not.have.any.keys('share', 'put'); // others: 25 / 0.96 - 25 = 1.04 people on average
    expect(cells(50)).to.include({ share: 50, put: 3 });
    expect(cells(100)).to.include({ share: 100 });
  });
});
