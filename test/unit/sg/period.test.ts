// Where periods of purchase items end: calendars, short months, summer time (G9, G10).

import { expect } from 'chai';
import fc from 'fast-check';
import { periodEnd } from '../../../sg/period.ts';
import { zoneNamed } from '../../../sg/zone-time.ts';

const end = (period: string, from: string, zone = 'UTC'): string =>
  new Date(periodEnd(period, Date.parse(from), zoneNamed(undefined, zone))).toISOString();

describe('periods', () => {
  for (const [period, from, expected, zone] of [
    ['P1M', '2026-01-31T10:00:00.250Z', '2026-02-28T10:00:00.250Z'],
    ['P1M', '2028-01-31T10:00:00.000Z', '2028-02-29T10:00:00.000Z'],
    ['P1M', '2026-02-28T10:00:00.000Z', '2026-03-28T10:00:00.000Z'],
    ['P12M', '2027-12-15T00:00:00.000Z', '2028-12-15T00:00:00.000Z'],
    ['P1Y', '2028-02-29T00:00:00.000Z', '2029-02-28T00:00:00.000Z'],
    ['P4Y', '2028-02-29T00:00:00.000Z', '2032-02-29T00:00:00.000Z'],
    ['P2W', '2026-12-25T00:00:00.000Z', '2027-01-08T00:00:00.000Z'],
    ['P1D', '2026-03-28T11:00:00.000Z', '2026-03-29T10:00:00.000Z', 'Europe/Berlin'], // noon to noon, an hour less
    ['PT24H', '2026-03-28T11:00:00.000Z', '2026-03-29T11:00:00.000Z', 'Europe/Berlin'],
    ['P1D', '2026-03-28T01:30:00.000Z', '2026-03-29T01:30:00.000Z', 'Europe/Berlin'], // half past two is left out
    ['P1M', '2026-01-31T16:30:00.000Z', '2026-02-28T16:30:00.000Z', 'Asia/Shanghai'], // there it is 1 February
  ] as const)
    it(`G10: ${period} from ${from} in ${zone ?? 'UTC'} ends ${expected}`, () => {
      expect(end(period, from, zone)).to.equal(expected);
    });

  it('G10: every period ends after it begins, and a later one no earlier', () => {
    const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) });
    const periods = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom('D', 'W', 'M', 'Y'));
    const zone = zoneNamed(undefined, 'America/New_York');
    fc.assert(
      fc.property(instants, instants, periods, (a, b, [count, unit]) => {
        const [first, second] = a < b ? [a, b] : [b, a];
        const ends = [first, second].map((from) => periodEnd(`P${count}${unit}`, from, zone));
        expect(ends[0]).to.be.greaterThan(first);
        // What clocks leave out or show twice may change places, by an hour at most.
        expect((ends[1] ?? 0) - (ends[0] ?? 0)).to.be.at.least(-3_600_000);
      }),
    );
  });

  it('O11: what is no period is refused', () => {
    for (const period of ['', 'P', 'P1', 'P1M2D', 'PT1M', '1M', 'P-1D'])
      expect(() => end(period, '2026-01-01')).to.throw();
  });
});
