// What the tests of overlaps measure: three services, two of them of one provider, over plain arrays (ratings R2).

import fc from 'fast-check';
import type { GuideProgramme } from '../../../../reports/breakdown/broadcasts.ts';
import type { Reach } from '../../../../reports/figures/cell-sums.ts';
import { createTally, type TallyOptions } from '../../../../reports/figures/tally.ts';
import type { Target } from '../../../../reports/figures/target.ts';
import { createOverlaps, type Overlaps } from '../../../../reports/overlap/overlaps.ts';
import { createMeasurement } from '../../../../reports/ratings/measurement.ts';
import { DEFAULT_RULES } from '../../../../reports/ratings/rules.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { batchOf } from '../../../support/viewing-rows.ts';
import { stage } from '../ratings/stage.ts';

const DAY = '2007-08-09T';
/** `11:05` of the day, epoch ms. */
export const clock = (time: string): number => Date.parse(`${DAY}${time}${time.length === 5 ? ':00' : ''}Z`);

export const watched = (viewer: number, service: string, from: string, to: string): ViewingRow => ({
  ...{ viewer, device: viewer, service, programme: '', imputedMs: 0 },
  startedAt: clock(from),
  endedAt: clock(to),
});

export const slot = (id: string, service: string, from: string, to: string, series?: string): GuideProgramme => ({
  ...{ id, service, title: id, startAt: clock(from), stopAt: clock(to) },
  ...(series === undefined ? {} : { series }),
});

/** 01 and 03 are of acme, 02 is of another. It is `now` there; nothing is left out of a provider's unless `below` is 2 or more. */
export function overlapsOf(changes: {
  sessions: ViewingRow[];
  programmes: GuideProgramme[];
  weightOf?: (viewer: number) => number;
  below?: number;
  now?: string;
}): Overlaps {
  const { below = 0, now, ...rest } = changes;
  const deps = stage({ ...rest, ...(now === undefined ? {} : { now: clock(now) }) });
  const services = [
    { id: '01', name: 'One', provider: 'acme' },
    { id: '02', name: 'Two', provider: 'other' },
    { id: '03', name: 'Three', provider: 'acme' },
  ];
  const guide = { ...deps.guide, listServices: async () => services };
  const rules = { ...DEFAULT_RULES, suppressBelow: below };
  return createOverlaps({ measurement: createMeasurement({ ...deps, guide, dwellMs: 60_000 }), guide, rules });
}

export const END_S = 1_800;
export const SERVICES = ['01', '02', '03'];

/** Viewers who watch one thing after another within half an hour of epoch seconds from 0. */
export const viewing: fc.Arbitrary<ViewingRow[]> = fc
  .array(
    fc.array(fc.record({ gap: fc.nat(400), length: fc.integer({ min: 1, max: 700 }), service: fc.nat(2) }), {
      maxLength: 6,
    }),
    { maxLength: 7 },
  )
  .map((viewers) =>
    viewers.flatMap((pieces, viewer) => {
      let at = 0;
      return pieces.flatMap(({ gap, length, service }): ViewingRow[] => {
        const from = at + gap;
        at = Math.min(END_S, from + length);
        if (from >= at) return [];
        const named = { viewer, device: viewer, service: SERVICES[service] as string, programme: '', imputedMs: 0 };
        return [{ ...named, startedAt: from * 1000, endedAt: at * 1000 }];
      });
    }),
  );

export const reaches: fc.Arbitrary<Reach> = fc.record({
  kSeconds: fc.nat(300),
  kind: fc.constantFrom('consecutive', 'cumulative'),
});

export const weightOf = (viewer: number): number => viewer % 3; // some are not of the universe

/** Asks a tally of the half hour; what it tells `watch` is the test's. */
export function tallyOf(rows: ViewingRow[], targets: Target[], reach: Reach, watch?: TallyOptions['watch']) {
  const tally = createTally({
    window: { from: 0, to: END_S },
    base: 'second',
    reach,
    universe: 100,
    services: SERVICES,
    targets,
    measuredWithin: () => [{ from: 0, to: END_S }],
    dwellMsOf: () => 0,
    weightOf,
    ...(watch === undefined ? {} : { watch }),
  });
  const { batch, services } = batchOf(rows);
  tally.add(batch, services);
  return tally.finish();
}

/** Second by second: whether the viewer is reached on the service in [from, to). */
export function isReached(
  rows: ViewingRow[],
  viewer: number,
  service: string,
  span: { from: number; to: number },
  { kSeconds, kind }: Reach,
): boolean {
  let [run, longest, total] = [0, 0, 0];
  for (let second = span.from; second < span.to; second++) {
    const isOn = rows.some(
      (row) =>
        row.viewer === viewer &&
        row.service === service &&
        row.startedAt <= second * 1000 &&
        second * 1000 < row.endedAt,
    );
    run = isOn ? run + 1 : 0;
    total += isOn ? 1 : 0;
    longest = Math.max(longest, run);
  }
  return (kind === 'consecutive' ? longest : total) >= Math.max(1, kSeconds);
}

export const viewersOf = (rows: ViewingRow[]): number[] => [...new Set(rows.map(({ viewer }) => viewer))];
