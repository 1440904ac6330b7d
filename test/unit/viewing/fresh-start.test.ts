// Where deriving may begin, against deriving from the beginning (V11).

import { expect } from 'chai';
import fc from 'fast-check';
import { deriveSessions, type SessionRules } from '../../../server/viewing/derive-sessions.ts';
import { findFreshStart } from '../../../server/viewing/fresh-start.ts';
import type { StoredReport } from '../../../server/viewing/report.ts';
import { atMinute, report } from '../../support/reports.ts';

const RULES: SessionRules = { heartbeatMs: 2 * 60_000, timeoutMs: 5 * 60_000, capMs: 60 * 60_000 };

const anyReport = fc
  .record({
    type: fc.constantFrom('in' as const, 'out' as const),
    minute: fc.integer({ min: 0, max: 600 }).map((half) => half / 2),
    service: fc.constantFrom('', '01', '02'),
    programme: fc.constantFrom('a', 'b'),
    sequence: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    lateMs: fc.constantFrom(0, 0, 60_000, 600_000),
  })
  .map(({ type, minute, service, programme, sequence, lateMs }) =>
    report(type, minute, service, programme, {
      receivedAt: atMinute(minute) + lateMs,
      ...(sequence === undefined ? {} : { sequence }),
    }),
  );
const anyReports = fc
  .uniqueArray(anyReport, { selector: ({ key }) => key, maxLength: 30 })
  .map((reports) => reports.sort((a, b) => a.sentAt - b.sentAt));

const found = (reports: StoredReport[], at: number): number | undefined => {
  const start = findFreshStart(reports, atMinute(at), RULES);
  return start === undefined ? undefined : (start - atMinute(0)) / 60_000;
};

describe('fresh starts', () => {
  it('V11: after a LogOut, after an empty service, after a long silence', () => {
    const logIn = report('in', 0, '01', 'a');
    expect(found([logIn, report('out', 5, '01', 'a')], 9)).to.equal(9);
    expect(found([logIn, report('in', 5, '', '')], 9)).to.equal(9);
    expect(found([logIn, report('out', 5, '01'), report('in', 6, '01'), report('in', 7, '02')], 9)).to.equal(6);
    expect(found([logIn], 61)).to.equal(61);
    expect(found([logIn], 60)).to.equal(undefined);
  });

  it('V11: a second with a LogIn in it may leave something open', () => {
    expect(found([report('out', 5, '01'), report('in', 5, '02')], 9)).to.equal(undefined);
  });

  it('V11: never between the two reports of a clock that jumped', () => {
    const jumped = report('out', 4, '01', 'a', { sequence: 6, receivedAt: atMinute(9) });
    const pair = [jumped, report('in', 8, '01', 'a', { sequence: 5 })];
    expect(found([report('out', 0, '02'), report('out', 1, '02'), ...pair], 8)).to.equal(1);
  });

  it('V11: deriving anew from a fresh start gives the same from there on', () => {
    fc.assert(
      fc.property(anyReports, fc.nat(), (reports, which) => {
        const at = reports[which % reports.length]?.sentAt;
        fc.pre(at !== undefined);
        const start = findFreshStart(reports, at ?? 0, RULES);
        fc.pre(start !== undefined);
        const from = start ?? 0;
        const all = deriveSessions(reports, RULES);
        const again = deriveSessions(
          reports.filter(({ sentAt }) => sentAt >= from),
          RULES,
        );
        expect(again.sessions).to.deep.equal(all.sessions.filter(({ startedAt }) => startedAt >= from));
        expect(again.orphans).to.deep.equal(all.orphans.filter((orphan) => orphan.at >= from));
        expect(again.state.open).to.deep.equal(all.state.open);
      }),
      { numRuns: Number(process.env.RUNS ?? 2_000) },
    );
  });
});
