// Reports that are made once and kept: served as they were made until what they rest on changes (ratings R5, R6, R18).

import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { Problem } from '../../server/problem.ts';
import { secondOf } from '../figures/clean-viewing.ts';
import type { GuidePort } from './measurement.ts';
import type { RatingCriteria } from './rating-criteria.ts';
import { hashOf, type RatingReport } from './rating-report.ts';
import { statusOf } from './rating-rows.ts';
import { criteriaOf, type Ratings } from './ratings.ts';
import type { ReportStore, StoredReport } from './report-store.ts';
import { belowOf, wholeDays } from './report-targets.ts';
import type { RatingRules } from './rules.ts';

export interface RatingArchive {
  /**
   * The report: as it was made, if its viewing and its schedule are the same, else made anew, which is a new revision if any
   * figure differs. A final one stays as it is, and so does what was made of viewing that is no longer kept. A window that isn't
   * over is measured each time. The Problems of Ratings.
   */
  rate(criteria: RatingCriteria): Promise<RatingReport>;
  /** A revision as it was made. Problem `not_found`. */
  find(criteria: RatingCriteria, revision: number): Promise<RatingReport>;
  /**
   * Makes anew what is preliminary and rests on what changed, or became final. Answers how many were looked at. One that can't be made
   * any more (its services went to another provider) stays as it is, and keeps none of the others back.
   */
  refresh(signal?: AbortSignal): Promise<number>;
}

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);
/** MongoDB's documents have 16 MiB. */
const CONTENT_MOST_BYTES = 12_000_000;
/** Reports that were read last, by their hash: a page, its CSV and its XML are mostly asked for one after the other. */
const KEPT_MOST = 64;
const KEPT_ROWS_MOST = 20_000;
/** Windows whose schedule is remembered by the guide's revision: a day's reports are asked for by many. */
const SCHEDULES_MOST = 64;

export function createRatingArchive(deps: {
  ratings: Ratings;
  store: ReportStore;
  guide: GuidePort;
  dataRevision(window: { from: number; to: number }): Promise<string>;
  rules: RatingRules;
  /** How long viewing is kept, ms. */
  retentionMs: number;
  clock: () => number;
}): RatingArchive {
  const { ratings, store, guide, rules, clock } = deps;
  const kept = new Map<string, RatingReport>();

  const keep = (report: RatingReport): RatingReport => {
    const { hash } = report.criteria;
    kept.delete(hash);
    if (report.items.length <= KEPT_ROWS_MOST) kept.set(hash, report);
    if (kept.size > KEPT_MOST) kept.delete(kept.keys().next().value as string);
    return report;
  };
  const reportOf = async ({ hash, content }: StoredReport): Promise<RatingReport> =>
    kept.get(hash) ?? keep(JSON.parse((await inflate(Buffer.from(content, 'base64'))).toString()));

  /** What a report rests on: its window, or whole broadcast days, where what happens in them decides what may be shown (R14). */
  const groundOf = ({ from, to, provider }: RatingCriteria): { from: number; to: number } => {
    if (belowOf(provider, rules) === 0) return { from, to };
    const days = wholeDays({ from: secondOf(from), to: secondOf(to) }, rules);
    return { from: days.from * 1000, to: days.to * 1000 };
  };

  const schedules = new Map<string, Promise<string>>();
  /** Names what figures of the window take from the guide. */
  const scheduleOf = async ({ from, to }: { from: number; to: number }): Promise<string> => {
    const key = JSON.stringify([await guide.revision(), from, to]);
    const known = schedules.get(key);
    if (known !== undefined) return known;
    const read = async (): Promise<string> => {
      const services = await guide.listServices();
      const measured = services.map(({ id }) => guide.measuredWithin(id, from, to));
      return hashOf({ services, measured, programmes: await guide.listProgrammes({ from, to }) });
    };
    const schedule = read();
    schedules.set(key, schedule);
    schedule.catch(() => schedules.delete(key));
    if (schedules.size > SCHEDULES_MOST) schedules.delete(schedules.keys().next().value as string);
    return schedule;
  };

  async function rate(criteria: RatingCriteria): Promise<RatingReport> {
    const status = statusOf(criteria.to, clock(), rules.finalAfterMs);
    if (status === 'live') return ratings.rate(criteria);
    const asked = askedOf(criteria);
    const latest = await store.findLatest(asked);
    if (latest?.status === 'final') return reportOf(latest);
    if (latest !== undefined && criteria.from < clock() - deps.retentionMs) return reportOf(latest);
    const ground = groundOf(criteria);
    const [schedule, dataRevision] = await Promise.all([scheduleOf(ground), deps.dataRevision(ground)]);
    const isSame = latest?.schedule === schedule && latest.dataRevision === dataRevision;
    if (latest !== undefined && isSame && latest.status === status) return reportOf(latest);
    const made = await ratings.rate(criteria);
    if (latest !== undefined && latest.status === status) {
      const before = await reportOf(latest);
      if (figuresOf(before) === figuresOf(made)) {
        await store.confirm(asked, latest.revision, { schedule, dataRevision });
        return before;
      }
    }
    return add(asked, (latest?.revision ?? 0) + 1, made, criteria, { schedule, dataRevision });
  }

  async function add(
    asked: string,
    revision: number,
    made: RatingReport,
    criteria: RatingCriteria,
    by: Pick<StoredReport, 'schedule' | 'dataRevision'>,
  ): Promise<RatingReport> {
    const { status, madeAt } = made.criteria;
    if (status === 'live') return made; // it ended while it was made
    const report: RatingReport = {
      ...made,
      criteria: { ...made.criteria, revision, hash: hashOf({ made: made.criteria.hash, revision, status }) },
    };
    const content = (await deflate(JSON.stringify(report))).toString('base64');
    if (content.length > CONTENT_MOST_BYTES) return made;
    const { hash } = report.criteria;
    const { to } = criteria;
    const json = JSON.stringify(criteria);
    const stored = { asked, revision, hash, status, to, madeAt, ...by, criteria: json, content };
    if (await store.add(stored)) return keep(report);
    const theirs = await store.find(asked, revision); // made elsewhere at the same time
    return theirs === undefined ? made : reportOf(theirs);
  }

  const askedOf = (criteria: RatingCriteria): string => hashOf(criteriaOf(criteria, rules));

  return {
    rate,

    async find(criteria, revision) {
      const found = await store.find(askedOf(criteria), revision);
      if (found === undefined) throw new Problem('not_found', `these criteria have no revision ${revision}`);
      return reportOf(found);
    },

    async refresh(signal) {
      let looked = 0;
      for await (const page of store.listPreliminary()) {
        for (const { criteria } of page) {
          if (signal?.aborted === true) return looked;
          await rate(JSON.parse(criteria)).catch((error: unknown) => {
            if (!(error instanceof Problem) || error.code === 'unavailable') throw error;
          });
          looked++;
        }
      }
      return looked;
    },
  };
}

/** What of a report is figures; not when it was made, and by which revisions. */
function figuresOf({ criteria, items, total }: RatingReport): string {
  const { madeAt: _, hash: _hash, revision: _revision, guideRevision: _guide, dataRevision: _data, ...rest } = criteria;
  return hashOf({ rest, items, total });
}
