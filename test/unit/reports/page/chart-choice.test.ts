// Which chart a report becomes (ratings R3, R14).

import { expect } from 'chai';
import { type BarChart, chartOf, type LineChart } from '../../../../reports/page/chart-choice.ts';
import type { RatingReport, RatingRow, ReportHeader } from '../../../../reports/ratings/rating-report.ts';

const READING = { zone: () => 0, suppressBelow: 5 };
const HOUR = 3_600_000;

function report(by: string, items: Partial<RatingRow>[]): RatingReport {
  const criteria = { by, from: 0, to: 4 * HOUR, through: 4 * HOUR } as ReportHeader;
  return { criteria, items: items.map((item) => ({ measuredSeconds: 3600, ofSeconds: 3600, ...item })) };
}
const lines = (by: string, items: Partial<RatingRow>[]): LineChart => {
  const chart = chartOf(report(by, items), READING);
  if (chart?.kind !== 'lines') throw new Error('no lines');
  return chart;
};
const bars = (by: string, items: Partial<RatingRow>[]): BarChart => {
  const chart = chartOf(report(by, items), READING);
  if (chart?.kind !== 'bars') throw new Error('no bars');
  return chart;
};
const hour = (number: number): Partial<RatingRow> => ({ startAt: number * HOUR, stopAt: (number + 1) * HOUR });

describe('chart-choice', () => {
  it('R14: rows over time are lines, a panel a series; what has no value is a gap, never zero', () => {
    const chart = lines('service,hour', [
      { service: '01', serviceName: 'One', ...hour(0), averageAudience: 2.5, viewerSeconds: 9000 },
      { service: '01', serviceName: 'One', ...hour(1), suppressed: true },
      { service: '01', serviceName: 'One', ...hour(2), measuredSeconds: 0, notAvailable: 'nothing of it was measured' },
      { service: '02', serviceName: 'One', ...hour(0), averageAudience: 0, viewerSeconds: 0 },
    ]);
    expect(chart.panels).to.deep.equal([
      {
        name: 'One (01)',
        cells: [
          { from: 0, to: HOUR, value: 2.5 },
          { from: HOUR, to: 2 * HOUR, isLeftOut: true },
          { from: 2 * HOUR, to: 3 * HOUR },
        ],
      },
      { name: 'One (02)', cells: [{ from: 0, to: HOUR, value: 0 }] },
    ]);
    expect(chart.notes).to.deep.equal([]);
  });

  it('R14: of more than eight series the most watched are drawn, in the order of the report, and that is said', () => {
    const services = [...Array(10).keys()].flatMap((place) =>
      [0, 1, 2].map((at) => ({
        service: `${place}`,
        ...hour(at),
        averageAudience: place,
        viewerSeconds: place === 9 ? 0 : place,
      })),
    );
    const chart = lines('service,hour', services);
    expect(chart.panels.map(({ name }) => name)).to.deep.equal(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(chart.notes).to.deep.equal(['The 8 of 10 that were watched most are drawn; the table has the rest.']);
  });

  it('R14: categories are bars of rating with reach marked, the greatest first; what is left out says so', () => {
    const chart = bars('service', [
      { serviceName: 'Small', averageAudience: 1, ratingPercent: 10, reachPercent: 30 },
      { serviceName: 'Hidden', suppressed: true },
      { serviceName: 'Big', averageAudience: 2, ratingPercent: 20, reachPercent: 40 },
      { serviceName: 'Dark', notAvailable: 'nothing of it was measured' },
    ]);
    expect(chart.measure).to.equal('rating');
    expect(chart.panels).to.deep.equal([
      {
        name: '',
        bars: [
          { name: 'Big', value: 20, mark: 40 },
          { name: 'Small', value: 10, mark: 30 },
          { name: 'Hidden', missing: 'left out: fewer than 5 people' },
          { name: 'Dark', missing: 'nothing of it was measured' },
        ],
      },
    ]);
  });

  it('R14: groups of people are profiles, marked where an index of 100 would be', () => {
    const chart = bars('service,group:age', [
      { service: '01', group: 'age=18-34', averageAudience: 1, profilePercent: 25, index: 50 },
      { service: '01', group: 'age=35-49', averageAudience: 3, profilePercent: 75, index: 150 },
    ]);
    expect(chart.measure).to.equal('profile');
    expect(chart.panels).to.deep.equal([
      {
        name: '01',
        bars: [
          { name: 'age=18-34', value: 25, index: 50, mark: 50 },
          { name: 'age=35-49', value: 75, index: 150, mark: 50 },
        ],
      },
    ]);
  });

  it('R3: dayparts and weekdays keep their order; programmes of several days name theirs', () => {
    const dayparts = bars('daypart', [
      { daypart: 'night', averageAudience: 1, ratingPercent: 1 },
      { daypart: 'day', averageAudience: 2, ratingPercent: 2 },
    ]);
    expect(dayparts.panels[0]?.bars.map(({ name }) => name)).to.deep.equal(['night', 'day']);
    const programmes = bars('programme', [
      { title: 'A', broadcastDay: '2026-11-19', broadcastTime: '20:00', averageAudience: 1, ratingPercent: 1 },
      { title: 'B', broadcastDay: '2026-11-20', broadcastTime: '25:00', averageAudience: 1, ratingPercent: 1 },
    ]);
    expect(programmes.panels[0]?.bars.map(({ detail }) => detail)).to.deep.equal([
      '2026-11-19 20:00',
      '2026-11-20 25:00',
    ]);
  });

  it('R3: one time each is no line: what there is one of each is compared as bars in one panel', () => {
    const chart = bars('service,day', [
      {
        serviceName: 'One',
        broadcastDay: '2026-11-19',
        startAt: 0,
        stopAt: 24 * HOUR,
        averageAudience: 1,
        ratingPercent: 1,
      },
      {
        serviceName: 'Two',
        broadcastDay: '2026-11-19',
        startAt: 0,
        stopAt: 24 * HOUR,
        averageAudience: 2,
        ratingPercent: 2,
      },
    ]);
    expect(chart.panels).to.deep.equal([
      {
        name: '',
        bars: [
          { name: 'Two', value: 2 },
          { name: 'One', value: 1 },
        ],
      },
    ]);
  });

  it('R14: nothing to draw is no chart', () => {
    expect(chartOf(report('service', []), READING)).to.equal(undefined);
    expect(chartOf(report('service', [{ suppressed: true }]), READING)).to.equal(undefined);
  });
});
