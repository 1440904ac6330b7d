// One reading of viewing for rating figures: what is asked of it, what it rests on, what comes out (ratings R1-R5).

import { Problem } from '../../server/problem.ts';
import type { PeopleDimension } from '../breakdown/breakdown.ts';
import type { Breakdowns } from '../breakdown/breakdowns.ts';
import { type GuideProgramme, type GuideService, toSpans } from '../breakdown/broadcasts.ts';
import type { PeopleReading } from '../breakdown/people.ts';
import type { Reach } from '../figures/cell-sums.ts';
import { secondOf } from '../figures/clean-viewing.ts';
import type { Span } from '../figures/spans.ts';
import { type Base, createTally, type Tally, type TallyOptions } from '../figures/tally.ts';
import type { Segmentation } from '../figures/target.ts';
import type { ReadViewing, ViewingBatch } from '../viewing/viewing-batch.ts';
import { WINDOW_LIMIT_MS } from './rules.ts';

export interface GuidePort {
  /** In the order of the guide. */
  listServices(): Promise<GuideService[]>;
  /** Programmes whose slot overlaps [from, to), epoch ms. */
  listProgrammes(window: { from: number; to: number }): Promise<GuideProgramme[]>;
  /** What of [from, to) is measured on the service, by policy for one that the guide doesn't know; epoch ms (G5). */
  measuredWithin(service: string, from: number, to: number): { from: number; to: number }[];
  /** Names the schedule that figures rest on. */
  revision(): Promise<string>;
}

/** Everyone who could be watching. */
export type Universe = PeopleReading['universe'];

export interface MeasurementDeps {
  readViewing: ReadViewing;
  /** Names the viewing of [from, to), epoch ms: it changes when that does. */
  dataRevision(window: { from: number; to: number }): Promise<string>;
  guide: GuidePort;
  people: Breakdowns;
  clock: () => number;
  /** The dwell of services to which the guide gives none, in ms. */
  dwellMs: number;
  /** How long viewing is kept, ms. */
  retentionMs: number;
}

/** A window in epoch ms, half-open. */
interface Asked {
  from: number;
  to: number;
  base: Base;
  reach: Reach;
  /** Splits the audience. */
  people?: PeopleDimension;
  /** A window that isn't over ends with a quarter-hour: what is seen a moment after it began would tell of those few seconds (R14). */
  isInQuarterHours?: boolean;
}

/** What figures of a window rest on, read before its viewing is. */
export interface Ground {
  now: number;
  /** Figures cover [from, through): a window that isn't over ends now. */
  through: number;
  /** The same in epoch seconds. */
  window: Span;
  services: GuideService[];
  universe: Universe;
  segmentation?: Segmentation;
  /** 0: not of the universe. */
  weightOf(viewer: number): number;
  guideRevision: string;
  dataRevision: string;
}

/** Options of a tally that the ground does not give. */
export type TallyAsked = Pick<TallyOptions, 'targets' | 'admit' | 'watch'> & { span?: Span; isOfPeople?: boolean };

export interface Measurement {
  /** Problem `invalid` for a window that is empty or too long, `gone` for one whose viewing is no longer kept. */
  prepare(asked: Asked): Promise<Ground>;
  /** Reads the window's viewing once, for several tallies of it; `see` is shown each batch, too. */
  run(
    asked: Asked,
    ground: Ground,
    tallies: readonly TallyAsked[],
    see?: (batch: ViewingBatch, services: readonly string[], programmes: readonly string[]) => void,
  ): Promise<Tally[]>;
}

const QUARTER_HOUR_MS = 900_000;

export function createMeasurement(deps: MeasurementDeps): Measurement {
  const { guide } = deps;
  return {
    async prepare(asked) {
      checkWindow(asked.from, asked.to);
      const now = deps.clock();
      if (asked.from < now - deps.retentionMs)
        throw new Problem(
          'gone',
          'the viewing of that time is no longer kept: a report that was made then is found by its criteria',
        );
      const present = asked.isInQuarterHours === true ? Math.floor(now / QUARTER_HOUR_MS) * QUARTER_HOUR_MS : now;
      const through = now < asked.to ? Math.max(asked.from, present) : asked.to;
      const [services, people, guideRevision, dataRevision] = await Promise.all([
        guide.listServices(),
        deps.people.read(),
        guide.revision(),
        deps.dataRevision({ from: asked.from, to: through }),
      ]);
      const { universe, weightOf } = people;
      if (!(universe.weight >= 0 && universe.weight < Number.POSITIVE_INFINITY)) {
        throw new Error(`the universe is ${universe.weight}`);
      }
      return {
        now,
        through,
        window: { from: secondOf(asked.from), to: secondOf(through) },
        services,
        universe,
        weightOf,
        ...(asked.people === undefined ? {} : { segmentation: await people.segmentation(asked.people) }),
        guideRevision,
        dataRevision,
      };
    },

    async run({ base, reach }, ground, tallies, see) {
      const { services, universe, segmentation, weightOf } = ground;
      const dwells = new Map(services.map(({ id, dwellMs }) => [id, dwellMs]));
      const spans = [ground.window, ...tallies.flatMap(({ span }) => span ?? [])];
      const from = Math.floor(Math.min(...spans.map((span) => span.from)) / 60) * 60_000;
      const to = Math.ceil(Math.max(...spans.map((span) => span.to)) / 60) * 60_000;
      const made = tallies.map(({ span = ground.window, isOfPeople = true, ...own }) =>
        createTally({
          window: span,
          base,
          reach,
          universe: universe.weight,
          services: services.map(({ id }) => id),
          measuredWithin: (service) => toSpans(guide.measuredWithin(service, from, to)),
          dwellMsOf: (service) => dwells.get(service) ?? deps.dwellMs,
          ...(segmentation === undefined || !isOfPeople ? {} : { segmentation }),
          weightOf,
          ...own,
        }),
      );
      const source = deps.readViewing({ from, to });
      for await (const batch of source.batches) {
        for (const tally of made) tally.add(batch, source.services);
        see?.(batch, source.services, source.programmes);
      }
      return made;
    },
  };
}

function checkWindow(from: number, to: number): void {
  if (!(from < to)) throw new Problem('invalid', 'from must be before to');
  if (to - from > WINDOW_LIMIT_MS) {
    throw new Problem('invalid', `the window is longer than ${WINDOW_LIMIT_MS / 86_400_000} days`);
  }
}
