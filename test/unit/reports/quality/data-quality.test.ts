// Which day a report is of, and which are kept (R16, O2).

import { expect } from 'chai';
import { createDataQuality } from '../../../../reports/quality/data-quality.ts';
import type { DayQuality } from '../../../../reports/quality/day-quality.ts';
import type { Receipt } from '../../../../server/viewing/report-log.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-10-26T01:10:00Z'); // 02:10 in Berlin

function stage({ zone = 'Europe/Berlin', received = [] as number[] } = {}) {
  const kept = new Map<string, DayQuality>();
  const asked: string[] = [];
  const clock = { now: NOW };
  const quality = createDataQuality({
    store: {
      put: async (one) => void kept.set(one.date, one),
      find: async (date) => kept.get(date),
      findLastDate: async () => [...kept.keys()].sort().at(-1),
      async removeBefore(date) {
        const old = [...kept.keys()].filter((each) => each < date);
        for (const each of old) kept.delete(each);
        return old.length;
      },
    },
    settled: async () => void asked.push('settled'),
    async *listReceipts(from, to) {
      asked.push(`${new Date(from).toISOString()} ${(to - from) / HOUR_MS}`);
      const found = received.filter((at) => at >= from && at < to);
      yield found.map((at): Receipt => ({ device: 1, viewer: 2, type: 'LogInInfo', sentAt: at, receivedAt: at }));
    },
    async *listStarted() {},
    countOrphans: async () => 0,
    scheduleOf: async () => ({
      isKnownService: () => true,
      dwellMsOf: () => 0,
      hasProgramme: () => true,
      scheduledAt: () => undefined,
    }),
    zone,
    rawRetentionMs: 30 * DAY_MS,
    figuresRetentionMs: 400 * DAY_MS,
    clock: () => clock.now,
  });
  return { quality, kept, asked, clock };
}
const codeOf = (told: Promise<unknown>): Promise<string> =>
  told.then(
    () => 'none',
    ({ code }) => code,
  );

describe('data quality', () => {
  it('R16: yesterday by default, a day of the zone: 25 and 23 hours where clocks change', async () => {
    const { quality, asked } = stage();
    const report = await quality.report();
    expect(report).to.include({ date: '2026-10-25', zone: 'Europe/Berlin', madeAt: NOW });
    expect(report.through).to.equal(report.to);
    expect(asked.splice(0)).to.deep.equal(['settled', '2026-10-23T22:00:00.000Z 24', '2026-10-24T22:00:00.000Z 25']);
    const march = stage();
    march.clock.now = Date.parse('2026-03-29T21:00:00Z');
    expect(await march.quality.report('2026-03-29')).to.include({ through: march.clock.now });
    expect(march.asked.at(-1)).to.equal('2026-03-28T23:00:00.000Z 23');
  });

  it('R16: refuses what is no day, has not begun, or is gone; leaves out what the day before would tell when that is gone', async () => {
    const { quality } = stage();
    expect(await codeOf(quality.report('2026-10-27'))).to.equal('not_found');
    expect(await codeOf(quality.report('2026-10-26'))).to.equal('none');
    for (const date of ['2026-02-30', '2026-10', 'x', '2026-10-25T00:00:00Z'])
      expect(await codeOf(quality.report(date)), date).to.equal('invalid');
    expect(await codeOf(quality.report('2026-09-26'))).to.equal('gone');
    expect((await quality.report('2026-09-27')).silence).not.to.have.property('ofDayBefore');
    expect((await quality.report('2026-09-28')).silence).to.have.property('ofDayBefore');
  });

  it('R16: of all who ask for one day at once there is one pass', async () => {
    const { quality, asked } = stage();
    const [one, other] = await Promise.all([quality.report(), quality.report()]);
    expect(one).to.equal(other);
    expect(asked.filter((each) => each === 'settled')).to.have.length(1);
    await quality.report();
    expect(asked.filter((each) => each === 'settled')).to.have.length(2);
  });

  it('R15, R16: keeps the first day that has data, then every day, also those that were missed, once', async () => {
    const { quality, kept, clock } = stage({ received: [NOW - 1] });
    expect(await quality.keepDays()).to.equal(0);
    clock.now += DAY_MS;
    expect(await quality.keepDays()).to.equal(1);
    expect(await quality.keepDays()).to.equal(0);
    expect([...kept.keys()]).to.deep.equal(['2026-10-26']);
    clock.now += 3 * DAY_MS;
    expect(await quality.keepDays()).to.equal(3);
    expect([...kept.keys()].sort()).to.deep.equal(['2026-10-26', '2026-10-27', '2026-10-28', '2026-10-29']);
    expect(await quality.report('2026-10-26')).to.equal(kept.get('2026-10-26'));
  });

  it('O2, R16: what is kept outlives the reports, and goes with the figures', async () => {
    const { quality, kept, clock } = stage({ received: [NOW - 1] });
    clock.now += DAY_MS;
    await quality.keepDays();
    clock.now += 398 * DAY_MS;
    expect(await quality.keepDays(), 'those whose reports are all there').to.equal(29);
    expect((await quality.report('2026-10-26')).reports.received).to.equal(1);
    clock.now += 3 * DAY_MS;
    await quality.keepDays();
    expect([...kept.keys()].sort()[0]).not.to.equal('2026-10-26');
    expect(await codeOf(quality.report('2026-10-26'))).to.equal('gone');
  });
});
