// The jobs of rating figures: each programme after its end, each day twice, and what changed meanwhile (ratings R6, R15).

import type { JobDefinition } from '../../server/jobs.ts';
import { Problem } from '../../server/problem.ts';
import { readBreakdown } from '../breakdown/breakdown.ts';
import type { GuideService } from '../breakdown/broadcasts.ts';
import type { GuidePort } from './measurement.ts';
import type { RatingArchive } from './rating-archive.ts';
import type { RatingCriteria } from './rating-criteria.ts';
import type { ReportStore } from './report-store.ts';
import { daysOf } from './report-targets.ts';
import { DEFAULT_REACH_S, type RatingRules } from './rules.ts';

/** Late reports of whoever just left mostly came by then. */
const AFTER_END_MS = 5 * 60_000;
const PROGRAMMES_EVERY_MS = 10 * 60_000;
const DAY_MS = 86_400_000;

/** What is made of every day, for the market and for each provider. */
const DAILY = ['service', 'programme', 'service,quarter-hour'];

export function createRatingJobs(deps: {
  archive: RatingArchive;
  guide: GuidePort;
  store: Pick<ReportStore, 'removeEndedBefore'>;
  rules: RatingRules;
  figuresRetentionMs: number;
  /** Whether sessions of [from, to), epoch ms, ever ended. */
  hasViewing(window: { from: number; to: number }): Promise<boolean>;
}): JobDefinition[] {
  const { archive, guide, rules } = deps;
  let figuredThrough = 0; // by this process: at first it looks a day back, where most is there

  const dayOf = (at: number) => daysOf({ from: Math.floor(at / 1000), to: Math.floor(at / 1000) + 1 }, rules)[0];

  /** The reports of a broadcast day; answers how many. */
  const makeDay = async (
    day: { from: number; to: number },
    isAborted: () => boolean,
    made: () => void,
  ): Promise<number> => {
    const services = await guide.listServices();
    let rows = 0;
    for (const provider of [undefined, ...providersOf(services)]) {
      for (const text of DAILY) {
        if (isAborted()) return rows;
        try {
          await archive.rate(dayCriteria(day, text, provider));
        } catch (error) {
          if (error instanceof Problem && error.code === 'gone') return rows;
          throw error;
        }
        rows++;
        made();
      }
    }
    return rows;
  };

  return [
    {
      name: 'programme-figures',
      schedule: '*/10 * * * *',
      catchUp: true,
      async run({ dueAt, signal, progress }) {
        const until = dueAt - AFTER_END_MS;
        const missed = { from: Math.max(figuredThrough, until - DAY_MS), to: until };
        const regular = { from: until - PROGRAMMES_EVERY_MS, to: until };
        const isMissed = missed.from < regular.from && (await deps.hasViewing(missed));
        const window = isMissed ? missed : regular;
        const ended = (await guide.listProgrammes({ from: window.from - 1, to: window.to })).filter(
          ({ startAt, stopAt }) => stopAt > window.from && stopAt <= window.to && startAt < stopAt,
        );
        let rows = 0;
        for (const { id, service, startAt, stopAt } of ended) {
          if (signal.aborted) break;
          const slot = { from: startAt, to: stopAt, services: [service], programme: id };
          await archive.rate({ ...slot, ...criteriaFor('programme') });
          progress(++rows);
        }
        if (!signal.aborted) figuredThrough = Math.max(figuredThrough, until);
        return { rows };
      },
    },
    {
      name: 'daily-ratings',
      schedule: `30 ${(rules.dayStartHour + 1) % 24} * * *`,
      catchUp: true,
      async run({ dueAt, signal, progress }) {
        let rows = 0;
        const made = (): void => progress(++rows);
        // The day that ended last is preliminary; the one that may change no more is final. Those between were missed, or are there.
        const last = 2 + Math.ceil(rules.finalAfterMs / DAY_MS);
        for (let back = 1; back <= last; back++) {
          const day = dayOf(dueAt - back * DAY_MS);
          if (day === undefined) continue;
          const window = { from: day.from * 1000, to: day.to * 1000 };
          if (back > 1 && !(await deps.hasViewing(window))) continue; // before the first day, too
          await makeDay(day, () => signal.aborted, made);
        }
        return { rows };
      },
    },
    {
      name: 'rating-revisions',
      schedule: '40 * * * *',
      catchUp: true,
      run: async ({ signal }) => ({ rows: await archive.refresh(signal) }),
    },
    {
      name: 'forget-ratings',
      schedule: '50 3 * * *',
      catchUp: true,
      run: async ({ dueAt }) => ({ rows: await deps.store.removeEndedBefore(dueAt - deps.figuresRetentionMs) }),
    },
  ];
}

const providersOf = (services: readonly GuideService[]): string[] =>
  [...new Set(services.flatMap(({ provider }) => provider ?? []))].sort();

const criteriaFor = (text: string): Pick<RatingCriteria, 'by' | 'base' | 'reach'> => ({
  by: readBreakdown(text),
  base: 'second',
  reach: { kSeconds: DEFAULT_REACH_S, kind: 'consecutive' },
});

/** As a provider asks for it by `date` and `by`: the same criteria find the report. */
function dayCriteria(day: { from: number; to: number }, text: string, provider: string | undefined): RatingCriteria {
  return {
    from: day.from * 1000,
    to: day.to * 1000,
    ...criteriaFor(text),
    ...(provider === undefined ? {} : { provider }),
  };
}
