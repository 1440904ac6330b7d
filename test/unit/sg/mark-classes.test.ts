// Who sees which marks, and how they are written (G5, G6).

import { expect } from 'chai';
import { createMarkClasses } from '../../../sg/mark-classes.ts';
import { parseMarks, writeMarks } from '../../../sg/measured-windows.ts';
import type { Service } from '../../../sg/schedule.ts';

const KEY = Buffer.alloc(32, 7);
const service = (id: string, marks: string[] = [], zone?: string): Service => ({
  id,
  names: { en: id },
  provider: 'p',
  order: 1,
  ...(zone === undefined ? {} : { zone }),
  measured: parseMarks(marks, zone),
});

describe('mark classes', () => {
  it('G6: the sample is the share that was asked for, always the same users, by the key', () => {
    const users = Array.from({ length: 4_000 }, (_, index) => `user-${index}`);
    const sample = (sampleShare: number, key = KEY): string[] =>
      users.filter(createMarkClasses({ policy: 'all', sampleShare, key }).isSampled);
    expect(sample(0)).to.have.length(0);
    expect(sample(1)).to.have.length(4_000);
    expect(sample(0.25)).to.deep.equal(sample(0.25));
    expect(sample(0.25).length).to.be.within(900, 1_100);
    expect(sample(0.5)).to.include.members(sample(0.25)); // a greater share keeps who was in
    expect(sample(0.25, Buffer.alloc(32, 8))).not.to.deep.equal(sample(0.25));
  });

  it('G6: consent, sampling and subscriptions decide; the same subscriptions are one class', async () => {
    const locked = { ann: ['b'], bob: ['b'], eve: ['a', 'b'], joe: [] } as Record<string, string[]>;
    const classes = createMarkClasses({
      policy: 'all',
      sampleShare: 1,
      key: KEY,
      lockedServices: async (user) => new Set(locked[user]),
    });
    const seen = async (user: string, measurable = true): Promise<string[]> => {
      const found = await classes.classOf({ user, measurable });
      return [found.name.split('-')[0] ?? '', ...['a', 'b'].flatMap((id) => found.marksOf(service(id), 0))];
    };
    expect(await seen('joe')).to.deep.equal(['all', 'TRUE', 'TRUE']);
    expect(await seen('joe', false)).to.deep.equal(['none', 'FALSE', 'FALSE']);
    expect(await seen('ann')).to.deep.equal(['without', 'TRUE', 'FALSE']);
    expect(await seen('eve')).to.deep.equal(['without', 'FALSE', 'FALSE']);
    const nameOf = async (user: string) => (await classes.classOf({ user, measurable: true })).name;
    expect(await nameOf('ann')).to.equal(await nameOf('bob'));
    expect(await nameOf('ann')).not.to.equal(await nameOf('eve'));
    expect([await classes.seesMark('ann', 'a'), await classes.seesMark('ann', 'b')]).to.deep.equal([true, false]);
  });

  it('G5: writes what it reads: each window in the zone of the service, over midnight and the change of clocks', () => {
    for (const [marks, zone] of [
      [['TRUE 2007-08-09T12:00+08:00~13:00'], 'Asia/Shanghai'],
      [['TRUE 2007-08-09T12:00:30Z~13:00'], undefined],
      [
        ['TRUE 2026-03-28T23:00+01:00~2026-03-29T04:00+02:00', 'TRUE 2026-10-25T02:30+02:00~02:30+01:00'],
        'Europe/Berlin',
      ],
      [['FALSE 2026-11-20T12:00Z~13:00'], 'America/New_York'],
    ] as const) {
      const windows = parseMarks(marks, zone);
      const written = writeMarks(service('a', [...marks], zone), 0, 'none');
      const within = windows.map(({ from, to }) => ({
        from: Math.max(from, 0),
        to: Math.min(to, Date.UTC(9999, 11, 30)),
      }));
      expect(parseMarks(written, zone), written.join()).to.deep.equal(within);
    }
    expect(writeMarks(service('a', ['TRUE 2007-08-09T12:00+08:00~13:00'], 'Asia/Shanghai'), 0, 'all')).to.deep.equal([
      'TRUE 2007-08-09T12:00+08:00~13:00',
    ]);
  });

  it('G5: says TRUE where all is measured, FALSE where nothing is, or nothing more', () => {
    const noon = Date.UTC(2026, 10, 20, 12);
    const marks = ['TRUE 2026-11-20T12:00Z~13:00'];
    expect(writeMarks(service('a'), noon, 'all')).to.deep.equal(['TRUE']);
    expect(writeMarks(service('a'), noon, 'none')).to.deep.equal(['FALSE']);
    expect(writeMarks(service('a', [...marks, 'FALSE 2026-11-20T12:00Z~13:00']), noon, 'all')).to.deep.equal(['FALSE']);
    expect(writeMarks(service('a', marks), noon + 3_599_999, 'all')).to.deep.equal(marks);
    expect(writeMarks(service('a', marks), noon + 3_600_000, 'all')).to.deep.equal(['FALSE']);
  });
});
