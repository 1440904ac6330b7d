// The rules of V12, each by name, and what must hold for any reports (V11).

import { expect } from 'chai';
import fc from 'fast-check';
import { closeSilent, deriveSessions, type SessionRules } from '../../../server/viewing/derive-sessions.ts';
import type { StoredReport } from '../../../server/viewing/report.ts';
import type { Session } from '../../../server/viewing/session.ts';
import { atMinute, EVENING, report } from '../../support/reports.ts';

const RULES: SessionRules = { heartbeatMs: 2 * 60_000, timeoutMs: 5 * 60_000, capMs: 4 * 3_600_000 };

/** Sessions as "service/programme from-to flags", in minutes. */
const told = (reports: StoredReport[]): string[] => deriveSessions(reports, RULES).sessions.map(tell);
const tell = ({ service, programme, startedAt, endedAt, flags, quarantine }: Session): string =>
  [
    `${service}/${programme}`,
    `${(startedAt - EVENING) / 60_000}-${endedAt === undefined ? '' : (endedAt - EVENING) / 60_000}`,
    ...flags,
    ...(quarantine === undefined ? [] : [`(${quarantine})`]),
  ].join(' ');

describe('sessions from reports', () => {
  it('V12: LogIn, then LogOut for the same service', () => {
    expect(told([report('in', 0, '01', 'a'), report('out', 30, '01', 'a')])).to.deep.equal(['01/a 0-30']);
  });

  it('V12: LogIn for another service or programme ends the open one there, switched', () => {
    expect(
      told([
        report('in', 0, '01', 'a'),
        report('in', 10, '01', 'b'),
        report('in', 30, '02', 'c'),
        report('out', 40, '02', 'c'),
      ]),
    ).to.deep.equal(['01/a 0-10 switched', '01/b 10-30 switched', '02/c 30-40']);
  });

  it('V12: LogIn again for the open service and programme is a heartbeat', () => {
    expect(told([report('in', 0, '01', 'a'), report('in', 30, '01', 'a'), report('out', 60, '01', 'a')])).to.deep.equal(
      ['01/a 0-60'],
    );
  });

  it('V12: LogOut for another service than the open one ends it, mismatched', () => {
    expect(told([report('in', 0, '01', 'a'), report('out', 20, '02', 'b')])).to.deep.equal(['01/a 0-20 mismatched']);
  });

  it('V12: LogOut with nothing open is an orphan, no session is invented', () => {
    const derived = deriveSessions([report('out', 5, '01', 'a')], RULES);
    expect(derived.sessions).to.deep.equal([]);
    expect(derived.orphans).to.deep.equal([{ device: 7, viewer: 70, service: '01', programme: 'a', at: atMinute(5) }]);
  });

  it('V12: never closed, with heartbeats: the last sign of life plus one heartbeat, imputed', () => {
    const { state } = deriveSessions(
      [report('in', 0, '01', 'a'), report('in', 2, '01', 'a'), report('in', 4, '01', 'a')],
      RULES,
    );
    expect(closeSilent(state, RULES, atMinute(9))).to.equal(undefined);
    const closed = closeSilent(state, RULES, atMinute(11));
    expect(closed === undefined ? '' : tell(closed.session)).to.equal('01/a 0-6 capped');
    expect(closed?.session.imputedMs).to.equal(2 * 60_000);
  });

  it('V12: never closed, no other sign: the cap, imputed', () => {
    const { state } = deriveSessions([report('in', 0, '01', 'a')], RULES);
    expect(closeSilent(state, RULES, atMinute(240))).to.equal(undefined);
    const closed = closeSilent(state, RULES, atMinute(241));
    expect(closed === undefined ? '' : tell(closed.session)).to.equal('01/a 0-240 capped');
    expect(closed?.session.imputedMs).to.equal(4 * 3_600_000);
  });

  it('V12: a device with a rhythm that fell silent is not watched until its next LogIn', () => {
    expect(
      told([
        report('in', 0, '01', 'a'),
        report('in', 2, '01', 'a'),
        report('in', 4, '01', 'a'),
        report('in', 90, '02', 'b'),
        report('out', 100, '02', 'b'),
      ]),
    ).to.deep.equal(['01/a 0-6 capped', '02/b 90-100']);
  });

  it('V12: what is imputed is cut at the start of the next session', () => {
    const short = { ...RULES, heartbeatMs: 20 * 60_000 };
    const reports = [0, 1, 2].map((minute) => report('in', minute, '01', 'a'));
    const { sessions } = deriveSessions([...reports, report('in', 10, '02', 'b')], short);
    expect(sessions.map(tell)).to.deep.equal(['01/a 0-10 capped cut', '02/b 10-']);
  });

  it('V12: zero length is quarantined', () => {
    expect(told([report('in', 3, '01', 'a'), report('out', 3, '01', 'a')])).to.deep.equal(['01/a 3-3 (zero_length)']);
  });

  it('V12: ends before it starts, by the handset’s own count, is quarantined', () => {
    expect(
      told([
        report('in', 10, '01', 'a', { sequence: 5 }),
        report('out', 4, '01', 'a', { sequence: 6, receivedAt: atMinute(11) }),
      ]),
    ).to.deep.equal(['01/a 10-4 (ends_before_start)']);
  });

  it('V12: a count that began anew is no clock that jumped', () => {
    const restarted = [
      report('in', 0, '01', 'a', { sequence: 1 }),
      report('out', 5, '01', 'a', { sequence: 2 }),
      report('in', 8, '01', 'a', { sequence: 1 }),
      report('out', 30, '01', 'a', { sequence: 2 }),
    ];
    expect(told(restarted)).to.deep.equal(['01/a 0-5', '01/a 8-30']);
    const soonAgain = [report('out', 5, '01', 'a', { sequence: 2 }), report('in', 9, '01', 'a', { sequence: 1 })];
    expect(told(soonAgain)).to.deep.equal(['01/a 9-']);
  });

  it('V12: LogOut and LogIn of one second, in either order, end one session and start the next', () => {
    const first = report('in', 0, '01', 'a');
    const out = report('out', 10, '01', 'a');
    const next = report('in', 10, '02', 'b');
    for (const order of [
      [first, out, next],
      [first, next, out],
    ]) {
      expect(told(order)).to.deep.equal(['01/a 0-10', '02/b 10-']);
    }
  });

  it('V15: a LogIn with an empty service ends what was watched', () => {
    expect(told([report('in', 0, '01', 'a'), report('in', 10, '', '')])).to.deep.equal(['01/a 0-10 switched']);
  });

  it('V9: a session without an authenticated report is marked', () => {
    const quiet = { verified: false };
    expect(told([report('in', 0, '01', 'a', quiet), report('out', 9, '01', 'a', quiet)])).to.deep.equal([
      '01/a 0-9 unverified',
    ]);
    expect(told([report('in', 0, '01', 'a', quiet), report('out', 9, '01', 'a')])).to.deep.equal(['01/a 0-9']);
  });

  const anyReport = fc
    .record({
      type: fc.constantFrom('in' as const, 'out' as const),
      minute: fc.integer({ min: 0, max: 900 }).map((quarter) => quarter / 2),
      service: fc.constantFrom('', '01', '02'),
      programme: fc.constantFrom('a', 'b'),
      sequence: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    })
    .map(({ type, minute, service, programme, sequence }) =>
      report(type, minute, service, programme, sequence === undefined ? {} : { sequence }),
    );
  const anyReports = fc.array(anyReport, { maxLength: 40 });

  /** Each service is measured for two hours of every three; 01 begins with the evening, 02 an hour later. */
  const windowed: SessionRules = {
    ...RULES,
    measuredUntil: (service, at) => {
      const minute = (at - EVENING) / 60_000 - (service === '02' ? 60 : 0);
      const start = Math.floor(minute / 180) * 180;
      return minute - start < 120 ? at + (start + 120 - minute) * 60_000 : Number.POSITIVE_INFINITY;
    },
  };
  for (const [where, rules] of [
    ['', RULES],
    [', in measured windows', windowed],
  ] as const) {
    it(`V11: in whatever order, reports and doubles give the same sessions${where}`, () => {
      fc.assert(
        fc.property(anyReports, fc.infiniteStream(fc.nat()), fc.nat(), (reports, random, twice) => {
          const shuffled = reports
            .map((each) => ({ each, rank: random.next().value ?? 0 }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ each }) => each);
          const doubled = reports.length === 0 ? [] : [reports[twice % reports.length] as StoredReport];
          expect(deriveSessions([...shuffled, ...doubled], rules)).to.deep.equal(deriveSessions(reports, rules));
        }),
      );
    });

    it(`V11: going on from a state gives the same as deriving all at once${where}`, () => {
      fc.assert(
        fc.property(anyReports, fc.integer({ min: 0, max: 450 }), (reports, cut) => {
          const early = reports.filter((each) => each.sentAt < atMinute(cut));
          const late = reports.filter((each) => each.sentAt >= atMinute(cut));
          const first = deriveSessions(early, rules);
          const second = deriveSessions(late, rules, first.state);
          const reopened = first.state.open === undefined ? 0 : 1;
          const sessions = [...first.sessions.slice(0, first.sessions.length - reopened), ...second.sessions];
          expect(sessions).to.deep.equal(deriveSessions(reports, rules).sessions);
        }),
      );
    });

    it(`V11: going on after a silence was given up gives the same as deriving all at once${where}`, () => {
      fc.assert(
        fc.property(anyReports, fc.integer({ min: 0, max: 450 }), (reports, cut) => {
          const first = deriveSessions(
            reports.filter((each) => each.sentAt < atMinute(cut)),
            rules,
          );
          const given = closeSilent(first.state, rules, atMinute(cut + 600));
          fc.pre(given !== undefined);
          const late = reports.filter((each) => each.sentAt >= atMinute(cut));
          const second = deriveSessions(late, rules, given?.state);
          const sessions = [...first.sessions.slice(0, -1), ...second.sessions];
          expect(sessions).to.deep.equal(deriveSessions(reports, rules).sessions);
        }),
      );
    });

    it(`V12: no second of a device is counted twice${where}`, () => {
      fc.assert(
        fc.property(anyReports, (reports) => {
          const { sessions } = deriveSessions(reports, rules);
          sessions.slice(1).forEach((session, index) => {
            expect(sessions[index]?.endedAt).to.be.at.most(session.startedAt);
          });
        }),
      );
    });
  }
});
