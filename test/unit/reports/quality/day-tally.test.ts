// The quality of a day, counted by hand (R16, V4, V12).

import { expect } from 'chai';
import fc from 'fast-check';
import { createDayTally } from '../../../../reports/quality/day-tally.ts';
import { qualityJson, writeQualityCsv } from '../../../../reports/quality/quality-documents.ts';
import type { Receipt } from '../../../../server/viewing/report-log.ts';
import type { Session } from '../../../../server/viewing/session.ts';

const DAY = { date: '2026-10-25', zone: 'Europe/Berlin', from: 0, to: 25 * 3_600_000 };
const S = 1_000;
const SCHEDULE = {
  isKnownService: (service: string) => service === '01',
  dwellMsOf: () => 60 * S,
  hasProgramme: (_: string, programme: string) => programme !== 'x',
  scheduledAt: (_: string, at: number) => (at < 500 * S ? 'a' : undefined),
};
const receipt = (sentAt: number, lateMs: number, more: Partial<Receipt> = {}): Receipt => ({
  device: 1,
  viewer: 10,
  type: 'LogInInfo',
  sentAt,
  receivedAt: sentAt + lateMs,
  ...more,
});
const session = (lengthMs: number | undefined, more: Partial<Session> = {}): Session => ({
  device: 1,
  viewer: 10,
  service: '01',
  programme: 'a',
  startedAt: 100 * S,
  lastSignAt: 100 * S,
  flags: [],
  imputedMs: 0,
  ...(lengthMs === undefined ? {} : { endedAt: 100 * S + lengthMs }),
  ...more,
});

describe('the quality of a day', () => {
  it('R16, V4: reports by kind, sender and quarantine; how late they came; clocks beyond the limit', () => {
    const tally = createDayTally(DAY, SCHEDULE);
    tally.seeBefore([receipt(0, 0, { device: 1 }), receipt(0, 0, { device: 7 }), receipt(0, 0, { device: 8 })]);
    tally.see([
      receipt(0, 0),
      receipt(0, 1_000),
      receipt(0, 1_001, { type: 'LogOutInfo', device: 2 }),
      receipt(0, 60_000, { device: 3, viewer: 11 }),
    ]);
    tally.see([
      receipt(0, 86_400_001, { quarantine: 'too_old' }),
      receipt(9_000, -9_000, { quarantine: 'future' }),
      receipt(0, 400_000, { quarantine: 'clock_skew' }),
      receipt(0, 399_000, { quarantine: 'clock_skew' }),
    ]);
    const { reports, arrival, skew, silence } = tally.finish(0, 1);
    expect(reports).to.deep.equal({
      received: 8,
      logIns: 7,
      logOuts: 1,
      devices: 3,
      viewers: 2,
      quarantined: { clock_skew: 2, future: 1, too_old: 1 },
    });
    expect(arrival).to.deep.equal({
      reports: 5,
      within: [
        { seconds: 1, percent: 40 },
        { seconds: 10, percent: 60 },
        { seconds: 60, percent: 80 },
        { seconds: 600, percent: 80 },
        { seconds: 3_600, percent: 80 },
        { seconds: 21_600, percent: 80 },
        { seconds: 86_400, percent: 80 },
      ],
    });
    expect(skew).to.deep.equal({ reports: 3, percent: 37.5, farthestAheadMs: 9_000, farthestBehindMs: 400_000 });
    expect(silence.ofDayBefore).to.deep.equal({ devices: 3, silent: 2 });
  });

  it('R16, V12: sessions by every defect; surfing, unknown and disagreeing ones; capped seconds; orphans', () => {
    const tally = createDayTally(DAY, SCHEDULE);
    tally.see([1, 2, 3, 4].map((device) => receipt(0, 0, { device, type: 'LogOutInfo' })));
    tally.seeSessions([
      session(100 * S, { flags: ['switched'] }),
      session(59 * S, { flags: ['mismatched'], programme: 'b' }),
      session(241 * S, { flags: ['capped', 'cut', 'unverified'], imputedMs: 120 * S, startedAt: 100 * S }),
    ]);
    tally.seeSessions([
      session(undefined, { programme: '' }),
      session(0, { quarantine: 'zero_length' }),
      session(-5 * S, { quarantine: 'ends_before_start', service: '99' }),
      session(100 * S, { service: '02', flags: ['capped'], device: 2 }),
      session(undefined, { programme: 'x', startedAt: 500 * S }),
    ]);
    const { sessions, programmes, orphans, silence, delivered } = tally.finish(1, 1);
    expect(sessions).to.deep.equal({
      started: 8,
      open: 2,
      flags: { switched: 1, mismatched: 1, capped: 2, cut: 1, unverified: 1 },
      quarantined: { zero_length: 1, ends_before_start: 1 },
      surfing: 1,
      unknownService: 1,
      unknownProgramme: 1,
      cappedSeconds: 120,
      imputedPercent: 24,
    });
    expect(programmes).to.deep.equal({ compared: 3, disagreeing: 1 });
    expect(orphans).to.deep.equal({ logOuts: 1, percent: 25 });
    expect(silence).to.deep.equal({ brokenOff: 2 });
    expect(delivered.sessions).to.equal(0);
  });

  it('R16: sudden masses by the minute of sending, up to the last of 25 hours; late ones of other days are none', () => {
    const tally = createDayTally(DAY, SCHEDULE);
    const many = (sentAt: number, more: Partial<Receipt> = {}): Receipt[] =>
      Array.from({ length: 30 }, () => receipt(sentAt, 0, more));
    tally.see(many(DAY.to - 1));
    tally.see(many(60 * S, { type: 'LogOutInfo' }));
    tally.see(many(600 * S, { quarantine: 'too_old' }));
    tally.see(many(-1));
    tally.see(many(DAY.to));
    expect(tally.finish(0, 1).bursts).to.deep.equal([
      { of: 'logIns', at: DAY.to - 60 * S, count: 30, usual: 0, threshold: 20 },
      { of: 'logOuts', at: 60 * S, count: 30, usual: 0, threshold: 20 },
    ]);
  });

  it('R16: JSON and CSV say the same', () => {
    const tally = createDayTally(DAY, SCHEDULE);
    tally.see(Array.from({ length: 21 }, () => receipt(0, 0)));
    const quality = tally.finish(0, DAY.to + 1);
    expect(qualityJson(quality)).to.deep.include({
      date: '2026-10-25',
      from: '1970-01-01T00:00:00.000Z',
      through: '1970-01-02T01:00:00.000Z',
      bursts: [{ of: 'logIns', at: '1970-01-01T00:00:00.000Z', count: 21, usual: 0, threshold: 20 }],
    });
    const lines = writeQualityCsv(quality).split('\r\n');
    expect(lines[0]).to.equal('date,measure,value');
    expect(lines).to.include.members([
      '2026-10-25,reports.received,21',
      '2026-10-25,arrival.within.1.percent,100',
      '2026-10-25,bursts.1.at,1970-01-01T00:00:00.000Z',
    ]);
    expect(lines.at(-1)).to.equal('');
  });

  it('R16: pages and their order change nothing', () => {
    const some = fc.record({
      device: fc.nat(9),
      sentAt: fc.nat(9e7),
      late: fc.nat(1e8),
      out: fc.boolean(),
      bad: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 60 }), fc.nat(60), (all, cut) => {
        const receipts = all.map(({ device, sentAt, late, out, bad }) =>
          receipt(sentAt, late, {
            device,
            type: out ? 'LogOutInfo' : 'LogInInfo',
            ...(bad ? { quarantine: 'clock_skew' as const } : {}),
          }),
        );
        const [one, other] = [createDayTally(DAY, SCHEDULE), createDayTally(DAY, SCHEDULE)];
        one.see(receipts);
        other.see(receipts.slice(cut).reverse());
        other.see(receipts.slice(0, cut));
        const quality = one.finish(3, 1);
        expect(other.finish(3, 1)).to.deep.equal(quality);
        expect(quality.reports.logIns + quality.reports.logOuts).to.equal(all.length);
        const percents = quality.arrival.within.map(({ percent }) => percent);
        expect(percents).to.deep.equal(percents.toSorted((a, b) => a - b));
      }),
    );
  });
});
