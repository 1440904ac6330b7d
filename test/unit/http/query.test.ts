// Query parameters: what is understood, and that the rest is refused by name (O11).

import { expect } from 'chai';
import {
  parseQuery,
  readChoice,
  readInstant,
  readLimit,
  readText,
  readTexts,
  readWhole,
} from '../../../server/http/query.ts';
import { Problem } from '../../../server/problem.ts';

describe('query parameters', () => {
  const refused = (work: () => unknown): string | undefined => {
    try {
      work();
    } catch (error) {
      return error instanceof Problem && error.code === 'invalid' ? error.faults[0]?.element : 'another error';
    }
    return undefined;
  };

  it('O11: instants with a zone, or dates, as epoch ms', () => {
    const read = (from: string): number | undefined => readInstant({ from }, 'from');
    expect(readInstant({}, 'from')).to.equal(undefined);
    expect(read('2026-07-20T20:00:00Z')).to.equal(1_784_577_600_000);
    expect(read('2026-07-20T22:00:00.000+02:00')).to.equal(1_784_577_600_000);
    expect(read('2026-07-20T22:00 02:00')).to.equal(1_784_577_600_000);
    expect(read('2026-07-20')).to.equal(1_784_505_600_000);
    for (const bad of [
      '',
      'today',
      '2026-02-30',
      '2026-02-30T00:00Z',
      '2026-07-20T20:00:00',
      '2026-07-20T25:00Z',
      '1784577600000',
      '0000-01-01',
      '0001-01-01T00:00+01:00',
      '9999-12-31T23:59-01:00',
    ])
      expect(
        refused(() => read(bad)),
        bad,
      ).to.equal('from');
  });

  it('O11: limits from 1 to 1000, 100 when absent', () => {
    expect([readLimit({}), readLimit({ limit: '1' }), readLimit({ limit: '1000' })]).to.deep.equal([100, 1, 1_000]);
    for (const bad of ['0', '1001', '-1', '1.5', '1e2', '', 'x'])
      expect(
        refused(() => readLimit({ limit: bad })),
        bad,
      ).to.equal('limit');
  });

  it('O11: repeated, nested, empty and endless texts are refused by name', () => {
    expect(readText({ user: 'ada' }, 'user')).to.equal('ada');
    for (const bad of [['a', 'b'], { a: 'b' }, '', 'x'.repeat(201)])
      expect(refused(() => readText({ user: bad }, 'user'))).to.equal('user');
  });

  it('O11: lists, whole numbers and choices', () => {
    expect(readTexts({}, 'service')).to.equal(undefined);
    expect(readTexts({ service: '01,02' }, 'service')).to.deep.equal(['01', '02']);
    for (const bad of ['01,', ',', `01,${'x'.repeat(201)}`, Array(101).fill('1').join(), ['01', '02']])
      expect(refused(() => readTexts({ service: bad }, 'service'))).to.equal('service');
    expect(readWhole({ reach: '0' }, 'reach', { least: 0, most: 5 })).to.equal(0);
    for (const bad of ['6', '-1', '1e0', '0x1', ' 1', '9'.repeat(99)])
      expect(refused(() => readWhole({ reach: bad }, 'reach', { least: 0, most: 5 }))).to.equal('reach');
    expect(readChoice({}, 'by', ['service', 'programme'])).to.equal('service');
    expect(readChoice({ by: 'programme' }, 'by', ['service', 'programme'])).to.equal('programme');
    expect(refused(() => readChoice({ by: 'day' }, 'by', ['service', 'programme']))).to.equal('by');
  });

  it('O11: what is wrongly percent-encoded is refused, not mended', () => {
    expect({ ...parseQuery('user=a%20b+c&user=%E4%B8%AD&x') }).to.deep.equal({ user: ['a b c', '中'], x: '' });
    expect(parseQuery(null)).to.deep.equal({});
    for (const bad of ['user=%', 'user=%zz', 'user=%E4%B8', '%C0%80=1', 'user=%ED%A0%80'])
      expect(() => parseQuery(bad), bad).to.throw(URIError);
  });
});
