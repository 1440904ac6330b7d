// The jobs of rating figures: what they make, for which days, and that breaking one off does no harm (ratings R6, R15).

import { expect } from 'chai';
import { createRatingArchive } from '../../../../reports/ratings/rating-archive.ts';
import type { RatingCriteria } from '../../../../reports/ratings/rating-criteria.ts';
import { createRatingJobs } from '../../../../reports/ratings/rating-jobs.ts';
import { createRatings } from '../../../../reports/ratings/ratings.ts';
import { DEFAULT_RULES } from '../../../../reports/ratings/rules.ts';
import { openSqliteStore } from '../../../../server/store/sqlite/open-sqlite-store.ts';
import { stage } from './stage.ts';

const DAY_MS = 86_400_000;
/** Half past three, of the day after the method's. */
const DUE_AT = Date.parse('2007-08-10T03:30:00Z');

describe('rating jobs', () => {
  /** One process; `asked` lists what its archive is asked for. */
  const open = (changes: { retentionMs?: number; isViewed?: (day: string) => boolean; dueAt?: number } = {}) => {
    const { isViewed = () => true, dueAt = DUE_AT, retentionMs = 30 * DAY_MS } = changes;
    const store = openSqliteStore(':memory:');
    const deps = { ...stage({ now: dueAt }), rules: DEFAULT_RULES, retentionMs };
    const archive = createRatingArchive({ ...deps, ratings: createRatings(deps), store: store.ratingReports });
    const asked: RatingCriteria[] = [];
    const jobs = createRatingJobs({
      archive: {
        ...archive,
        rate(criteria) {
          asked.push(criteria);
          return archive.rate(criteria);
        },
      },
      guide: deps.guide,
      store: store.ratingReports,
      rules: DEFAULT_RULES,
      figuresRetentionMs: 400 * DAY_MS,
      hasViewing: async ({ from }) => isViewed(new Date(from).toISOString().slice(0, 10)),
    });
    const run = async (name: string, stopAfter = Number.POSITIVE_INFINITY, at = dueAt): Promise<number> => {
      const abort = new AbortController();
      const progress = (rows: number): void => {
        if (rows >= stopAfter) abort.abort();
      };
      const job = jobs.find((one) => one.name === name);
      if (job === undefined) throw new Error(name);
      return (await job.run({ dueAt: at, signal: abort.signal, progress })).rows;
    };
    const stored = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const page of store.ratingReports.listPreliminary())
        found.push(...page.map(({ asked: name, revision, hash }) => `${name} ${revision} ${hash}`));
      return found.sort();
    };
    return {
      run,
      asked,
      stored,
      days: () => [...new Set(asked.map(({ from }) => new Date(from).toISOString().slice(0, 10)))],
    };
  };

  it('R6, R15: daily figures are of the day that ended, the one that becomes final, and those between that were missed', async () => {
    const { run, asked, days } = open();
    expect(await run('daily-ratings')).to.equal(10 * 3 * 3);
    expect(days()[0]).to.equal('2007-08-09');
    expect(days().at(-1)).to.equal('2007-07-31');
    expect(asked.filter(({ provider }) => provider === undefined)).to.have.length(30);
    expect(asked[0]).to.deep.include({ from: Date.parse('2007-08-09T02:00Z'), to: Date.parse('2007-08-10T02:00Z') });
  });

  it('R15: days without any viewing are not made up for, but that which ended is made', async () => {
    const some = open({ isViewed: (day) => day === '2007-08-07' });
    await some.run('daily-ratings');
    expect(some.days()).to.deep.equal(['2007-08-09', '2007-08-07']);
    const short = open({ retentionMs: 3 * DAY_MS }); // viewing of earlier days is gone
    expect(await short.run('daily-ratings')).to.equal(2 * 9);
  });

  it('R15: broken off anywhere and run again, daily figures are the same', async () => {
    const isViewed = (day: string): boolean => day === '2007-08-07';
    const whole = open({ isViewed });
    await whole.run('daily-ratings');
    for (const stopAfter of [1, 4, 12]) {
      const broken = open({ isViewed });
      expect(await broken.run('daily-ratings', stopAfter)).to.equal(stopAfter);
      await broken.run('daily-ratings');
      expect(await broken.stored()).to.deep.equal(await whole.stored());
    }
  });

  it('R15: figures of programmes come five minutes after they end, once, however late the job comes', async () => {
    const programmes = (asked: RatingCriteria[]) => asked.map(({ programme }) => programme);
    const end = Date.parse('2007-08-09T12:25:00Z'); // of both
    const past = (minutes: number): number => end + minutes * 60_000;
    const soon = open({ dueAt: past(5) });
    await soon.run('programme-figures', undefined, past(-5));
    expect(programmes(soon.asked)).to.deep.equal([]);
    await soon.run('programme-figures', undefined, past(5));
    expect(programmes(soon.asked)).to.deep.equal(['011', '021']);
    await soon.run('programme-figures', undefined, past(15));
    expect(programmes(soon.asked)).to.deep.equal(['011', '021']);
    const late = open({ dueAt: past(300) });
    await late.run('programme-figures', 1, past(300));
    expect(programmes(late.asked)).to.deep.equal(['011']);
    await late.run('programme-figures', undefined, past(310)); // the first was broken off
    expect(programmes(late.asked)).to.deep.equal(['011', '011', '021']);
  });
});
