// A session ends with its measured window (G6, V12).

import { expect } from 'chai';
import { closeSilent, deriveSessions, type SessionRules } from '../../../server/viewing/derive-sessions.ts';
import type { StoredReport } from '../../../server/viewing/report.ts';
import { atMinute, EVENING, report } from '../../support/reports.ts';

/** 01 is measured from minute 0 to 60 and from 120 to 180. */
const WINDOWS = [
  [0, 60],
  [120, 180],
] as const;
const RULES: SessionRules = {
  heartbeatMs: 2 * 60_000,
  timeoutMs: 5 * 60_000,
  capMs: 4 * 3_600_000,
  measuredUntil: (service, at) => {
    const found = WINDOWS.find(([from, to]) => service === '01' && atMinute(from) <= at && at < atMinute(to));
    return found === undefined ? Number.POSITIVE_INFINITY : atMinute(found[1]);
  },
};

const told = (...reports: StoredReport[]): string[] =>
  deriveSessions(reports, RULES).sessions.map(({ service, startedAt, endedAt, flags }) => {
    const minuteOf = (at: number | undefined): string => (at === undefined ? '' : String((at - EVENING) / 60_000));
    return [service, `${minuteOf(startedAt)}-${minuteOf(endedAt)}`, ...flags].join(' ');
  });

describe('sessions in measured windows', () => {
  it('G6: one that is open at the end of its window ends there, whatever comes later', () => {
    expect(told(report('in', 30, '01'), report('in', 90, '02'))).to.deep.equal(['01 30-60', '02 90-']);
    expect(told(report('in', 30, '01'), report('in', 130, '01'), report('out', 140, '01'))).to.deep.equal([
      '01 30-60',
      '01 130-140',
    ]);
  });

  it('G6: a LogOut at the very end of the window ends it, and is no orphan', () => {
    const derived = deriveSessions([report('in', 30, '01'), report('out', 60, '01')], RULES);
    expect(derived.sessions.map(({ endedAt }) => endedAt)).to.deep.equal([atMinute(60)]);
    expect(derived.orphans).to.deep.equal([]);
  });

  it('G6, V12: one that fell silent within its window ends by its silence', () => {
    const beats = [0, 2, 4, 6].map((minute) => report('in', minute, '01'));
    expect(told(...beats, report('in', 130, '01'))).to.deep.equal(['01 0-8 capped', '01 130-']);
  });

  it('G6: without another report it is closed once the window is over', () => {
    const { state } = deriveSessions([report('in', 30, '01')], RULES);
    expect(closeSilent(state, RULES, atMinute(60))).to.equal(undefined);
    const closed = closeSilent(state, RULES, atMinute(61));
    expect(closed?.session).to.include({ endedAt: atMinute(60), imputedMs: 0 });
    expect(closed?.session.flags).to.deep.equal([]);
    const later = deriveSessions([report('in', 150, '01')], RULES, closed?.state);
    expect(later.sessions.map(({ startedAt, endedAt }) => [startedAt, endedAt])).to.deep.equal([
      [atMinute(30), atMinute(60)],
      [atMinute(150), undefined],
    ]);
  });
});
