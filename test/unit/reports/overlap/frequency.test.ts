// How many broadcasts people saw: by hand, second by second, and what a provider sees (ratings R2, R7, R14).

import { expect } from 'chai';
import fc from 'fast-check';
import type { Target } from '../../../../reports/figures/target.ts';
import { createFrequency } from '../../../../reports/overlap/frequency.ts';
import {
  clock,
  isReached,
  overlapsOf,
  reaches,
  slot,
  tallyOf,
  viewersOf,
  viewing,
  watched,
  weightOf,
} from './stage.ts';

const programmes = [
  slot('e1', '01', '10:00', '10:30', 'soap'),
  slot('news', '01', '10:30', '11:00'),
  slot('e2', '01', '11:00', '11:30', 'soap'),
  slot('e3', '03', '12:00', '12:30', 'soap'),
];
const sessions = [
  watched(1, '01', '10:00', '11:30'), // e1, news, e2
  watched(1, '03', '12:00', '12:30'), // e3
  watched(2, '01', '10:10', '10:40'), // e1, news
  watched(3, '01', '11:05', '11:20'), // e2
  watched(3, '03', '12:05', '12:20'), // e3
  watched(4, '02', '10:00', '12:00'),
];
const day = { from: clock('02:00'), to: clock('02:00') + 86_400_000 };
const asked = { ...day, reach: { kSeconds: 600, kind: 'consecutive' } } as const;

describe('frequency', () => {
  it('R2: who saw one, two, three or more of a series, by hand', async () => {
    const overlaps = overlapsOf({ sessions, programmes });
    expect(await overlaps.frequency({ ...asked, series: 'soap' })).to.deep.equal({
      broadcasts: 3,
      universe: 10,
      rows: [
        { times: 1, viewers: 1, viewersOrMore: 3 },
        { times: 2, viewers: 1, viewersOrMore: 2 },
        { times: 3, viewers: 1, viewersOrMore: 1 },
      ],
    });
    expect((await overlaps.frequency({ ...asked, programme: 'news' })).rows).to.deep.equal([
      { times: 1, viewers: 2, viewersOrMore: 2 },
    ]);
    expect(await overlaps.frequency({ ...asked, services: ['03'] })).to.deep.include({ broadcasts: 1 });
    expect(await overlaps.frequency({ ...asked, series: 'none' })).to.deep.include({ broadcasts: 0, rows: [] });
  });

  it('R14: a provider sees no row of few, none that would tell of them, and no broadcast that its window cuts', async () => {
    const crowd = (first: number, count: number, to: string) =>
      Array.from({ length: count }, (_, place) => watched(first + place, '01', '10:00', to));
    const many = [...crowd(10, 6, '10:30'), ...crowd(20, 7, '11:00'), ...crowd(30, 2, '11:30')];
    const overlaps = overlapsOf({ sessions: many, programmes, below: 5 });
    const own = await overlaps.frequency({ ...asked, provider: 'acme' });
    // 15 saw one or more, 9 two or more, 2 three: 9 less 7 would be those 2
    expect(own.rows).to.deep.equal([
      { times: 1, viewers: 6, viewersOrMore: 15 },
      { times: 2, suppressed: true },
      { times: 3, suppressed: true },
    ]);
    const cut = await overlaps.frequency({ ...asked, to: clock('11:15'), provider: 'acme' });
    expect(cut).to.deep.include({ broadcasts: 2 });
    expect(await overlaps.frequency({ ...asked, to: clock('11:15') })).to.deep.include({ broadcasts: 3 });
  });

  it('R2, R7: agrees with a second-by-second count; exact frequencies sum to who saw any, and times them to all reaches', () => {
    const broadcasts = [
      { service: '01', from: 0, to: 600 },
      { service: '01', from: 600, to: 1_800 },
      { service: '02', from: 300, to: 900 },
      { service: '02', from: 1_000, to: 1_800 },
    ];
    const targets = broadcasts.map(({ service, ...span }): Target => {
      return { lanes: [{ service, parts: [{ ...span, broadcast: 0 }] }], extent: 'union' };
    });
    const together: Target = {
      lanes: ['01', '02'].map((service, lane) => ({
        service,
        parts: broadcasts
          .filter((one) => one.service === service)
          .map(({ from, to }, place) => ({ from, to, broadcast: 2 * lane + place })),
      })),
      extent: 'sum',
    };
    fc.assert(
      fc.property(viewing, reaches, (rows, reach) => {
        const frequency = createFrequency(targets.length);
        const { rows: reached } = tallyOf(rows, targets, reach, frequency.watch);
        const found = frequency.read();
        const expected = new Map<number, number>();
        for (const viewer of viewersOf(rows).filter((one) => weightOf(one) > 0)) {
          const times = broadcasts.filter((span) => isReached(rows, viewer, span.service, span, reach)).length;
          if (times > 0) expected.set(times, (expected.get(times) ?? 0) + weightOf(viewer));
        }
        const exact = found.filter(({ viewers }) => viewers > 0).map(({ times, viewers }) => [times, viewers] as const);
        expect(new Map(exact)).to.deep.equal(expected);
        const sum = (numbers: number[]): number => numbers.reduce((all, one) => all + one, 0);
        expect(sum(found.map(({ viewers }) => viewers))).to.equal(found[0]?.viewersOrMore ?? 0);
        expect(sum(found.map(({ times, viewers }) => times * viewers))).to.equal(
          sum(reached.map(({ groups: [figures] }) => figures?.reach ?? 0)),
        );
        const [{ groups: [all] = [] } = {}] = tallyOf(rows, [together], { kSeconds: 0, kind: 'cumulative' }).rows;
        if (all?.averageFrequency !== undefined)
          expect(all.averageFrequency * (all.reachPercent ?? 0)).to.be.closeTo(all.grp ?? Number.NaN, 1e-9);
      }),
      { numRuns: 40 },
    );
  });
});
