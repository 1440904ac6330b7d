// What a survey found: numbers worked by hand, and what always holds (R11).

import { expect } from 'chai';
import fc from 'fast-check';
import {
  createSurveyTally,
  type SurveyFacts,
  type SurveyResult,
  type TalliedAnswer,
} from '../../../../reports/surveys/survey-result.ts';
import { wilsonInterval } from '../../../../reports/surveys/wilson-interval.ts';

const FACTS: SurveyFacts = { service: '01', asked: 10, population: 40, confidence: 0.95, timeLimitMs: 100_000 };

const resultOf = (
  answers: readonly TalliedAnswer[],
  facts: Partial<SurveyFacts> = {},
  isClosed = true,
): SurveyResult => {
  const tally = createSurveyTally({ ...FACTS, ...facts });
  for (const answer of answers) tally.add(answer);
  return tally.result(isClosed);
};
const times = (number: number, answer: TalliedAnswer): TalliedAnswer[] => new Array(number).fill(answer);

describe('the interval of a share', () => {
  it('R11: of 20 in 100 is Wilson’s, at the ends, too', () => {
    const cases: [number, number, number, number, number][] = [
      // hits, counted, confidence, low, high; of none in n the upper end is z²/(n + z²)
      [20, 100, 0.95, 0.1333669, 0.2888292],
      [0, 10, 0.95, 0, 0.2775328],
      [10, 10, 0.95, 0.7224672, 1],
      [1, 2, 0.95, 0.0945312, 0.9054688],
    ];
    for (const [hits, counted, confidence, low, high] of cases) {
      const found = wilsonInterval(hits, counted, Number.MAX_SAFE_INTEGER, confidence);
      expect(found.low, `${hits}/${counted}`).to.be.closeTo(low, 1e-6);
      expect(found.high, `${hits}/${counted}`).to.be.closeTo(high, 1e-6);
    }
  });

  it('R11: is that of a larger sample where the population is small, and a point where all were counted', () => {
    // 50 out of 101: 50 · 100 / 51 = 98.039…
    const finite = wilsonInterval(10, 50, 101, 0.95);
    const z2 = 3.8414588;
    const size = 5_000 / 51;
    const middle = (0.2 + z2 / (2 * size)) / (1 + z2 / size);
    expect((finite.low + finite.high) / 2).to.be.closeTo(middle, 1e-6);
    expect(finite.low).to.be.greaterThan(wilsonInterval(10, 50, 10_000, 0.95).low);
    expect(wilsonInterval(10, 50, 50, 0.95)).to.deep.equal({ low: 0.2, high: 0.2 });
  });

  it('R11: is wider with more confidence; in the tails, too', () => {
    const widthAt = (confidence: number): number => {
      const { low, high } = wilsonInterval(300, 1_000, 1e15, confidence);
      return high - low;
    };
    // z of 90, 95, 99 and 99.9 %: 1.644854, 1.959964, 2.575829, 3.290527
    for (const [confidence, z] of [
      [0.9, 1.644854],
      [0.95, 1.959964],
      [0.99, 2.575829],
      [0.999, 3.290527],
    ] as const) {
      const spread = (z * z) / 1_000;
      expect(widthAt(confidence)).to.be.closeTo(
        (2 * z * Math.sqrt(0.21 / 1_000 + spread / 4_000)) / (1 + spread),
        1e-7,
      );
    }
  });
});

describe('a survey’s result', () => {
  it('R11: asked, answered, watching, rating, non-response and audience, by hand', () => {
    const result = resultOf([
      ...times(2, { watching: '01', delayMs: 5_000, logged: true }),
      ...times(1, { watching: '02', delayMs: 30_000, logged: false }),
      ...times(1, { delayMs: 99_999, logged: false }),
    ]);
    expect(result).to.deep.include({ asked: 10, answered: 4, watching: 2, others: 1, none: 1, late: 0, repeated: 0 });
    expect(result).to.deep.include({ ratingPercent: 50, nonResponsePercent: 60, audience: 20, missing: {} });
    expect(result.responseCurve).to.deep.equal([2, 2, 2, 3, 3, 3, 3, 3, 3, 4]);
    // 4 out of 40 err like 4 · 39 / 36 = 4.3333
    const spread = 3.8414588 / (13 / 3);
    const half = (1.959964 * Math.sqrt(0.25 / (13 / 3) + spread / (4 * (13 / 3)))) / (1 + spread);
    expect(result.ratingLowPercent).to.be.closeTo(100 * (0.5 - half), 1e-4);
    expect(result.audienceHigh).to.be.closeTo(40 * (0.5 + half), 1e-4);
  });

  it('R11: against the log: agreement, over-claim, under-report, adjustment factor, by hand', () => {
    const { comparison } = resultOf(
      [
        ...times(30, { watching: '01', delayMs: 1, logged: true }),
        ...times(10, { watching: '01', delayMs: 1, logged: false }), // over-claim
        ...times(6, { watching: '02', delayMs: 1, logged: true }), // under-report
        ...times(50, { delayMs: 1, logged: false }),
        ...times(4, { watching: '01', delayMs: 1 }), // not measured
      ],
      { asked: 100, population: 100 },
    );
    expect(comparison).to.deep.equal({
      compared: 96,
      saysWatchingLogWatching: 30,
      saysWatchingLogNot: 10,
      saysNotLogWatching: 6,
      saysNotLogNot: 50,
      unlogged: 4,
      agreementPercent: 100 * (80 / 96),
      overClaimPercent: 100 * (10 / 60),
      underReportPercent: 100 * (6 / 36),
      adjustmentFactor: 36 / 40,
    });
  });

  it('R11: what can’t be had is null with its reason, never NaN or Infinity', () => {
    const nobody = resultOf([], { asked: 0, population: 0 });
    expect(nobody).to.deep.include({ ratingPercent: null, audienceLow: null, nonResponsePercent: null });
    expect(nobody.missing).to.include({ ratingPercent: 'nobody answered', nonResponsePercent: 'nobody was asked' });
    expect(nobody.comparison?.agreementPercent).to.equal(null);
    const silent = resultOf(times(3, { delayMs: 1, logged: true }));
    expect(silent.comparison).to.include({ adjustmentFactor: null, overClaimPercent: null, underReportPercent: 100 });
    expect(silent.missing).to.deep.equal({
      adjustmentFactor: 'nobody claims to watch',
      overClaimPercent: 'nobody is off the service by the log',
    });
    expect(resultOf([], {}, false)).not.to.have.property('comparison');
  });

  it('R11: late and repeated answers are counted apart and change nothing else', () => {
    const tally = createSurveyTally(FACTS);
    tally.add({ watching: '01', delayMs: 5, logged: true });
    const before = tally.result(true);
    tally.addLate();
    tally.addRepeats(3);
    expect(tally.result(true)).to.deep.equal({ ...before, late: 1, repeated: 3 });
  });

  it('R7, R11: what always holds', () => {
    const answer = fc.record(
      { watching: fc.constantFrom('01', '02'), delayMs: fc.nat(200_000), logged: fc.boolean() },
      { requiredKeys: ['delayMs'] },
    );
    const surveyed = fc.record({
      answers: fc.array(answer),
      silent: fc.nat(50),
      unasked: fc.nat(50),
      confidence: fc.double({ min: 0.5, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(surveyed, ({ answers, silent, unasked, confidence }) => {
        const asked = answers.length + silent;
        const facts = { asked, population: asked + unasked, confidence };
        const result = resultOf(answers, facts);
        const { watching, others, none, answered, comparison } = result;
        expect(watching + others + none).to.equal(answered);
        expect(result.responseCurve.at(-1)).to.equal(answered);
        expect(result.responseCurve.toSorted((a, b) => a - b)).to.deep.equal(result.responseCurve);
        expect((comparison?.compared ?? 0) + (comparison?.unlogged ?? 0)).to.equal(answered);
        for (const [name, value] of Object.entries({ ...result, ...comparison }))
          if (typeof value === 'number') expect(Number.isFinite(value) && value >= 0, name).to.equal(true);
          else if (value === null) expect(result.missing[name], name).to.be.a('string');
        const { ratingPercent, ratingLowPercent, ratingHighPercent } = result;
        if (ratingPercent !== null && ratingLowPercent !== null && ratingHighPercent !== null) {
          expect(0 <= ratingLowPercent && ratingLowPercent <= ratingPercent).to.equal(true);
          expect(ratingPercent <= ratingHighPercent && ratingHighPercent <= 100).to.equal(true);
        }
        expect(resultOf(answers.toReversed(), facts)).to.deep.equal(result);
      }),
    );
  });
});
