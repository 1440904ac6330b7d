// Rating reports with what they need of guide, viewing and people: their corner of products.ts (R1-R8, R15).

import type { Breakdowns } from '../reports/breakdown/breakdowns.ts';
import { createOverlaps, type Overlaps } from '../reports/overlap/overlaps.ts';
import type { Attention } from '../reports/ratings/attention.ts';
import { createAttentionLists } from '../reports/ratings/attention-lists.ts';
import { createMeasurement } from '../reports/ratings/measurement.ts';
import { createRatingArchive, type RatingArchive } from '../reports/ratings/rating-archive.ts';
import type { AttentionCriteria } from '../reports/ratings/rating-criteria.ts';
import { createRatingJobs } from '../reports/ratings/rating-jobs.ts';
import { createRatings } from '../reports/ratings/ratings.ts';
import type { ReportStore } from '../reports/ratings/report-store.ts';
import { DEFAULT_RULES, type RatingRules } from '../reports/ratings/rules.ts';
import type { SessionHours } from '../reports/viewing/session-hours.ts';
import { revisionOfHours } from '../reports/viewing/session-hours.ts';
import type { ReadViewing } from '../reports/viewing/viewing-batch.ts';
import type { Guide } from '../sg/guide.ts';
import type { Config } from './config.ts';
import { guideForReports } from './guide-for-reports.ts';
import type { Jobs } from './jobs.ts';

export interface Reports {
  archive: RatingArchive;
  listAttention(criteria: AttentionCriteria): Promise<Attention>;
  overlaps: Overlaps;
  rules: RatingRules;
}

export function wireReports(deps: {
  store: { ratingReports: ReportStore; sessionHours: Pick<SessionHours, 'versions'> };
  readViewing: ReadViewing;
  settled(): Promise<void>;
  guide: Guide;
  people: Breakdowns;
  jobs: Pick<Jobs, 'define'>;
  config: Config;
  clock: () => number;
}): Reports {
  const { store, config, clock, people, readViewing } = deps;
  const rules: RatingRules = {
    ...DEFAULT_RULES,
    dwellS: config.dwellMs / 1000,
    suppressBelow: config.suppressBelow,
    basis: config.ratingWeights === 'on' ? 'weighted' : config.sampleShare < 1 ? 'sample' : 'census',
    zone: config.zone,
  };
  const guide = guideForReports(deps.guide, config.measure);
  const dataRevision = async ({ from, to }: { from: number; to: number }): Promise<string> => {
    await deps.settled();
    return revisionOfHours(store.sessionHours, from, to);
  };
  const { rawRetentionMs: retentionMs, figuresRetentionMs } = config;
  const ports = { readViewing, dataRevision, guide, people, clock, retentionMs };
  const measurement = createMeasurement({ ...ports, dwellMs: config.dwellMs });
  const ratings = createRatings({ ...ports, rules });
  const archive = createRatingArchive({ ...ports, ratings, store: store.ratingReports, rules });
  const { listProgrammes } = guide;
  const hasViewing = async ({ from, to }: { from: number; to: number }): Promise<boolean> => {
    await deps.settled();
    return (await store.sessionHours.versions(from, to)).size > 0;
  };
  const jobs = createRatingJobs({ archive, guide, store: store.ratingReports, rules, figuresRetentionMs, hasViewing });
  for (const job of jobs) deps.jobs.define(job);
  return {
    archive,
    listAttention: createAttentionLists({ measurement, listProgrammes, rules }),
    overlaps: createOverlaps({ measurement, guide, rules }),
    rules,
  };
}
