// A user's sessions of one day as sums, cut with the schedule (R1, R4, R12).

import { expect } from 'chai';
import fc from 'fast-check';
import { type DaypartSpan, daypartSpans } from '../../../../reports/preferences/day-calendar.ts';
import { type DayCut, sumsOfDay as sumsOfWatched } from '../../../../reports/preferences/day-viewing.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { watchedIn } from '../../../../reports/viewing/watched.ts';
import { batchOf } from '../../../support/viewing-rows.ts';

const window = { from: 100_000, to: 186_400 };
const dayparts: DaypartSpan[] = [
  { id: 'early', from: 100_000, to: 140_000 },
  { id: 'late', from: 140_000, to: 186_400 },
];
const cut: DayCut = {
  window,
  dwellMsOf: () => 60_000,
  measuredOf: (service) => (service === 'off' ? [] : [{ from: 100_000, to: 150_000 }]),
  slotsOf: (service) =>
    service === '01'
      ? [
          { id: 'news', from: 99_000, to: 101_000, genres: ['News'] },
          { id: 'film', from: 101_000, to: 103_000, series: 'saga', genres: ['Film', 'Drama'] },
        ]
      : [],
};
const session = (service: string, from: number, to: number, more: Partial<ViewingRow> = {}): ViewingRow => ({
  viewer: 7,
  device: 1,
  service,
  programme: 'said by the handset',
  startedAt: from * 1_000,
  endedAt: to * 1_000,
  imputedMs: 0,
  ...more,
});
const sumsOfDay = (
  rows: readonly ViewingRow[],
  by: DayCut,
  ...more: [DaypartSpan[], Parameters<typeof sumsOfWatched>[3]?]
) => {
  const { batch, services } = batchOf(rows);
  return sumsOfWatched(watchedIn(batch, 0, batch.count, services, services.map(by.dwellMsOf)), by, ...more);
};

describe('viewing of a day', () => {
  it('R1, R12: a session through a boundary counts for both programmes, and for what they are', () => {
    expect(sumsOfDay([session('01', 99_000, 102_000)], cut, dayparts)).to.deep.equal({
      seconds: 2_000,
      days: 1,
      cells: {
        service: [['01', 2_000, 1]],
        programme: [
          ['01/film', 1_000, 1],
          ['01/news', 1_000, 1],
        ],
        series: [['saga', 1_000, 1]],
        genre: [
          ['News', 1_000, 1],
          ['Drama', 500, 1],
          ['Film', 500, 1],
        ],
        daypart: [['early', 2_000, 1]],
      },
    });
  });

  it('R2, R4, V12: each second once, what is measured alone, nothing below the dwell, nothing before an erasure', () => {
    const sums = sumsOfDay(
      [
        session('01', 139_000, 141_000),
        session('02', 140_500, 140_700, { device: 2 }),
        session('off', 120_000, 130_000),
        session('02', 160_000, 161_000),
        session('02', 110_000, 110_059),
      ],
      cut,
      dayparts,
      { since: 139_500 },
    );
    expect(sums?.seconds).to.equal(1_500);
    expect(sums?.cells.service).to.deep.equal([
      ['01', 1_300, 1],
      ['02', 200, 1],
    ]);
    expect(sums?.cells.daypart).to.deep.equal([
      ['late', 1_000, 1],
      ['early', 500, 1],
    ]);
    expect(sumsOfDay([session('off', 120_000, 130_000)], cut, dayparts)).to.equal(undefined);
  });

  it('R3: what is watched later counts for the programme that was sent', () => {
    const sums = sumsOfDay([session('01', 108_000, 109_000, { timeShiftS: 7_000 })], cut, dayparts);
    expect(sums?.cells.programme).to.deep.equal([['01/film', 1_000, 1]]);
  });

  it('R12: what a survey tells is viewing, too', () => {
    const sums = sumsOfDay([], cut, dayparts, { others: [{ service: '02', seconds: 300 }] });
    expect(sums).to.deep.equal({ seconds: 300, days: 1, cells: { service: [['02', 300, 1]] } });
  });

  it('R12: services and dayparts each sum to the whole, programmes and genres to no more', () => {
    const some = fc.array(
      fc.record({
        service: fc.constantFrom('01', '02', 'off'),
        device: fc.integer({ min: 1, max: 3 }),
        from: fc.integer({ min: 95_000, max: 190_000 }),
        length: fc.integer({ min: 0, max: 9_000 }),
      }),
      { maxLength: 20 },
    );
    const all = daypartSpans(window.from, window.to, () => 3_600_000);
    fc.assert(
      fc.property(some, (list) => {
        const rows = list.map(({ service, device, from, length }) => session(service, from, from + length, { device }));
        const sums = sumsOfDay(rows, { ...cut, dwellMsOf: () => 0 }, all);
        if (sums === undefined) return;
        const of = (kind: keyof typeof sums.cells): number =>
          (sums.cells[kind] ?? []).reduce((total, [, seconds]) => total + seconds, 0);
        expect([of('service'), of('daypart')]).to.deep.equal([sums.seconds, sums.seconds]);
        expect(of('programme')).to.be.at.most(sums.seconds);
        expect(of('genre')).to.be.closeTo(of('programme'), 2);
        expect(sums.seconds).to.be.at.most(50_000);
      }),
    );
  });
});
