// What rows can be asked to be of, and the dayparts (ratings R3).

import { expect } from 'chai';
import { readBreakdown } from '../../../../reports/breakdown/breakdown.ts';
import { DAYPARTS, type Daypart, daypartLookup } from '../../../../reports/breakdown/dayparts.ts';
import { Problem } from '../../../../server/problem.ts';

describe('breakdowns', () => {
  for (const [text, read] of [
    ['', { content: 'all' }],
    ['all,day', { content: 'all', time: 'day' }],
    ['service', { content: 'service' }],
    ['service,quarter-hour,region', { content: 'service', time: 'quarter-hour', people: 'region' }],
    ['shift,minute,programme', { content: 'programme', time: 'minute', people: 'shift' }],
    ['weekday,group:age', { content: 'all', time: 'weekday', people: 'group:age' }],
  ] as const)
    it(`R3: reads "${text}"`, () => {
      expect(readBreakdown(text)).to.deep.equal(read);
    });

  for (const text of ['channel', 'service,genre', 'day,week', 'region,device', 'service,service', 'group:', 'service,'])
    it(`R3: refuses "${text}" and lists what there is`, () => {
      expect(() => readBreakdown(text))
        .to.throw(Problem, /service, programme.*quarter-hour.*group:<key>/)
        .with.property('code', 'invalid');
    });
});

describe('dayparts', () => {
  it('R3: has each hour of the clock in one, those after midnight too', () => {
    const nameAt = (hour: number): string | undefined => DAYPARTS[daypartLookup(DAYPARTS)(hour)]?.name;
    expect([2, 5, 6, 15, 16, 22, 23, 0, 1].map(nameAt)).to.deep.equal([
      'overnight',
      'overnight',
      'early morning',
      'daytime',
      'early fringe',
      'prime time',
      'late fringe',
      'late fringe',
      'late fringe',
    ]);
  });

  const part = (fromHour: number, toHour: number): Daypart => ({ name: 'part', fromHour, toHour });
  for (const [why, table] of [
    ['none', []],
    ['a gap', [part(2, 10), part(11, 26)]],
    ['an overlap', [part(2, 10), part(9, 26)]],
    ['less than a day', [part(2, 25)]],
    ['more than a day', [part(2, 27)]],
    ['half an hour', [part(2, 9.5), part(9.5, 26)]],
    ['nothing in a part', [part(2, 2), part(2, 26)]],
  ] as const)
    it(`R3: refuses a table with ${why}`, () => {
      expect(() => daypartLookup(table))
        .to.throw(Problem)
        .with.property('code', 'invalid');
    });
});
