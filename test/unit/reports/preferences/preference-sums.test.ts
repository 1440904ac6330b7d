// Sums of days that lose half their weight in a half-life, counted again without harm (R12, R15).

import { expect } from 'chai';
import fc from 'fast-check';
import { confidenceOf, preferencesOf } from '../../../../reports/preferences/preference-ranking.ts';
import {
  compact,
  decay,
  emptyRecord,
  foldBefore,
  type PreferenceRecord,
  type Sums,
  sumsAsOf,
  withDay,
} from '../../../../reports/preferences/preference-sums.ts';

const HALF_LIFE = 30;
const watched = (services: Record<string, number>): Sums => ({
  seconds: Object.values(services).reduce((sum, each) => sum + each, 0),
  days: 1,
  cells: { service: Object.entries(services).map(([id, seconds]) => [id, seconds, 1] as const) },
});
const having = (...days: [day: number, services: Record<string, number>][]): PreferenceRecord =>
  days.reduce((record, [day, services]) => withDay(record, day, watched(services)), emptyRecord(7));

const days = fc.uniqueArray(
  fc.tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.dictionary(fc.constantFrom('01', '02', '__proto__', 'a/b'), fc.integer({ min: 1, max: 86_400 }), { minKeys: 1 }),
  ),
  { selector: ([day]) => day, maxLength: 20 },
);
const byId = (sums: Sums | undefined): Map<string, number> =>
  new Map((sums?.cells.service ?? []).map(([id, seconds]) => [id, seconds]));
const expectClose = (a: Sums | undefined, b: Sums | undefined): void => {
  expect(a?.seconds).to.be.closeTo(b?.seconds ?? Number.NaN, 0.1);
  const [left, right] = [byId(a), byId(b)];
  for (const id of new Set([...left.keys(), ...right.keys()]))
    expect(left.get(id) ?? 0).to.be.closeTo(right.get(id) ?? 0, 1.1); // less than a second is forgotten
};

describe('preference sums', () => {
  it('R12: a half-life halves, exactly, kept or folded', () => {
    expect([0, 30, 60, 15].map((age) => decay(age, HALF_LIFE))).to.deep.equal([1, 0.5, 0.25, 2 ** -0.5]);
    const record = having([100, { '01': 3_600 }]);
    expect(sumsAsOf(record, 101, HALF_LIFE)).to.deep.equal(watched({ '01': 3_600 }));
    const half = { seconds: 1_800, days: 0.5, cells: { service: [['01', 1_800, 0.5]] } };
    expect(sumsAsOf(record, 131, HALF_LIFE)).to.deep.equal(half);
    expect(sumsAsOf(foldBefore(record, 131, HALF_LIFE), 131, HALF_LIFE)).to.deep.equal(half);
    expect(sumsAsOf(foldBefore(record, 101, HALF_LIFE), 131, HALF_LIFE)).to.deep.equal(half);
  });

  it('R15: a day that is counted again replaces itself; one that is folded stays', () => {
    const once = having([5, { '01': 100 }], [6, { '02': 50 }]);
    expect(withDay(once, 5, watched({ '01': 100 }))).to.deep.equal(once);
    expect(sumsAsOf(withDay(once, 5, watched({ '03': 7 })), 7, 1)?.cells.service).to.deep.equal([
      ['02', 50, 1],
      ['03', 3.5, 0.5],
    ]);
    expect(withDay(once, 5, undefined).days.map(({ day }) => day)).to.deep.equal([6]);
    const folded = foldBefore(once, 6, HALF_LIFE);
    expect(folded).to.deep.include({ through: 6, base: watched({ '01': 100 }) });
    expect(withDay(folded, 5, watched({ '01': 1 }))).to.equal(folded);
    expect(foldBefore(folded, 6, HALF_LIFE)).to.equal(folded);
    expect(sumsAsOf(folded, 5, HALF_LIFE)).to.equal(undefined);
  });

  it('R15: in whatever order days are counted, and however often, the sums are the same', () => {
    fc.assert(
      fc.property(days, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 60 }), (list, order, split) => {
        const again = [...list, ...list].map((each) => ({ each, at: order.next().value })).sort((a, b) => a.at - b.at);
        const plain = having(...list);
        expect(having(...again.map(({ each }) => each))).to.deep.equal(plain);
        expectClose(sumsAsOf(foldBefore(plain, split, HALF_LIFE), 61, HALF_LIFE), sumsAsOf(plain, 61, HALF_LIFE));
        const daily = list
          .toSorted(([a], [b]) => a - b)
          .reduce(
            (record, [day, services]) => foldBefore(withDay(record, day, watched(services)), day, HALF_LIFE),
            emptyRecord(7),
          );
        expectClose(sumsAsOf(daily, 61, HALF_LIFE), sumsAsOf(plain, 61, HALF_LIFE));
      }),
    );
  });

  it('R12: keeps the greatest of each kind, bounded', () => {
    const many = watched(Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`s${at}`, at * 10])));
    const kept = compact(many);
    expect(kept.cells.service).to.have.length(50);
    expect(kept.cells.service?.[0]).to.deep.equal(['s79', 790, 1]);
    expect(kept.seconds).to.equal(many.seconds);
    expect(JSON.stringify(kept).length).to.be.lessThan(1_500);
  });
});

describe('preference ranking', () => {
  it('R12: ranks by time, says the share, how sure it is, and what it was a week before', () => {
    const record = having([10, { '01': 600, '02': 200 }], [18, { '02': 900, '03': 100 }]);
    expect(preferencesOf(record, 19, 1_000_000)).to.deep.equal([
      {
        kind: 'service',
        id: '02',
        rank: 1,
        share: 0.6111,
        confidence: 0.2857,
        viewedSeconds: 1_100,
        rankBefore: 2,
        shareBefore: 0.25,
      },
      {
        kind: 'service',
        id: '01',
        rank: 2,
        share: 0.3333,
        confidence: 0.1667,
        viewedSeconds: 600,
        rankBefore: 1,
        shareBefore: 0.75,
      },
      { kind: 'service', id: '03', rank: 3, share: 0.0556, confidence: 0.1667, viewedSeconds: 100, shareBefore: 0 },
    ]);
    expect(preferencesOf(foldBefore(record, 13, 1_000_000), 19, 1_000_000)[0]).not.to.have.property('shareBefore');
    expect(preferencesOf(emptyRecord(7), 19, HALF_LIFE)).to.deep.equal([]);
  });

  it('R8, R12: equals share a rank; a programme is named with its service', () => {
    const cells = {
      programme: [
        ['01/a/b', 5, 1],
        ['02/c', 5, 1],
        ['01/d', 4, 1],
      ],
    } as const;
    const record = withDay(emptyRecord(7), 1, { seconds: 20, days: 1, cells });
    const told = preferencesOf(record, 2, HALF_LIFE).map(({ service, id, rank, share }) => [service, id, rank, share]);
    expect(told).to.deep.equal([
      ['01', 'a/b', 1, 0.25],
      ['02', 'c', 1, 0.25],
      ['01', 'd', 3, 0.2],
    ]);
  });

  it('R12: confidence is 0 without evidence, a half after five days, and grows below 1', () => {
    expect([0, 5, 15, 45].map(confidenceOf)).to.deep.equal([0, 0.5, 0.75, 0.9]);
  });

  it('R12: shares of services sum to 1', () => {
    fc.assert(
      fc.property(
        days.filter((list) => list.length > 0),
        (list) => {
          const shares = preferencesOf(having(...list), 61, HALF_LIFE).map(({ share }) => share);
          expect(shares.reduce((sum, share) => sum + share, 0)).to.be.closeTo(1, 1e-3);
        },
      ),
    );
  });
});
