// Reports that are kept as they were written (ratings R18).

import { expect } from 'chai';
import type { RatingReport } from '../../../../reports/ratings/rating-report.ts';
import { createWrittenReports } from '../../../../reports/ratings/written-reports.ts';

const reportOf = (hash: string, revision?: number): RatingReport =>
  ({ criteria: { hash, ...(revision === undefined ? {} : { revision }) }, items: [] }) as unknown as RatingReport;

describe('written reports', () => {
  const setUp = (size = 1) => {
    const asked: string[] = [];
    const written = createWrittenReports(({ criteria }, format: 'json' | 'csv') => {
      asked.push(`${criteria.hash} ${format}`);
      return `${criteria.hash} ${format}`.padEnd(size);
    });
    return { asked, written };
  };

  it('R18: a report is written once in each format, under a tag of its own', () => {
    const { asked, written } = setUp();
    const report = reportOf('a', 1);
    const tags = (['json', 'csv', 'json'] as const).map((format) => written(report, format).etag);
    expect(asked).to.deep.equal(['a json', 'a csv']);
    expect(tags[0]).to.equal(tags[2]).and.not.equal(tags[1]);
    expect(String(written(report, 'csv').bytes)).to.equal('a csv');
  });

  it('R18: a live one is written each time', () => {
    const { asked, written } = setUp();
    const report = reportOf('a');
    written(report, 'json');
    written(report, 'json');
    expect(asked).to.have.length(2);
  });

  it('R18: what was not asked for longest goes when there is too much', () => {
    const { asked, written } = setUp(30 * 1_048_576);
    const [a, b, c] = [reportOf('a', 1), reportOf('b', 1), reportOf('c', 1)];
    for (const report of [a, b, a, c, a, b]) written(report, 'json');
    expect(asked).to.deep.equal(['a json', 'b json', 'c json', 'b json']);
  });
});
