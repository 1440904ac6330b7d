// Nobody's viewing is had by adding and subtracting what a provider is shown (ratings R14).

import { expect } from 'chai';
import fc from 'fast-check';
import { type Breakdown, readBreakdown } from '../../../../reports/breakdown/breakdown.ts';
import type { GuideProgramme } from '../../../../reports/breakdown/broadcasts.ts';
import { DAYPARTS } from '../../../../reports/breakdown/dayparts.ts';
import type { RatingCriteria } from '../../../../reports/ratings/rating-criteria.ts';
import { createRatings } from '../../../../reports/ratings/ratings.ts';
import { DEFAULT_RULES } from '../../../../reports/ratings/rules.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { canTell } from '../../../support/linear-algebra.ts';
import { stage } from '../ratings/stage.ts';

const DAY = Date.parse('2026-03-10T02:00:00Z'); // a broadcast day in UTC
const HOUR = 3_600_000;
const LEAST = 3;

/** Each is asked for the day, for single hours, and for the hours from or to one; the two services are of one provider. */
const BREAKDOWNS = ['service', 'programme', 'service,minute', 'service,quarter-hour', 'service,hour', 'service,daypart']
  .concat(['all', 'provider', 'genre', 'provider,hour', 'programme,quarter-hour', 'region', 'service,region'])
  .concat(['programme,region', 'service,hour,region', 'service,day']);

const MINUTES = 120;

/** One of them ends within a quarter-hour. */
const programmes: GuideProgramme[] = ['01', '03'].flatMap((service) =>
  [0, 30, 50, 90].flatMap((minute, place, all) => {
    const startAt = DAY + minute * 60_000;
    const stopAt = DAY + (all[place + 1] ?? MINUTES) * 60_000;
    return { id: `p${minute}`, service, title: '', startAt, stopAt, categories: [place % 2 === 0 ? 'news' : 'film'] };
  }),
);

interface Watched {
  viewer: number;
  service: string;
  fromMinute: number;
  minutes: number;
}

const audience: fc.Arbitrary<Watched[]> = fc.array(
  fc.record({
    viewer: fc.integer({ min: 1, max: 12 }),
    service: fc.constantFrom('01', '03'),
    fromMinute: fc.integer({ min: 0, max: MINUTES - 5 }),
    minutes: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 30, max: MINUTES })),
  }),
  { minLength: 1, maxLength: 30 },
);

const rowsOf = (watched: readonly Watched[]): ViewingRow[] => {
  const byViewer = Map.groupBy(watched, ({ viewer }) => viewer);
  return [...byViewer.values()].flatMap((own) => {
    let free = 0; // one device: nothing overlaps
    return own
      .toSorted((a, b) => a.fromMinute - b.fromMinute)
      .flatMap(({ viewer, service, fromMinute, minutes }): ViewingRow[] => {
        const from = Math.max(free, fromMinute);
        const to = Math.min(MINUTES, from + minutes);
        if (from >= to) return [];
        free = to;
        return [
          {
            ...{ viewer, device: viewer, service, programme: '', imputedMs: 0 },
            startedAt: DAY + from * 60_000,
            endedAt: DAY + to * 60_000,
          },
        ];
      });
  });
};

/** Unknowns: the seconds of each minute of each service by region. */
const unknownOf = (service: string, minute: number, region: number): number =>
  ((service === '01' ? 0 : MINUTES) + minute) * 2 + region;
const UNKNOWNS = 4 * MINUTES;

function truth(rows: readonly ViewingRow[]): { viewers: Set<number>; seconds: number }[] {
  const cells = Array.from({ length: UNKNOWNS }, () => ({ viewers: new Set<number>(), seconds: 0 }));
  for (const { viewer, service, startedAt, endedAt } of rows) {
    for (let at = startedAt; at < endedAt; at += 60_000) {
      const cell = cells[unknownOf(service, (at - DAY) / 60_000, viewer % 2)];
      cell?.viewers.add(viewer);
      if (cell !== undefined) cell.seconds += 60;
    }
  }
  return cells;
}

/** Which unknowns a row's viewer-seconds are the sum of. */
function equationOf(row: { [key: string]: unknown }, by: Breakdown, window: { from: number; to: number }): Set<number> {
  const at = (key: string, otherwise: number): number => (row[key] as number | undefined) ?? otherwise;
  const services = row.service === undefined ? ['01', '03'] : [String(row.service)];
  const isIn = (service: string, minute: number): boolean => {
    const time = DAY + minute * 60_000;
    if (time < window.from || time >= window.to) return false;
    if (time < at('startAt', window.from) || time >= at('stopAt', window.to)) return false;
    if (row.daypart !== undefined && row.daypart !== daypartOf(minute)) return false;
    const programme = programmes.find((one) => one.service === service && one.startAt <= time && time < one.stopAt);
    if (row.programme !== undefined && programme?.id !== row.programme) return false;
    return row.genre === undefined || programme?.categories?.includes(String(row.genre)) === true;
  };
  const terms = new Set<number>();
  for (const service of services) {
    for (let minute = 0; minute < MINUTES; minute++) {
      if (!isIn(service, minute)) continue;
      for (const region of row.region === undefined ? [0, 1] : [row.region === 'north' ? 0 : 1]) {
        terms.add(unknownOf(service, minute, region));
      }
    }
  }
  expect(by.people === undefined).to.equal(row.region === undefined);
  return terms;
}

function daypartOf(minute: number): string | undefined {
  const hour = 2 + Math.floor(minute / 60);
  return DAYPARTS.find(({ fromHour, toHour }) => fromHour <= hour && hour < toHour)?.name;
}

describe('disclosure control', () => {
  it('R14: no minute, and no group in one, of few people can be worked out from all that a provider may ask', async () => {
    let [shown, hidden] = [0, 0];
    await fc.assert(
      fc.asyncProperty(audience, async (watched) => {
        const rows = rowsOf(watched);
        const deps = stage({ sessions: rows, programmes, now: DAY + 48 * HOUR });
        const guide = {
          ...deps.guide,
          listServices: async () => [
            { id: '01', name: 'One', provider: 'acme' },
            { id: '03', name: 'Three', provider: 'acme' },
          ],
        };
        const ratings = createRatings({ ...deps, guide, rules: { ...DEFAULT_RULES, suppressBelow: LEAST } });
        const windows = [0, 1].flatMap((hour) => [
          { from: DAY, to: DAY + (hour + 1) * HOUR },
          { from: DAY + hour * HOUR, to: DAY + 24 * HOUR },
          { from: DAY + hour * HOUR, to: DAY + (hour + 1) * HOUR },
        ]);
        const equations: Set<number>[] = [];
        for (const window of windows) {
          for (const text of BREAKDOWNS) {
            const by = readBreakdown(text);
            const asked: RatingCriteria = {
              ...window,
              by,
              base: 'second',
              reach: { kSeconds: 0, kind: 'cumulative' },
              provider: 'acme',
            };
            const { items } = await ratings.rate(asked);
            for (const item of items) {
              if (item.suppressed === true) hidden++;
              else shown++;
              if (item.suppressed !== true) equations.push(equationOf({ ...item }, by, window));
            }
          }
        }
        const cells = truth(rows);
        const byMinute = Array.from({ length: UNKNOWNS / 2 }, (_, place) => [cells[place * 2], cells[place * 2 + 1]]);
        for (const [place, [north, south]] of byMinute.entries()) {
          const people = (north?.viewers.size ?? 0) + (south?.viewers.size ?? 0);
          if (people > 0 && people < LEAST) {
            expect(canTell(equations, new Set([place * 2, place * 2 + 1]), UNKNOWNS), `minute ${place}`).to.equal(
              false,
            );
          }
          for (const [region, cell] of [north, south].entries()) {
            const few = cell?.viewers.size ?? 0;
            if (few > 0 && few < LEAST) {
              expect(canTell(equations, new Set([place * 2 + region]), UNKNOWNS), `group ${place}`).to.equal(false);
            }
          }
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
    expect(shown).to.be.above(100);
    expect(hidden).to.be.above(100);
  });
});
