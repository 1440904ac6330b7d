// The formulas of R2 with numbers such as the measurement bodies' glossaries work their examples with.

import { expect } from 'chai';
import {
  affinity,
  averageAudience,
  averageFrequency,
  completeness,
  grossRatingPoints,
  profile,
  rating,
  reachPercent,
  samplingError,
  secondsPerHead,
  secondsPerViewer,
  share,
  totalViewing,
} from '../../../../reports/figures/formulas.ts';

describe('formulas', () => {
  it('R2: a half-hour programme that 4 of 10 viewers see whole, and 2 for half of it', () => {
    const seconds = 4 * 1800 + 2 * 900;
    const amr = averageAudience(seconds, 1800);
    expect(amr).to.equal(5);
    expect(rating(amr, 10)).to.equal(50);
    expect(reachPercent(6, 10)).to.equal(60);
    expect(completeness(amr, 6)).to.be.closeTo(0.8333, 5e-5);
    expect(secondsPerViewer(seconds, 6)).to.equal(1500);
    expect(secondsPerHead(seconds, 10)).to.equal(900);
    expect(share(seconds, 12_000)).to.equal(75);
    expect(totalViewing(12_000, 1800, 10)).to.be.closeTo(66.6667, 5e-5);
  });

  it('R2: the rating of all services is the total viewing, and share is rating in percent of it', () => {
    expect(rating(averageAudience(9000, 1800), 10)).to.equal(totalViewing(9000, 1800, 10));
    expect((100 * (rating(averageAudience(9000, 1800), 10) ?? 0)) / (totalViewing(12_000, 1800, 10) ?? 0)).to.equal(75);
  });

  it('R2: a campaign of five spots with ratings of 10, 8, 6, 4 and 2 has 30 gross rating points; 12 % reached saw 2.5 each', () => {
    const universe = 1000;
    const spots = [100, 80, 60, 40, 20].map((audience) => ({ viewerSeconds: audience * 30, lengthS: 30 }));
    expect(grossRatingPoints(spots, universe)).to.be.closeTo(30, 1e-9);
    expect(averageFrequency(30, 12)).to.equal(2.5);
    // a long broadcast weighs no more than a short one, and one of no length nothing
    const uneven = [
      { viewerSeconds: 100 * 3600, lengthS: 3600 },
      { viewerSeconds: 200 * 60, lengthS: 60 },
      { viewerSeconds: 0, lengthS: 0 },
    ];
    expect(grossRatingPoints(uneven, universe)).to.equal(30);
  });

  it('R2: of 480,000 viewers 120,000 are women of 25 to 34: profile 25 %; rating 6 where all have 4: index 150', () => {
    expect(profile(120_000, 480_000)).to.equal(25);
    expect(affinity(rating(120_000, 2_000_000), rating(480_000, 12_000_000))).to.equal(150);
    expect(affinity(4, 4)).to.equal(100);
    expect(affinity(0, 4)).to.equal(0);
  });

  it('R2: a rating of 10 % among 900 people is sure to one point, of 50 % among 2,500 too, of 20 % among 400 to two', () => {
    expect(samplingError(10, 900)).to.be.closeTo(1, 1e-12);
    expect(samplingError(50, 2500)).to.be.closeTo(1, 1e-12);
    expect(samplingError(20, 400)).to.be.closeTo(2, 1e-12);
    expect(samplingError(0, 400)).to.equal(0);
    expect(samplingError(100, 400)).to.equal(0);
  });

  it('R2: what divides by nothing is not available, never NaN or infinite', () => {
    expect([
      averageAudience(0, 0),
      rating(0, 0),
      rating(undefined, 10),
      totalViewing(0, 0, 10),
      totalViewing(100, 10, 0),
      share(0, 0),
      reachPercent(0, 0),
      secondsPerViewer(0, 0),
      secondsPerHead(5, 0),
      completeness(1, 0),
      completeness(undefined, 1),
      grossRatingPoints([], 0),
      averageFrequency(5, 0),
      averageFrequency(undefined, 5),
      averageFrequency(5, undefined),
      profile(0, 0),
      profile(1, undefined),
      affinity(1, 0),
      affinity(1, undefined),
      samplingError(undefined, 5),
      samplingError(10, 0),
    ]).to.deep.equal(new Array(21).fill(undefined));
    expect(grossRatingPoints([], 10)).to.equal(0);
  });
});
