// Duplicated and exclusive reach: by hand, second by second, and what a provider sees (ratings R2, R14).

import { expect } from 'chai';
import fc from 'fast-check';
import type { Target } from '../../../../reports/figures/target.ts';
import { createDuplication } from '../../../../reports/overlap/duplication.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { problemCode } from '../ratings/stage.ts';
import {
  clock,
  END_S,
  isReached,
  overlapsOf,
  reaches,
  SERVICES,
  tallyOf,
  viewersOf,
  viewing,
  watched,
  weightOf,
} from './stage.ts';

const day = { from: clock('02:00'), to: clock('02:00') + 86_400_000 };
const asked = { ...day, reach: { kSeconds: 600, kind: 'consecutive' } } as const;
const first = (viewer: number): ViewingRow => watched(viewer, '01', '10:00', '10:20');
const second = (viewer: number): ViewingRow => watched(viewer, '02', '10:30', '10:50');
const third = (viewer: number): ViewingRow => watched(viewer, '03', '11:00', '11:20');
const crowd = (from: number, count: number, ...watch: ((viewer: number) => ViewingRow)[]): ViewingRow[] =>
  Array.from({ length: count }, (_, place) => watch.map((one) => one(from + place))).flat();

describe('duplication', () => {
  it('R2: each service, each pair that shares somebody, and who watched one alone, by hand', async () => {
    const sessions = [
      ...crowd(10, 3, first),
      ...crowd(20, 2, first, second),
      ...crowd(30, 1, first, second, third),
      ...crowd(40, 4, third),
      watched(50, '02', '10:00', '10:09'), // 540 s are not 600
    ];
    expect(await overlapsOf({ sessions, programmes: [] }).duplication(asked)).to.deep.equal({
      services: [
        { service: '01', reach: 6, exclusive: 3 },
        { service: '02', reach: 3, exclusive: 0 },
        { service: '03', reach: 5, exclusive: 4 },
      ],
      pairs: [
        { service: '01', other: '02', reach: 3 },
        { service: '01', other: '03', reach: 1 },
        { service: '02', other: '03', reach: 1 },
      ],
    });
  });

  it('R14: who watched one alone is not had by subtracting what is shared', async () => {
    // 8 watched both, 2 the first alone: its reach less the pair is 2
    const sessions = [...crowd(10, 8, first, third), ...crowd(20, 2, first), ...crowd(30, 9, third)];
    const overlaps = overlapsOf({ sessions, programmes: [], below: 5 });
    const own = await overlaps.duplication({ ...asked, provider: 'acme' });
    expect(own).to.deep.equal({
      services: [
        { service: '01', reach: 10, suppressed: true },
        { service: '03', reach: 17, suppressed: true },
      ],
      pairs: [{ service: '01', other: '03', suppressed: true }],
    });
    const one = await overlaps.duplication({ ...asked, provider: 'acme', services: ['01'] });
    expect(one).to.deep.equal({ services: [own.services[0]], pairs: [] });
    expect((await overlaps.duplication(asked)).services[0]).to.deep.equal({ service: '01', reach: 10, exclusive: 2 });
  });

  it('R14: enough people everywhere are shown, and those of another provider never', async () => {
    const sessions = [...crowd(10, 8, first, third), ...crowd(20, 6, first), ...crowd(30, 9, third, second)];
    const overlaps = overlapsOf({ sessions, programmes: [], below: 5 });
    expect(await overlaps.duplication({ ...asked, provider: 'acme' })).to.deep.equal({
      services: [
        { service: '01', reach: 14, exclusive: 6 },
        { service: '03', reach: 17, exclusive: 9 },
      ],
      pairs: [{ service: '01', other: '03', reach: 8 }],
    });
    const foreign = overlaps.duplication({ ...asked, provider: 'acme', services: ['02'] });
    expect(await problemCode(foreign)).to.equal('forbidden');
  });

  it('R14: windows that differ by a moment do not tell who came in it', async () => {
    const sessions = [...crowd(10, 8, first), watched(99, '01', '10:20', '10:31')];
    const overlaps = overlapsOf({ sessions, programmes: [], below: 5 });
    for (const to of ['10:29:59', '10:31', '10:45']) {
      const { services } = await overlaps.duplication({ ...asked, to: clock(to), provider: 'acme' });
      expect(services[0], to).to.deep.equal({ service: '01', suppressed: true });
    }
    const { services } = await overlaps.duplication({ ...asked, provider: 'acme' });
    expect(services[0]).to.deep.equal({ service: '01', reach: 9, exclusive: 9 });
  });

  it('R2: agrees with a second-by-second count, and with the reach of rating reports', () => {
    const parts = [{ from: 0, to: END_S, broadcast: 0 }];
    const targets = SERVICES.map((service): Target => ({ lanes: [{ service, parts }], extent: 'union' }));
    fc.assert(
      fc.property(viewing, reaches, (rows, reach) => {
        const duplication = createDuplication(SERVICES.length);
        const tally = tallyOf(rows, targets, reach, duplication.watch);
        const found = duplication.read();
        const exclusive = [0, 0, 0];
        const pairs = new Map<string, number>();
        for (const viewer of viewersOf(rows).filter((one) => weightOf(one) > 0)) {
          const on = SERVICES.flatMap((service, place) =>
            isReached(rows, viewer, service, { from: 0, to: END_S }, reach) ? [place] : [],
          );
          const [only] = on;
          if (on.length === 1 && only !== undefined) exclusive[only] = (exclusive[only] ?? 0) + weightOf(viewer);
          for (const one of on)
            for (const other of on.filter((place) => place > one))
              pairs.set(`${one} ${other}`, (pairs.get(`${one} ${other}`) ?? 0) + weightOf(viewer));
        }
        expect(found.reach.map(({ viewers }) => viewers)).to.deep.equal(
          tally.rows.map(({ groups: [figures] }) => figures?.reach),
        );
        expect(found.exclusive.map(({ viewers }) => viewers)).to.deep.equal(exclusive);
        expect(new Map(found.pairs.map(({ one, other, viewers }) => [`${one} ${other}`, viewers]))).to.deep.equal(
          pairs,
        );
      }),
      { numRuns: 40 },
    );
  });
});
