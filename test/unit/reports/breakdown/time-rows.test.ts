// Windows in rows by time, on days of change and in zones of half and quarter hours (ratings R3, R7).

import { expect } from 'chai';
import fc from 'fast-check';
import { TIME_DIMENSIONS, type TimeDimension } from '../../../../reports/breakdown/breakdown.ts';
import { broadcastDays } from '../../../../reports/breakdown/broadcast-calendar.ts';
import { DAYPARTS } from '../../../../reports/breakdown/dayparts.ts';
import { type TimeRow, timeRows } from '../../../../reports/breakdown/time-rows.ts';
import { lengthOf, type Span, unite } from '../../../../reports/figures/spans.ts';
import { Problem } from '../../../../server/problem.ts';
import { zoneNamed } from '../../../../sg/zone-time.ts';

const second = (text: string): number => Date.parse(`${text}Z`) / 1000;
const windowOf = (from: string, to: string): Span => ({ from: second(from), to: second(to) });

function rowsOf(dimension: TimeDimension, zone: string, window: Span, dayStartHour = 2): TimeRow[] {
  const days = broadcastDays(window, zoneNamed(undefined, zone), dayStartHour);
  return timeRows(dimension, window, days, DAYPARTS);
}

const utc = (ms: number | undefined): string => new Date(ms ?? Number.NaN).toISOString().slice(5, 16);

/** `2026-10-25 02:00 = 10-25T00:00/10-25T01:00`, each row in a text. */
const told = (rows: readonly TimeRow[]): string[] =>
  rows.map(({ key: { broadcastDay, week, broadcastTime = '', startAt, stopAt } }) =>
    `${broadcastDay ?? week} ${broadcastTime} = ${utc(startAt)}/${utc(stopAt)}`.replace('  ', ' '),
  );

/** From the label of the row that begins at `from` to that of the last before `to`. */
const labels = (dimension: TimeDimension, zone: string, from: string, to: string): string[] =>
  rowsOf(dimension, zone, windowOf(from, to)).map(({ key }) => `${key.broadcastDay} ${key.broadcastTime}`);

describe('rows by time', () => {
  it('R3: the day of change to summer time in Berlin has 23 hours', () => {
    const window = windowOf('2026-03-28T01:00', '2026-03-31T00:00');
    expect(told(rowsOf('day', 'Europe/Berlin', window))).to.deep.equal([
      '2026-03-28 = 03-28T01:00/03-29T01:00',
      '2026-03-29 = 03-29T01:00/03-30T00:00',
      '2026-03-30 = 03-30T00:00/03-31T00:00',
    ]);
    const sunday = rowsOf('hour', 'Europe/Berlin', windowOf('2026-03-29T01:00', '2026-03-30T00:00'));
    expect(sunday).to.have.length(23);
    expect(told(sunday)[0]).to.equal('2026-03-29 03:00 = 03-29T01:00/03-29T02:00');
    expect(told(sunday)[22]).to.equal('2026-03-29 25:00 = 03-29T23:00/03-30T00:00');
  });

  it('R3: the day of change to winter time in Berlin has 25 hours, and the hour shown twice two rows', () => {
    const sunday = rowsOf('hour', 'Europe/Berlin', windowOf('2026-10-25T00:00', '2026-10-26T01:00'));
    expect(sunday).to.have.length(25);
    expect(told(sunday).slice(0, 3)).to.deep.equal([
      '2026-10-25 02:00 = 10-25T00:00/10-25T01:00',
      '2026-10-25 02:00 = 10-25T01:00/10-25T02:00',
      '2026-10-25 03:00 = 10-25T02:00/10-25T03:00',
    ]);
    expect(told(sunday)[24]).to.equal('2026-10-25 25:00 = 10-26T00:00/10-26T01:00');
    expect(told(rowsOf('day', 'Europe/Berlin', windowOf('2026-10-25T00:00', '2026-10-26T01:00')))).to.deep.equal([
      '2026-10-25 = 10-25T00:00/10-26T01:00',
    ]);
  });

  it('R3: in New York the hour shown twice is the end of the Saturday, which has 25 hours', () => {
    const window = windowOf('2026-10-31T06:00', '2026-11-02T07:00');
    expect(told(rowsOf('day', 'America/New_York', window))).to.deep.equal([
      '2026-10-31 = 10-31T06:00/11-01T07:00',
      '2026-11-01 = 11-01T07:00/11-02T07:00',
    ]);
    expect(told(rowsOf('hour', 'America/New_York', window)).slice(22, 26)).to.deep.equal([
      '2026-10-31 24:00 = 11-01T04:00/11-01T05:00',
      '2026-10-31 25:00 = 11-01T05:00/11-01T06:00',
      '2026-10-31 25:00 = 11-01T06:00/11-01T07:00',
      '2026-11-01 02:00 = 11-01T07:00/11-01T08:00',
    ]);
    expect(told(rowsOf('day', 'America/New_York', windowOf('2026-03-08T07:00', '2026-03-09T06:00')))).to.deep.equal([
      '2026-03-08 = 03-08T07:00/03-09T06:00', // 23 hours from 03:00
    ]);
  });

  it('R3: on Lord Howe Island clocks change by half an hour, and hours are cut by it', () => {
    const autumn = rowsOf('hour', 'Australia/Lord_Howe', windowOf('2026-04-04T13:00', '2026-04-04T17:00'));
    expect(told(autumn)).to.deep.equal([
      '2026-04-04 24:00 = 04-04T13:00/04-04T14:00',
      '2026-04-04 25:00 = 04-04T14:00/04-04T15:00',
      '2026-04-04 25:30 = 04-04T15:00/04-04T15:30',
      '2026-04-05 02:00 = 04-04T15:30/04-04T16:30',
      '2026-04-05 03:00 = 04-04T16:30/04-04T17:00', // by the window
    ]);
    const spring = rowsOf('hour', 'Australia/Lord_Howe', windowOf('2026-10-03T14:30', '2026-10-03T17:00'));
    expect(told(spring)).to.deep.equal([
      '2026-10-03 25:00 = 10-03T14:30/10-03T15:30',
      '2026-10-04 02:30 = 10-03T15:30/10-03T16:00',
      '2026-10-04 03:00 = 10-03T16:00/10-03T17:00',
    ]);
    const days = rowsOf('day', 'Australia/Lord_Howe', windowOf('2026-04-03T15:00', '2026-04-04T15:30'));
    expect(days.map(({ spans }) => lengthOf(spans) / 3600)).to.deep.equal([24.5]);
  });

  it('R3: hours and quarter-hours are those of the wall at offsets of 30 and 45 minutes', () => {
    expect(labels('hour', 'Asia/Kolkata', '2026-05-01T18:30', '2026-05-01T21:30')).to.deep.equal([
      '2026-05-01 24:00',
      '2026-05-01 25:00',
      '2026-05-02 02:00',
    ]);
    expect(told(rowsOf('hour', 'Asia/Kathmandu', windowOf('2026-05-01T06:00', '2026-05-01T07:15')))).to.deep.equal([
      '2026-05-01 11:00 = 05-01T06:00/05-01T06:15',
      '2026-05-01 12:00 = 05-01T06:15/05-01T07:15',
    ]);
    expect(labels('quarter-hour', 'Asia/Kathmandu', '2026-05-01T06:00', '2026-05-01T06:30')).to.deep.equal([
      '2026-05-01 11:45',
      '2026-05-01 12:00',
    ]);
  });

  it('R3: a day that a zone leaves out keeps the hours before its own begin', () => {
    const window = windowOf('2011-12-29T12:00', '2011-12-31T12:00'); // Samoa had no 30 December
    expect(told(rowsOf('day', 'Pacific/Apia', window))).to.deep.equal([
      '2011-12-29 = 12-29T12:00/12-30T10:00',
      '2011-12-30 = 12-30T10:00/12-30T12:00',
      '2011-12-31 = 12-30T12:00/12-31T12:00',
    ]);
    expect(labels('hour', 'Pacific/Apia', '2011-12-30T09:00', '2011-12-30T13:00')).to.deep.equal([
      '2011-12-29 23:00',
      '2011-12-30 24:00',
      '2011-12-30 25:00',
      '2011-12-31 02:00',
    ]);
  });

  it('R3: a window cuts the times that it begins and ends in; their names stay', () => {
    const rows = rowsOf('quarter-hour', 'Europe/Berlin', windowOf('2026-07-01T21:50', '2026-07-01T22:20'));
    expect(told(rows)).to.deep.equal([
      '2026-07-01 23:45 = 07-01T21:50/07-01T22:00',
      '2026-07-01 24:00 = 07-01T22:00/07-01T22:15',
      '2026-07-01 24:15 = 07-01T22:15/07-01T22:20',
    ]);
    expect(told(rowsOf('day', 'Europe/Berlin', windowOf('2026-07-01T23:59', '2026-07-02T00:01')))).to.deep.equal([
      '2026-07-01 = 07-01T23:59/07-02T00:00',
      '2026-07-02 = 07-02T00:00/07-02T00:01',
    ]);
    const minutes = rowsOf('minute', 'UTC', { from: second('2026-07-01T01:58') + 30, to: second('2026-07-01T02:01') });
    expect(told(minutes)).to.deep.equal([
      '2026-06-30 25:58 = 07-01T01:58/07-01T01:59',
      '2026-06-30 25:59 = 07-01T01:59/07-01T02:00',
      '2026-07-01 02:00 = 07-01T02:00/07-01T02:01',
    ]);
    expect(minutes[0]?.spans).to.deep.equal([
      { from: second('2026-07-01T01:58') + 30, to: second('2026-07-01T01:59') },
    ]);
  });

  it('R3: the broadcast day begins at the hour that it is told to', () => {
    const rows = rowsOf('day', 'Europe/Berlin', windowOf('2026-07-01T00:00', '2026-07-02T00:00'), 6);
    expect(told(rows)).to.deep.equal(['2026-06-30 = 07-01T00:00/07-01T04:00', '2026-07-01 = 07-01T04:00/07-02T00:00']);
    expect(told(rowsOf('hour', 'UTC', windowOf('2026-07-01T05:00', '2026-07-01T06:00'), 6))).to.deep.equal([
      '2026-06-30 29:00 = 07-01T05:00/07-01T06:00',
    ]);
  });

  it('R3: weeks are of ISO 8601, of broadcast days', () => {
    // 1 January 2027 is a Friday; the Sunday after it lasts until Monday, 02:00.
    expect(told(rowsOf('week', 'UTC', windowOf('2026-12-27T00:00', '2027-01-05T00:00')))).to.deep.equal([
      '2026-W52 = 12-27T00:00/12-28T02:00',
      '2026-W53 = 12-28T02:00/01-04T02:00',
      '2027-W01 = 01-04T02:00/01-05T00:00',
    ]);
    expect(told(rowsOf('week', 'UTC', windowOf('2024-12-30T02:00', '2024-12-31T00:00')))).to.deep.equal([
      '2025-W01 = 12-30T02:00/12-31T00:00',
    ]);
  });

  it('R3: a weekday has all its broadcast days in the window', () => {
    const rows = rowsOf('weekday', 'UTC', windowOf('2026-07-05T01:00', '2026-07-13T03:00'));
    expect(rows.map(({ key }) => [key.weekday, key.weekdayName, key.startAt])).to.deep.equal(
      ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((name, place) => [
        place + 1,
        name,
        undefined,
      ]),
    );
    expect(rows[0]?.spans).to.deep.equal([
      windowOf('2026-07-06T02:00', '2026-07-07T02:00'),
      windowOf('2026-07-13T02:00', '2026-07-13T03:00'),
    ]);
    expect(rows[5]?.spans).to.deep.equal([
      windowOf('2026-07-05T01:00', '2026-07-05T02:00'), // still Saturday
      windowOf('2026-07-11T02:00', '2026-07-12T02:00'),
    ]);
  });

  it('R3: a daypart has its hours of all days in the window', () => {
    const rows = rowsOf('daypart', 'Europe/Berlin', windowOf('2026-07-01T20:00', '2026-07-02T20:30'));
    expect(rows.map(({ key }) => key.daypart)).to.deep.equal(DAYPARTS.map(({ name }) => name));
    expect(rows[4]?.spans).to.deep.equal([
      windowOf('2026-07-01T20:00', '2026-07-01T21:00'),
      windowOf('2026-07-02T17:00', '2026-07-02T20:30'),
    ]);
    expect(rows[5]?.spans).to.deep.equal([windowOf('2026-07-01T21:00', '2026-07-02T00:00')]);
    const night = rowsOf('daypart', 'UTC', windowOf('2026-07-01T01:00', '2026-07-01T02:00'));
    expect(night.map(({ key }) => key.daypart)).to.deep.equal(['late fringe']);
  });

  it('R3: the day of change to winter time has an overnight of five hours', () => {
    const [overnight] = rowsOf('daypart', 'Europe/Berlin', windowOf('2026-10-25T00:00', '2026-10-26T01:00'));
    expect(overnight?.spans).to.deep.equal([windowOf('2026-10-25T00:00', '2026-10-25T05:00')]);
  });

  it('R7: the rows are disjoint, and sum to the window, whatever they are by', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Asia/Beirut'];
    const changes = ['2026-03-08', '2026-03-29', '2026-04-04', '2026-10-03', '2026-10-25', '2026-11-01'].map((day) =>
      second(`${day}T00:00`),
    );
    const near = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -200_000, max: 200_000 }));
    const length = fc.integer({ min: 1, max: 300_000 });
    const wheres = fc.tuple(fc.constantFrom(...zones), fc.integer({ min: 0, max: 23 }));
    fc.assert(
      fc.property(near, length, wheres, fc.constantFrom(...TIME_DIMENSIONS), ([day, later], long, [zone, hour], by) => {
        const window = { from: day + later, to: day + later + long };
        const spans = rowsOf(by, zone, window, hour).flatMap((row) => row.spans);
        expect(lengthOf(spans)).to.equal(long);
        expect(unite(spans)).to.deep.equal([window]);
      }),
      { numRuns: 300 },
    );
  });

  it('R3: every row but those cut short is as long as its name says', () => {
    const year = windowOf('2026-01-01T02:00', '2027-01-01T02:00');
    const lengths = (by: TimeDimension, zone: string): [number, number][] => {
      const counts = Map.groupBy(rowsOf(by, zone, year), ({ spans }) => lengthOf(spans) / 60);
      return [...counts].map(([minutes, rows]): [number, number] => [minutes, rows.length]).sort(([a], [b]) => a - b);
    };
    expect(lengths('day', 'Europe/London')).to.deep.equal([
      [1380, 1],
      [1440, 363],
      [1500, 1],
    ]);
    expect(lengths('hour', 'Europe/London')).to.deep.equal([[60, 8760]]);
    expect(lengths('quarter-hour', 'UTC')).to.deep.equal([[15, 35_040]]);
  });

  it('R3: more rows than a report may have are refused', () => {
    expect(() => rowsOf('minute', 'UTC', windowOf('2026-01-01T00:00', '2026-04-01T00:00')))
      .to.throw(Problem)
      .with.property('code', 'too_large');
  });
});
