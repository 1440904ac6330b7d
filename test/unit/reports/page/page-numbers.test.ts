// Numbers, lengths and instants as a reader sees them (ISO 80000-1; ratings R3, R14).

import { expect } from 'chai';
import { instantText, lengthText, numberText, utcText } from '../../../../reports/page/page-numbers.ts';
import { timeTicks } from '../../../../reports/page/time-ticks.ts';
import { zoneNamed } from '../../../../sg/zone-time.ts';

const paris = zoneNamed(undefined, 'Europe/Paris');

describe('page-numbers', () => {
  it('groups digits by a thin space and rounds half away from zero', () => {
    const shown: [number, number, string][] = [
      [0, 0, '0'],
      [999, 0, '999'],
      [1000, 0, '1\u202f000'],
      [1234567.891, 1, '1\u202f234\u202f567.9'],
      [2.345, 2, '2.35'],
      [-2.5, 0, '\u22123'],
      [-0.004, 2, '0.00'],
    ];
    for (const [value, decimals, text] of shown) expect(numberText(value, decimals)).to.equal(text);
  });

  it('seconds as h:mm:ss, past a day', () => {
    expect([0, 59, 3661, 90_000, 3_600_000].map(lengthText)).to.deep.equal([
      '0:00:00',
      '0:00:59',
      '1:01:01',
      '25:00:00',
      '1\u202f000:00:00',
    ]);
  });

  it('an instant in the zone, and in UTC', () => {
    const at = Date.parse('2026-07-01T22:30:00Z');
    expect(instantText(at, paris)).to.equal('Thursday, 2 July 2026, 00:30 (UTC+02:00)');
    expect(utcText(at)).to.equal('2026-07-01 22:30 UTC');
  });

  it('R3: an axis is marked at full hours of the wall, also on a day of 25 hours', () => {
    const from = Date.parse('2026-10-24T22:00:00Z');
    const texts = timeTicks(from, Date.parse('2026-10-25T23:00:00Z'), paris, 9).map(({ text }) => text);
    expect(texts).to.deep.equal(['25 Oct', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00', '26 Oct']);
    const year = timeTicks(from, from + 366 * 86_400_000, paris, 12);
    expect(year).to.have.length.within(3, 12);
  });
});
