// R7's invariants against a slow second-by-second oracle, in both bases (ratings R2-R4, R7; viewing V12).

import { hash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Figures } from '../../../../reports/figures/figures.ts';
import { intersect, type Span, subtract, unite } from '../../../../reports/figures/spans.ts';
import { type Base, createTally, type TallyOptions } from '../../../../reports/figures/tally.ts';
import type { Target } from '../../../../reports/figures/target.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { batchOf } from '../../../support/viewing-rows.ts';

const END = 900; // a quarter-hour is long enough for every case of minutes and short enough for thousands of runs
const SERVICES = ['a', 'b', 'c'];
const DWELL_S = 20;

interface Case {
  rows: ViewingRow[];
  measured: Span[][];
  slots: Span[];
  window: Span;
  base: Base;
  kSeconds: number;
  kind: 'consecutive' | 'cumulative';
}

const span = (max: number): fc.Arbitrary<Span> =>
  fc.tuple(fc.nat(max), fc.nat(max)).map(([x, y]) => ({ from: Math.min(x, y), to: Math.max(x, y) }));

const session: fc.Arbitrary<ViewingRow> = fc
  .record({
    viewer: fc.integer({ min: 1, max: 4 }),
    device: fc.integer({ min: 1, max: 3 }),
    service: fc.constantFrom(...SERVICES),
    at: fc.nat(END),
    length: fc.oneof(fc.nat(DWELL_S + 5), fc.nat(400)),
  })
  .map(({ at, length, ...row }) => ({
    ...row,
    programme: '',
    startedAt: at * 1000,
    endedAt: (at + length) * 1000,
    imputedMs: 0,
  }));

const cases: fc.Arbitrary<Case> = fc.record({
  // two sessions of one viewer that start at once on one device are no longer ordered by anything
  rows: fc.uniqueArray(session, { maxLength: 14, selector: (r) => `${r.viewer}/${r.device}/${r.startedAt}` }),
  measured: fc.oneof(
    fc.constant(SERVICES.map(() => [{ from: 0, to: END }])),
    fc.tuple(...SERVICES.map(() => fc.array(span(END), { maxLength: 3 }).map(unite))),
  ),
  slots: fc.array(span(END), { maxLength: 4 }),
  window: span(END).map(({ from, to }) => ({ from, to: to + 1 })),
  base: fc.constantFrom<Base>('second', 'minute'),
  kSeconds: fc.nat(200),
  kind: fc.constantFrom('consecutive', 'cumulative'),
});

const viewersOf = (rows: ViewingRow[]): Map<number, ViewingRow[]> => Map.groupBy(rows, ({ viewer }) => viewer);

/** Decides between two that start at once (D26). */
const lotOf = ({ startedAt, service }: ViewingRow): string => hash('sha256', `${startedAt} ${service}`);

/** What each viewer is on at each second, by the letter of the rules. */
function watching({ rows, measured, base }: Case): Map<number, (string | undefined)[]> {
  const isMeasured = (service: string, s: number): boolean =>
    (measured[SERVICES.indexOf(service)] ?? []).some(({ from, to }) => from <= s && s < to);
  const result = new Map<number, (string | undefined)[]>();
  for (const [viewer, own] of viewersOf(rows)) {
    const line: (string | undefined)[] = [];
    for (let s = 0; s < END + 460; s++) {
      const on = own
        .filter((r) => r.endedAt - r.startedAt >= DWELL_S * 1000 && r.startedAt <= s * 1000 && s * 1000 < r.endedAt)
        .sort((x, y) => y.startedAt - x.startedAt || (lotOf(y) > lotOf(x) ? 1 : -1))[0]?.service;
      line.push(on !== undefined && isMeasured(on, s) ? on : undefined);
    }
    if (base === 'minute') {
      for (let m = 0; m * 60 < line.length; m++) {
        const minute = line.slice(m * 60, m * 60 + 60);
        const seconds = (service: string): number => minute.filter((on) => on === service).length;
        const total = minute.filter((on) => on !== undefined).length;
        const best = [...SERVICES].sort(
          (x, y) => seconds(y) - seconds(x) || minute.lastIndexOf(y) - minute.lastIndexOf(x),
        )[0];
        for (let s = m * 60; s < Math.min(m * 60 + 60, line.length); s++) {
          line[s] = total >= 30 && best !== undefined && isMeasured(best, s) ? best : undefined;
        }
      }
    }
    result.set(viewer, line);
  }
  return result;
}

interface Slot {
  service: string;
  parts: Span[];
}

/** Programme slots as a schedule has them: one after the other on service a. */
function targetsOf({ slots, window }: Case): Record<'services' | 'programmes' | 'minutes', Slot[]> {
  const programmes: Slot[] = [];
  let taken: Span[] = [];
  for (const slot of slots) {
    const parts = subtract(unite([slot]), taken);
    programmes.push({ service: 'a', parts });
    taken = unite([...taken, slot]);
  }
  const services = SERVICES.map((service) => ({ service, parts: [window] }));
  const minutes = [3, 4, 5, 6, 7].map((minute) => ({
    service: 'a',
    parts: [{ from: minute * 60, to: minute * 60 + 60 }],
  }));
  return { services, programmes, minutes };
}

const targetOf = ({ service, parts }: Slot): Target => ({
  lanes: [{ service, parts: parts.map((part) => ({ ...part, broadcast: 0 })) }],
  extent: 'union',
});

function tallied(one: Case, targets: readonly Target[], changes: Partial<TallyOptions> = {}) {
  const tally = createTally({
    window: one.window,
    base: one.base,
    reach: one,
    universe: 10,
    services: SERVICES,
    targets,
    measuredWithin: (service) => one.measured[SERVICES.indexOf(service)] ?? [],
    dwellMsOf: () => DWELL_S * 1000,
    ...changes,
  });
  const { batch, services } = batchOf(one.rows);
  tally.add(batch, services);
  return tally.finish();
}

function run(one: Case, slots: readonly Slot[], window = one.window) {
  const { rows, total } = tallied({ ...one, window }, slots.map(targetOf));
  return { total, rows: slots.map((slot, place) => ({ slot, figures: rows[place]?.groups[0] as Figures })) };
}

function oracle(one: Case, service: string, parts: Span[]) {
  const measured = one.measured[SERVICES.indexOf(service)] ?? [];
  const seconds: number[] = [];
  for (const { from, to } of intersect(intersect(unite(parts), [one.window]), measured)) {
    for (let s = from; s < to; s++) seconds.push(s);
  }
  let [viewerSeconds, total, reach, viewers] = [0, 0, 0, 0];
  const minutes = new Map<number, { watched: number; length: number }>();
  for (const s of seconds) {
    const minute = minutes.get(Math.floor(s / 60)) ?? { watched: 0, length: 0 };
    minute.length++;
    minutes.set(Math.floor(s / 60), minute);
  }
  for (const line of watching(one).values()) {
    let [own, run, longest, before] = [0, 0, 0, -2];
    for (const s of seconds) {
      if (line[s] !== undefined) total++;
      if (line[s] !== service) continue;
      own++;
      run = s === before + 1 ? run + 1 : 1;
      before = s;
      longest = Math.max(longest, run);
      const minute = minutes.get(Math.floor(s / 60));
      if (minute !== undefined) minute.watched++;
    }
    viewerSeconds += own;
    if (own > 0) viewers++;
    if ((one.kind === 'consecutive' ? longest : own) >= Math.max(1, one.kSeconds)) reach++;
  }
  const audiences = [...minutes.values()].map(({ watched, length }) => watched / length);
  return {
    measuredS: seconds.length,
    viewerSeconds,
    total,
    reach,
    viewers,
    peak: Math.max(...audiences),
    lowest: Math.min(...audiences),
  };
}

describe('tally', () => {
  it('R2, R3, R4: agree with a second-by-second count, both bases', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { services, programmes, minutes } = targetsOf(one);
        for (const targets of [services, programmes, minutes]) {
          for (const { slot, figures } of run(one, targets).rows) {
            const expected = oracle(one, slot.service, slot.parts);
            expect(figures.measuredS).to.equal(expected.measuredS);
            expect(figures.viewerSeconds).to.equal(expected.viewerSeconds);
            expect(figures.viewers).to.equal(expected.viewers);
            expect(figures.reached).to.equal(expected.reach);
            if (expected.measuredS === 0) {
              expect(figures).to.have.all.keys('measuredS', 'universe', 'viewerSeconds', 'viewers', 'reached');
              continue;
            }
            expect(figures.reach).to.equal(expected.reach);
            expect(figures.put).to.be.closeTo((100 * expected.total) / (expected.measuredS * 10), 1e-9);
            expect(figures.peak?.audience).to.equal(expected.peak);
            expect(figures.lowest?.audience).to.equal(expected.lowest);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('R7: AMR <= reach(0) <= U; AMR times |W| is the viewer-seconds; nobody exceeds |W|; no NaN', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { rows, total } = run({ ...one, kSeconds: 0 }, targetsOf(one).services);
        for (const figures of [...rows.map((row) => row.figures), total]) {
          for (const value of Object.values(figures))
            if (typeof value === 'number') expect(value).to.satisfy(Number.isFinite);
          expect(figures.viewerSeconds).to.be.at.most(figures.measuredS * figures.viewers);
          if (figures.averageAudience === undefined) continue;
          expect(figures.averageAudience).to.be.at.most(figures.reach ?? -1);
          expect(figures.reach).to.be.at.most(10);
          expect(figures.averageAudience * figures.measuredS).to.be.closeTo(figures.viewerSeconds, 1e-6);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('R7: with the same W shares sum to 100, and ratings to the PUT, which is at most 100', () => {
    const sum = (rows: { figures: Figures }[], key: 'share' | 'rating'): number =>
      rows.reduce((total, { figures }) => total + (figures[key] ?? 0), 0);
    fc.assert(
      fc.property(cases, span(END), (one, measured) => {
        const same = { ...one, measured: SERVICES.map(() => unite([measured])) };
        const { rows, total } = run(same, targetsOf(same).services);
        if (total.put === undefined) {
          expect(sum(rows, 'rating')).to.equal(0);
          return;
        }
        expect(total.put).to.be.at.most(100);
        expect(sum(rows, 'rating')).to.be.closeTo(total.put, 1e-9);
        for (const { figures } of rows) expect(figures.put).to.be.closeTo(total.put, 1e-9);
        expect(sum(rows, 'share')).to.be.closeTo(total.viewerSeconds === 0 ? 0 : 100, 1e-9);
      }),
      { numRuns: 300 },
    );
  });

  it('R7: the parts of a day sum to the day, both bases', () => {
    fc.assert(
      fc.property(cases, fc.nat(END), (one, at) => {
        const whole = { from: 0, to: END };
        const secondsIn = (window: Span): number[] =>
          run(
            one,
            SERVICES.map((service) => ({ service, parts: [window] })),
            window,
          ).rows.map((r) => r.figures.viewerSeconds);
        const first = secondsIn({ from: 0, to: at });
        const second = secondsIn({ from: at, to: END });
        expect(first.map((seconds, i) => seconds + (second[i] ?? 0))).to.deep.equal(secondsIn(whole));
      }),
      { numRuns: 300 },
    );
  });

  it('R3: groups of people or of sessions sum to all, and groups of people have reaches that do', () => {
    const every = { lanes: [], everyService: [{ from: 0, to: END, broadcast: 0 }], extent: 'union' as const };
    const groupOf = (viewer: number): number => (viewer === 4 ? -1 : viewer % 2);
    fc.assert(
      fc.property(cases, fc.boolean(), (one, byDevice) => {
        const targets = [...SERVICES.map((service) => targetOf({ service, parts: [one.window] })), every];
        const whole = tallied({ ...one, rows: one.rows.filter(({ viewer }) => viewer !== 4) }, targets);
        const parted = tallied(one, targets, {
          segmentation: {
            names: ['even', 'odd'],
            universes: [6, 4],
            segmentOf: (viewer, device) => (viewer === 4 ? -1 : byDevice ? device % 2 : groupOf(viewer)),
          },
        });
        for (const [place, { groups }] of whole.rows.entries()) {
          const [all] = groups as [Figures];
          const even = parted.rows[place]?.groups[0] as Figures;
          const odd = parted.rows[place]?.groups[1] as Figures;
          expect(even.viewerSeconds + odd.viewerSeconds).to.equal(all.viewerSeconds);
          if (!byDevice) expect(even.reached + odd.reached).to.equal(all.reached);
          expect(even.viewers + odd.viewers).to.be.at.least(all.viewers);
        }
        expect(parted.total.viewerSeconds).to.equal(whole.total.viewerSeconds);
        expect(parted.rows[3]?.groups.reduce((sum, { viewerSeconds }) => sum + viewerSeconds, 0)).to.equal(
          whole.total.viewerSeconds,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('R2: gross rating points are the sum of the broadcasts’ ratings; the average audience is that of one', () => {
    fc.assert(
      fc.property(
        cases,
        fc.array(fc.tuple(fc.constantFrom(...SERVICES), span(END)), { maxLength: 5 }),
        (one, drawn) => {
          const free = drawn.filter(
            ([service, { from, to }], place) =>
              from < to &&
              drawn.slice(0, place).every(([on, slot]) => on !== service || slot.to <= from || to <= slot.from),
          );
          const slots = free.map(([service, slot]): Slot => ({ service, parts: [slot] }));
          const series: Target = {
            lanes: SERVICES.map((service) => ({
              service,
              parts: free.flatMap(([on, slot], broadcast) => (on === service ? { ...slot, broadcast } : [])),
            })),
            extent: 'sum',
          };
          const single = run(one, slots).rows.map(({ figures }) => figures);
          const together = tallied(one, [series]).rows[0]?.groups[0] as Figures;
          const sum = (of: (figures: Figures) => number): number =>
            single.reduce((all, figures) => all + of(figures), 0);
          expect(together.measuredS).to.equal(sum(({ measuredS }) => measuredS));
          expect(together.viewerSeconds).to.equal(sum(({ viewerSeconds }) => viewerSeconds));
          if (together.measuredS === 0) return;
          expect(together.grp).to.be.closeTo(
            sum(({ rating }) => rating ?? 0),
            1e-9,
          );
          expect(together.reached).to.be.at.most(sum(({ viewers }) => viewers));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('R2: weights count in seconds and reach, and nobody of weight 0 is counted', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const targets = SERVICES.map((service) => targetOf({ service, parts: [one.window] }));
        const weightOf = (viewer: number): number => viewer - 1;
        const weighted = tallied(one, targets, { weightOf });
        const alone = [1, 2, 3, 4].map((viewer) =>
          tallied({ ...one, rows: one.rows.filter((row) => row.viewer === viewer) }, targets),
        );
        for (const [place, { groups }] of weighted.rows.entries()) {
          const own = alone.map(({ rows }) => rows[place]?.groups[0] as Figures);
          const sum = (of: (figures: Figures) => number): number =>
            own.reduce((all, figures, index) => all + index * of(figures), 0);
          expect(groups[0]?.viewerSeconds).to.equal(sum(({ viewerSeconds }) => viewerSeconds));
          expect(groups[0]?.reach ?? 0).to.equal(sum(({ reach = 0 }) => reach));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('R5: the imputed end of a session is told, and a session that goes on later counts once', () => {
    const session = (device: number, service: string, from: number, to: number, imputedMs = 0): ViewingRow => ({
      ...{ viewer: 1, device, service, programme: '' },
      ...{ startedAt: from * 1000, endedAt: to * 1000, imputedMs },
    });
    const one: Case = {
      rows: [session(1, 'a', 0, 600, 120_000), session(2, 'b', 100, 200)],
      measured: SERVICES.map(() => [{ from: 0, to: END }]),
      slots: [],
      window: { from: 50, to: 540 },
      base: 'second',
      kSeconds: 0,
      kind: 'cumulative',
    };
    const { ground } = tallied(
      one,
      SERVICES.map((service) => targetOf({ service, parts: [one.window] })),
    );
    expect(ground).to.deep.equal({ viewers: 1, sessions: 2, seconds: 490, imputedSeconds: 60 });
  });

  it('V12: a service that the guide does not know is part of all, and has a row when it is seen', () => {
    const one: Case = {
      rows: [{ viewer: 1, device: 1, service: 'x', programme: '', startedAt: 0, endedAt: 300_000, imputedMs: 0 }],
      measured: SERVICES.map(() => [{ from: 100, to: 200 }]),
      slots: [],
      window: { from: 0, to: END },
      base: 'second',
      kSeconds: 0,
      kind: 'cumulative',
    };
    const every: Target = { lanes: [], everyService: [{ from: 0, to: END, broadcast: 0 }], extent: 'union' };
    const { rows } = tallied(one, [every], {
      measuredWithin: (service) => (service === 'x' ? [{ from: 0, to: END }] : [{ from: 100, to: 200 }]),
      admit: (service) => [targetOf({ service, parts: [{ from: 0, to: END }] })],
    });
    expect(
      rows.map(({ groups: [figures] }) => [figures?.measuredS, figures?.viewerSeconds, figures?.peak?.at]),
    ).to.deep.equal([
      [END, 300, 0],
      [END, 300, 0],
    ]);
  });
});
