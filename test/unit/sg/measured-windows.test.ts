// The marks of what is measured, and the windows they make (G5).

import { expect } from 'chai';
import fc from 'fast-check';
import { measuredWithin, parseMarks } from '../../../sg/measured-windows.ts';

const iso = (marks: string[], zone?: string): string[] =>
  parseMarks(marks, zone).map(({ from, to }) => `${new Date(from).toISOString()}/${new Date(to).toISOString()}`);

describe('measured windows', () => {
  it('G5: reads the mark with a zone', () => {
    const window = ['2007-08-09T04:00:00.000Z/2007-08-09T05:00:00.000Z'];
    expect(iso(['TRUE 2007-08-09T12:00+08:00~13:00'])).to.deep.equal(window);
    expect(iso(['TRUE 2007-08-09T12:00+08:00~2007-08-09T13:00+08:00'], 'Europe/Berlin')).to.deep.equal(window);
  });

  it("G5: reads the method's zoneless mark in the service's zone, with summer time", () => {
    const mark = ['stat=TRUE 2007-08-09 12:00~13:00'];
    expect(iso(mark, 'Asia/Shanghai')).to.deep.equal(['2007-08-09T04:00:00.000Z/2007-08-09T05:00:00.000Z']);
    expect(iso(mark, 'Europe/Berlin')).to.deep.equal(['2007-08-09T10:00:00.000Z/2007-08-09T11:00:00.000Z']);
    expect(iso(mark)).to.deep.equal(['2007-08-09T12:00:00.000Z/2007-08-09T13:00:00.000Z']);
  });

  it('G5: an end before the start is the next day, and days of 23 and 25 hours are right', () => {
    expect(iso(['TRUE 2007-08-09 22:00~02:00'])).to.deep.equal(['2007-08-09T22:00:00.000Z/2007-08-10T02:00:00.000Z']);
    const spring = iso(['TRUE 2007-03-25 00:00~24:00'], 'Europe/Berlin');
    expect(spring).to.deep.equal(['2007-03-24T23:00:00.000Z/2007-03-25T22:00:00.000Z']);
    const autumn = iso(['TRUE 2007-10-28 00:00~00:00'], 'Europe/Berlin');
    expect(autumn).to.deep.equal(['2007-10-27T22:00:00.000Z/2007-10-28T23:00:00.000Z']);
    // 02:30 comes twice, or not at all
    expect(iso(['TRUE 2007-10-28 02:30~04:00'], 'Europe/Berlin')).to.deep.equal([
      '2007-10-28T00:30:00.000Z/2007-10-28T03:00:00.000Z',
    ]);
    expect(iso(['TRUE 2007-03-25 02:30~04:00'], 'Europe/Berlin')).to.deep.equal([
      '2007-03-25T01:30:00.000Z/2007-03-25T02:00:00.000Z',
    ]);
  });

  it('G5: FALSE takes away, the later mark holds, and marks that leave nothing measure nothing', () => {
    const marks = ['TRUE 2007-08-09 10:00~14:00', 'FALSE 2007-08-09 11:00~12:00', 'TRUE 2007-08-09 11:30~12:00'];
    expect(iso(marks)).to.deep.equal([
      '2007-08-09T10:00:00.000Z/2007-08-09T11:00:00.000Z',
      '2007-08-09T11:30:00.000Z/2007-08-09T14:00:00.000Z',
    ]);
    const nothing = {
      measured: parseMarks(['TRUE 2007-08-09 10:00~11:00', 'FALSE 2007-08-09 10:00~11:00'], undefined),
    };
    expect(measuredWithin(nothing, 0, 1e13, 'all')).to.deep.equal([]);
    const but = { measured: parseMarks(['FALSE 1970-01-01 00:00~01:00'], undefined) };
    expect(measuredWithin(but, 0, 7_200_000, 'none')).to.deep.equal([{ from: 3_600_000, to: 7_200_000 }]);
  });

  it('G5: refuses what it does not understand', () => {
    for (const mark of [
      'TRUE',
      'TRUE 2007-02-30 10:00~11:00',
      'MAYBE 2007-08-09 10:00~11:00',
      'TRUE 2007-08-09 25:00~26:00',
    ]) {
      expect(() => parseMarks([mark], undefined)).to.throw('invalid');
    }
    expect(() => parseMarks(['TRUE 2007-08-09 10:00~11:00'], 'Moon/Base')).to.throw('invalid');
  });

  it('R4: without windows the policy decides', () => {
    expect(measuredWithin({ measured: [] }, 5, 9, 'all')).to.deep.equal([{ from: 5, to: 9 }]);
    expect(measuredWithin({ measured: [] }, 5, 9, 'none')).to.deep.equal([]);
  });

  it('R4: an instant is measured exactly if the last mark over it says so (property)', () => {
    const hour = fc.integer({ min: 0, max: 22 });
    const mark = fc.tuple(fc.boolean(), hour, hour).filter(([, from, to]) => from < to);
    const two = (value: number): string => String(value).padStart(2, '0');
    fc.assert(
      fc.property(fc.array(mark, { minLength: 1, maxLength: 6 }), (marks) => {
        const texts = marks.map(
          ([on, from, to]) => `${on ? 'TRUE' : 'FALSE'} 1970-01-01 ${two(from)}:00~${two(to)}:00`,
        );
        const measured = parseMarks(texts, undefined);
        for (let at = 0; at < 24; at += 1) {
          const last = marks.findLast(([, from, to]) => from <= at && at < to);
          const expected = last === undefined ? marks[0]?.[0] === false : last[0];
          const parts = measuredWithin({ measured }, at * 3_600_000, (at + 1) * 3_600_000, 'all');
          expect(parts.length === 1, `${texts.join()} at ${at}`).to.equal(expected);
        }
      }),
    );
  });
});
