// The broadcast day and its dayparts, on the clock's odd days, too (R3).

import { expect } from 'chai';
import { DAYPARTS } from '../../../../reports/breakdown/dayparts.ts';
import { broadcastDayOf, broadcastDayStart, daypartSpans } from '../../../../reports/preferences/day-calendar.ts';
import { zoneNamed } from '../../../../sg/zone-time.ts';

const berlin = zoneNamed(undefined, 'Europe/Berlin');
const utc = zoneNamed(undefined, 'UTC');
const HOUR_MS = 3_600_000;
const dayOf = (text: string): number => Date.parse(text) / (24 * HOUR_MS);
const iso = (at: number): string => new Date(at).toISOString();

describe('the calendar of preferences', () => {
  it('R3: the broadcast day begins at 02:00 where the zone is', () => {
    const day = dayOf('2026-11-20');
    expect(iso(broadcastDayStart(day, utc))).to.equal('2026-11-20T02:00:00.000Z');
    expect(iso(broadcastDayStart(day, berlin))).to.equal('2026-11-20T01:00:00.000Z');
    expect(broadcastDayOf(Date.parse('2026-11-20T01:59:59Z'), utc)).to.equal(day - 1);
    expect(broadcastDayOf(Date.parse('2026-11-20T02:00:00Z'), utc)).to.equal(day);
  });

  it('R3: days of 23 and 25 hours are whole, and follow each other without a gap', () => {
    const hours = (date: string): number => {
      const day = dayOf(date);
      return (broadcastDayStart(day + 1, berlin) - broadcastDayStart(day, berlin)) / HOUR_MS;
    };
    // Clocks change at 02:00 of the 29th of March and at 03:00 of the 25th of October: in the first hour of those days.
    expect(['2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25'].map(hours)).to.deep.equal([24, 23, 24, 25]);
    for (const date of ['2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25']) {
      const start = broadcastDayStart(dayOf(date), berlin);
      expect([start - 1, start].map((at) => broadcastDayOf(at, berlin))).to.deep.equal([dayOf(date) - 1, dayOf(date)]);
    }
  });

  it('R3: a day is cut into all dayparts by local hours, without a gap', () => {
    const from = broadcastDayStart(dayOf('2026-11-20'), berlin) / 1_000;
    const spans = daypartSpans(from, from + 86_400, berlin);
    expect(spans.map(({ id }) => id)).to.deep.equal(DAYPARTS.map(({ name }) => name));
    expect(spans.map(({ from: start, to }) => (to - start) / 3_600)).to.deep.equal([4, 3, 7, 3, 4, 3]);
    const kathmandu = daypartSpans(from + 100, from + 7_200, zoneNamed(undefined, 'Asia/Kathmandu'));
    // 01:00 UTC is 06:45 there, and 03:00 UTC is 08:45
    expect(kathmandu).to.deep.equal([{ id: 'early morning', from: from + 100, to: from + 7_200 }]);
  });
});
