// The plan of a simulated fleet: repeatable, consistent, true (O10; V11, V12).

import { expect } from 'chai';
import fc from 'fast-check';
import { planFleet } from '../../../server/simulator/behaviour.ts';
import { expectSessions } from '../../../server/simulator/expected-sessions.ts';
import type { FleetPlan, TrueSession } from '../../../server/simulator/plan.ts';
import { simulatedAccounts } from '../../../server/simulator/simulated-accounts.ts';
import { serviceTruths, truthDocument } from '../../../server/simulator/truth.ts';
import { deriveSessions } from '../../../server/viewing/derive-sessions.ts';
import { keyOf } from '../../../server/viewing/pseudonyms.ts';
import { SERVICES, SMOOTH, START_AT } from './fleet-plans.ts';

const MINUTE = 60_000;
const plan = (seed: number, handsets = 40, options = {}): FleetPlan =>
  planFleet({ handsets, hours: 12, seed, startAt: START_AT, services: SERVICES, options });
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const frequently = { crashRate: 0.4, offlineRate: 0.3, doubleRate: 0.2, lateRate: 0.2, badClockShare: 0.5 };

describe('planFleet', () => {
  it('O10: the same seed gives the same plan to the byte, another seed another', () => {
    expect(JSON.stringify(plan(7))).to.equal(JSON.stringify(plan(7)));
    expect(JSON.stringify(plan(7))).to.not.equal(JSON.stringify(plan(8)));
  });

  it('O10: stretches of one device never overlap and lie inside the window, in whole seconds', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { from, to, handsets } = plan(seed, 10, frequently);
        for (const { sessions, acts } of handsets) {
          let before = from;
          for (const session of sessions) {
            expect(session.from).to.be.at.least(before);
            expect(session.to - session.from).to.be.at.least(5_000);
            before = session.to;
          }
          expect(before).to.be.at.most(to - MINUTE);
          for (const { at } of acts) expect(at % 1_000).to.equal(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('O10: acts are in order of time, and the counts of modern handsets follow it', () => {
    for (const { acts, handset } of plan(3, 40, frequently).handsets) {
      acts.forEach((act, index) => {
        if (index > 0) expect(act.at).to.be.greaterThan(acts[index - 1]?.at ?? 0);
        expect(act.sequence).to.equal(handset.modern ? index + 1 : undefined);
      });
    }
  });

  it('O10: a stretch that did not crash begins with a LogIn and ends with its LogOut or another LogIn', () => {
    for (const { acts, sessions } of plan(4, 40, frequently).handsets) {
      for (const { from, to, service, programme, end } of sessions) {
        expect(acts.some((act) => act.at === from && act.type === 'LogInInfo' && act.programme === programme)).to.equal(
          true,
        );
        const last = acts.find((act) => act.at === to);
        if (end === 'logOut') expect(last).to.include({ type: 'LogOutInfo', service, programme });
        if (end === 'switched') expect(last?.type).to.equal('LogInInfo');
      }
    }
  });

  it('O10: every delivery repeats or carries planned acts, each act once, doubles after the first', () => {
    for (const { acts, deliveries, handset } of plan(5, 40, frequently).handsets) {
      const firsts = deliveries.filter(({ double }) => !double);
      expect(firsts.flatMap((delivery) => delivery.acts).toSorted((a, b) => a.at - b.at)).to.deep.equal(acts);
      const seen = new Set<unknown>();
      for (const { acts: carried, double, batch, sendAt } of deliveries) {
        expect(carried.every((act) => seen.has(act))).to.equal(double);
        for (const act of carried) {
          seen.add(act);
          expect(sendAt).to.be.at.least(act.at);
        }
        if (batch) expect(handset.modern).to.equal(true);
      }
    }
  });

  it('V12: with everything that goes wrong, reports give the expected sessions whatever their order', () => {
    const rules = { heartbeatMs: 2 * MINUTE, timeoutMs: 5 * MINUTE, capMs: 240 * MINUTE };
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { acts, handset, expected } of plan(seed, 10, frequently).handsets) {
          const reports = acts.map(({ at, type, service, programme, sequence }) => ({
            device: handset.number,
            viewer: 1,
            type,
            service,
            programme,
            sentAt: at,
            receivedAt: at,
            key: keyOf(`${type}${service}${programme}${at}`),
            verified: true,
            origin: 1,
            document: { template: 0, rest: '' },
            ...(sequence === undefined ? {} : { sequence }),
          }));
          const { sessions } = deriveSessions(reports.reverse(), rules);
          const told = sessions.filter(({ endedAt }) => endedAt !== undefined);
          const known = expected.slice(0, told.length); // the last may be open: a crash that nothing has followed
          expect(sessions.length).to.equal(expected.length);
          expect(
            told.map(({ service, programme, startedAt, endedAt, flags }) => [
              service,
              programme,
              startedAt,
              endedAt,
              flags,
            ]),
          ).to.deep.equal(
            known.map(({ service, programme, from, to, flags }) => [service, programme, from, to, flags]),
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('O10: people zap, stay through boundaries, crash, have bad clocks, batches, doubles and second devices', () => {
    const { handsets } = plan(6, 200);
    const sessions = handsets.flatMap((each) => each.sessions);
    const deliveries = handsets.flatMap((each) => each.deliveries);
    const zapped = sessions.filter(({ from, to }) => to - from < MINUTE).length;
    expect(zapped / sessions.length).to.be.within(0.2, 0.8);
    expect(sessions.some(({ from, end }) => end !== 'crashed' && from % (30 * MINUTE) === 0)).to.equal(true);
    expect(sessions.some(({ end }) => end === 'crashed')).to.equal(true);
    expect(sessions.some(({ companions }) => companions === 1)).to.equal(true);
    expect(deliveries.some(({ batch, acts }) => batch && acts.length > 1)).to.equal(true);
    expect(deliveries.some(({ double }) => double)).to.equal(true);
    const errors = handsets.map(({ handset }) => handset).filter(({ clockErrorMs }) => clockErrorMs !== 0);
    expect(errors.length).to.be.greaterThan(0);
    for (const { clockErrorMs, modern } of errors) {
      expect(modern).to.equal(true);
      expect(Math.abs(clockErrorMs)).to.be.within(5_000, 240_000);
    }
    expect(new Set(handsets.map(({ handset }) => handset.user)).size).to.equal(190);
  });

  it('O10: more is watched in the evening than before dawn', () => {
    const day = planFleet({ handsets: 300, hours: 24, seed: 9, startAt: Date.UTC(2026, 10, 20), services: SERVICES });
    const starts = day.handsets.flatMap(({ sessions }) => sessions.map(({ from }) => new Date(from).getUTCHours()));
    const evening = starts.filter((hour) => hour >= 19 && hour < 22).length;
    const night = starts.filter((hour) => hour >= 2 && hour < 5).length;
    expect(evening).to.be.greaterThan(5 * night);
  });

  it('O10: a service without a guide, and no service at all, can be planned', () => {
    const bare = planFleet({
      handsets: 20,
      hours: 6,
      seed: 1,
      startAt: START_AT,
      services: [{ id: '01', programmes: [] }],
    });
    const sessions = bare.handsets.flatMap((each) => each.sessions);
    expect(sessions.length).to.be.greaterThan(0);
    expect(new Set(sessions.map(({ programme }) => programme))).to.deep.equal(new Set(['']));
    const none = planFleet({ handsets: 2, hours: 6, seed: 1, startAt: START_AT, services: [] });
    expect(none.handsets.flatMap(({ acts }) => acts)).to.deep.equal([]);
  });
});

describe('expectSessions', () => {
  const session = (fromMinute: number, toMinute: number, more: Partial<TrueSession>): TrueSession => ({
    handset: 1,
    user: 'sim-00001',
    service: '01',
    programme: '11',
    from: START_AT + fromMinute * MINUTE,
    to: START_AT + toMinute * MINUTE,
    end: 'logOut',
    heartbeats: 0,
    companions: 0,
    ...more,
  });
  const told = (sessions: TrueSession[]) =>
    expectSessions(sessions).map(({ from, to, flags, clean }) => [
      (from - START_AT) / MINUTE,
      (to - START_AT) / MINUTE,
      flags,
      clean,
    ]);

  it('V12: a crash with heartbeats ends one interval after the last', () => {
    expect(told([session(0, 9, { end: 'crashed', heartbeats: 4 })])).to.deep.equal([[0, 10, ['capped'], false]]);
  });

  it('V12: a crash without heartbeats runs to the next LogIn, or to the cap', () => {
    const crash = session(0, 9, { end: 'crashed' });
    expect(told([crash])).to.deep.equal([[0, 240, ['capped'], false]]);
    expect(told([crash, session(30, 40, { service: '02' })])).to.deep.equal([
      [0, 30, ['switched'], false],
      [30, 40, [], true],
    ]);
  });

  it('V12: a LogIn for the same programme after a crash goes on with the session', () => {
    expect(told([session(0, 9, { end: 'crashed' }), session(30, 40, {})])).to.deep.equal([[0, 40, [], false]]);
  });
});

describe('the errands of a fleet', () => {
  const streamShare = 0.6;
  const errands = (seed: number, options = {}): FleetPlan =>
    planFleet({
      ...{ handsets: 200, hours: 12, seed, startAt: START_AT, services: SERVICES, items: ['sport', 'film'] },
      options: { streamShare, webSocketShare: 0.5, orderShare: 0.5, cancelShare: 0.5, ...options },
    });

  it('O10: a seed repeats them, and viewing is the same without them', () => {
    expect(JSON.stringify(errands(7))).to.equal(JSON.stringify(errands(7)));
    const acts = ({ handsets }: FleetPlan): unknown => handsets.map((handset) => [handset.acts, handset.deliveries]);
    expect(acts(errands(7))).to.deep.equal(acts(errands(7, { streamShare: 0, orderShare: 0 })));
    expect(
      errands(7, { streamShare: 0, orderShare: 0 }).handsets.flatMap(({ stream, orders }) => [stream ?? orders].flat()),
    ).to.deep.equal([]);
  });

  it('O10, G12: modern handsets alone hold streams, in both forms, and drop them', () => {
    const { handsets } = errands(7);
    const holding = handsets.filter(({ stream }) => stream !== undefined);
    expect(holding.every(({ handset }) => handset.modern)).to.equal(true);
    expect(new Set(holding.map(({ stream }) => stream?.form))).to.deep.equal(new Set(['sse', 'websocket']));
    for (const { stream } of holding) for (const ms of stream?.dropsAfterMs ?? []) expect(ms).to.be.within(500, 20_000);
  });

  it('O10, G7: one device of a user buys, inside the window, and cancels later; the truth tells it', () => {
    const plan = errands(7);
    const orders = plan.handsets.flatMap(({ handset, orders: own }) => own.map((order) => ({ ...handset, ...order })));
    expect(new Set(orders.map(({ user }) => user)).size)
      .to.equal(orders.length)
      .and.to.be.within(60, 130);
    for (const { item, at, cancelledAt = plan.to } of orders) {
      expect(item).to.be.oneOf(['sport', 'film']);
      expect(at).to.be.within(plan.from, plan.to - MINUTE);
      expect(cancelledAt).to.be.above(at).and.at.most(plan.to);
    }
    const truth = truthDocument(plan) as { orders: { user: string; item: string; at: string; cancelledAt?: string }[] };
    expect(truth.orders.map(({ user, item, at }) => [user, item, Date.parse(at)])).to.deep.equal(
      orders.map(({ user, item, at }) => [user, item, at]),
    );
    const cancelled = truth.orders.filter(({ cancelledAt }) => cancelledAt !== undefined);
    expect(cancelled.length).to.be.above(0).and.below(orders.length);
  });
});

describe('the truth of a fleet', () => {
  it('O10: where nothing goes wrong, expected and clean seconds are those of the stretches of a minute or more', () => {
    const smooth = plan(11, 60, SMOOTH);
    const truths = serviceTruths(smooth);
    expect(truths.map(({ service }) => service)).to.deep.equal(['01', '02', '03']);
    for (const { service, viewerSeconds, cleanViewerSeconds, reach, sessions, surfing } of truths) {
      const own = smooth.handsets.flatMap((each) => each.sessions).filter((each) => each.service === service);
      const long = own.filter(({ from, to }) => to - from >= MINUTE);
      expect(sessions).to.equal(own.length);
      expect(surfing).to.equal(own.length - long.length);
      expect(cleanViewerSeconds).to.equal(viewerSeconds);
      expect(viewerSeconds).to.be.at.most(long.reduce((total, { from, to }) => total + (to - from) / 1_000, 0));
      expect(reach).to.equal(new Set(long.map(({ user }) => user)).size);
    }
  });

  it('R2: a second on two devices of one user counts once', () => {
    const { seed, from, to, handsets } = plan(12, 2, SMOOTH);
    const [first, second] = handsets;
    if (first === undefined || second === undefined) throw new Error('two handsets were asked for');
    const seen = (handset: number, fromMinute: number, toMinute: number) => ({
      ...{ handset, user: 'sim-00001', service: '01', programme: '', flags: [], clean: true },
      from: START_AT + fromMinute * MINUTE,
      to: START_AT + toMinute * MINUTE,
    });
    const both = [
      { ...first, expected: [seen(1, 0, 10)] },
      { ...second, expected: [seen(2, 5, 15)] },
    ];
    expect(serviceTruths({ seed, from, to, handsets: both })).to.deep.equal([
      { service: '01', sessions: 2, surfing: 0, cleanViewerSeconds: 900, viewerSeconds: 900, reach: 1 },
    ]);
    // On two services at once it counts for the one turned to last, and for the other again when that ends.
    const elsewhere = [
      { ...first, expected: [seen(1, 0, 20)] },
      { ...second, expected: [{ ...seen(2, 5, 15), service: '02' }] },
    ];
    expect(serviceTruths({ seed, from, to, handsets: elsewhere })).to.deep.equal([
      { service: '01', sessions: 1, surfing: 0, cleanViewerSeconds: 600, viewerSeconds: 600, reach: 1 },
      { service: '02', sessions: 1, surfing: 0, cleanViewerSeconds: 600, viewerSeconds: 600, reach: 1 },
    ]);
    // Turned to at once, the lot decides, in whatever order the handsets come.
    const atOnce = [
      { ...first, expected: [seen(1, 0, 10)] },
      { ...second, expected: [{ ...seen(2, 0, 15), service: '02' }] },
    ];
    for (const handsets of [atOnce, atOnce.toReversed()]) {
      expect(
        serviceTruths({ seed, from, to, handsets }).map(({ service, viewerSeconds }) => [service, viewerSeconds]),
      ).to.deep.equal([
        ['01', 600],
        ['02', 300],
      ]);
    }
  });

  it('O10: the document counts what is sent, doubles apart', () => {
    const full = plan(13, 40, frequently);
    const acts = full.handsets.reduce((total, each) => total + each.acts.length, 0);
    const document = truthDocument(full) as {
      distinctReports: number;
      doubles: number;
      reportsSent: number;
      from: string;
    };
    expect(document.distinctReports).to.equal(acts);
    expect(document.reportsSent).to.equal(acts + document.doubles);
    expect(document.from).to.equal('2026-11-20T12:00:00.000Z');
  });

  it('O10: accounts follow from the seed and cover every user of a plan', () => {
    const accounts = simulatedAccounts(40, 7);
    expect(accounts).to.have.length(38);
    expect(accounts[0]?.user).to.equal('sim-00001');
    expect(accounts[0]?.password).to.match(/^[\w-]{22}$/);
    expect(simulatedAccounts(40, 7)).to.deep.equal(accounts);
    const regions = new Set(simulatedAccounts(400, 7).map(({ demographics }) => demographics.region));
    const ages = new Set(simulatedAccounts(400, 7).map(({ demographics }) => demographics.age));
    expect(regions).to.deep.equal(new Set(['North', 'South', 'East', 'West']));
    expect(ages).to.have.property('size', 5);
    expect(simulatedAccounts(40, 8)[0]?.password).to.not.equal(accounts[0]?.password);
    expect(new Set(plan(7).handsets.map(({ handset }) => handset.user))).to.deep.equal(
      new Set(accounts.map(({ user }) => user)),
    );
  });
});
