// What changed between two revisions: rows that are new, gone, changed, or moved (ratings R6).

import { expect } from 'chai';
import type { RatingReport, RatingRow } from '../../../../reports/ratings/rating-report.ts';
import { differenceOf } from '../../../../reports/ratings/report-difference.ts';

const criteria = { hash: '' } as RatingReport['criteria']; // not looked at
const report = (items: RatingRow[], total?: RatingRow): RatingReport => ({
  criteria,
  items,
  ...(total === undefined ? {} : { total }),
});
const broadcast = (programme: string, hour: number, viewerSeconds: number): RatingRow => ({
  ...{ service: '01', programme, title: programme, broadcastDay: '2026-11-20', broadcastTime: `${hour}:00` },
  startAt: hour * 3_600_000,
  measuredSeconds: 3600,
  ofSeconds: 3600,
  viewerSeconds,
});
const changes = (before: RatingRow[], after: RatingRow[]) =>
  differenceOf(report(before), report(after)).map(({ change, key, fields }) => [
    change,
    key.programme,
    key.broadcastTime,
    fields.map(({ name }) => name).join(' '),
  ]);

describe('the difference of reports', () => {
  it('R6: two that are the same have none', () => {
    const rows = [broadcast('news', 18, 5), broadcast('news', 20, 6)];
    expect(differenceOf(report(rows, rows[0]), report(structuredClone(rows), rows[0]))).to.deep.equal([]);
  });

  it('R6: names what was and is of each field that differs, and the total', () => {
    const total = { measuredSeconds: 10, ofSeconds: 10, viewerSeconds: 7 };
    const { sharePercent: _, ...after } = { ...broadcast('news', 18, 60), sharePercent: 4, reach: 2 };
    const before = { ...broadcast('news', 18, 50), sharePercent: 4 };
    expect(differenceOf(report([before], total), report([after], { ...total, viewerSeconds: 8 }))).to.deep.equal([
      {
        change: 'changed',
        key: {
          ...{ service: '01', programme: 'news', title: 'news', broadcastDay: '2026-11-20' },
          ...{ broadcastTime: '18:00', startAt: 18 * 3_600_000 },
        },
        fields: [
          { name: 'viewerSeconds', before: 50, after: 60 },
          { name: 'sharePercent', before: 4 },
          { name: 'reach', after: 2 },
        ],
      },
      { change: 'changed', key: {}, fields: [{ name: 'viewerSeconds', before: 7, after: 8 }] },
    ]);
  });

  it('R6: a row that is new is added, one that is gone deleted, last', () => {
    expect(
      changes(
        [broadcast('film', 20, 5), broadcast('news', 18, 5)],
        [broadcast('news', 18, 5), broadcast('show', 20, 5)],
      ),
    ).to.deep.equal([
      [
        'added',
        'show',
        '20:00',
        'service programme title broadcastDay broadcastTime startAt measuredSeconds ofSeconds viewerSeconds',
      ],
      [
        'deleted',
        'film',
        '20:00',
        'service programme title broadcastDay broadcastTime startAt measuredSeconds ofSeconds viewerSeconds',
      ],
    ]);
  });

  it('R6: a broadcast that moved is the same one', () => {
    expect(changes([broadcast('film', 20, 5)], [broadcast('film', 21, 9)])).to.deep.equal([
      ['changed', 'film', '21:00', 'broadcastTime startAt viewerSeconds'],
    ]);
  });

  it('R6: of several broadcasts of a programme those that stayed are themselves', () => {
    const [first, second, third] = [broadcast('news', 18, 5), broadcast('news', 20, 6), broadcast('news', 22, 7)];
    expect(changes([first, second, third], [second, third]).map((one) => one.slice(0, 3))).to.deep.equal([
      ['deleted', 'news', '18:00'],
    ]);
    expect(changes([second, third], [first, second, third]).map((one) => one.slice(0, 3))).to.deep.equal([
      ['added', 'news', '18:00'],
    ]);
    expect(changes([first, second, third], [first, broadcast('news', 21, 6), third])).to.deep.equal([
      ['changed', 'news', '21:00', 'broadcastTime startAt'],
    ]);
  });

  it('R6: rows of services by time are named by their time, those of groups by their group', () => {
    const row = (startAt: number, region: string, viewerSeconds: number): RatingRow => ({
      ...{ service: '01', startAt, region, measuredSeconds: 900, ofSeconds: 900, viewerSeconds },
    });
    const before = [row(0, 'north', 1), row(0, 'south', 2), row(900, 'north', 3)];
    const after = [row(0, 'north', 1), row(0, 'south', 4), row(1800, 'north', 3)];
    expect(
      differenceOf(report(before), report(after)).map(({ change, key }) => [change, key.startAt, key.region]),
    ).to.deep.equal([
      ['changed', 0, 'south'],
      ['added', 1800, 'north'],
      ['deleted', 900, 'north'],
    ]);
  });
});
