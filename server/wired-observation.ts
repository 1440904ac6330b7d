// What watches over the measuring, the live audience first, with what it needs of the others (R9, R16, R17): its corner of products.ts.

import { createLive, type Live } from '../reports/live/live.ts';
import { createLiveMinutes } from '../reports/live/live-minutes.ts';
import { createDataQuality, type DataQuality } from '../reports/quality/data-quality.ts';
import type { QualityStore } from '../reports/quality/quality-store.ts';
import type { Attention } from '../reports/ratings/attention.ts';
import type { AttentionCriteria } from '../reports/ratings/rating-criteria.ts';
import { RESOURCE_RANKS, type ServiceOnAir } from '../reports/resources/resource-feed.ts';
import { createResources, type Resources } from '../reports/resources/resources.ts';
import type { Guide } from '../sg/guide.ts';
import type { GuideDelivery } from '../sg/guide-delivery.ts';
import { anyTextOf } from '../sg/text-language.ts';
import type { Config } from './config.ts';
import type { Jobs } from './jobs.ts';
import { scheduleOfDay } from './schedule-of-day.ts';
import type { ReportLog } from './viewing/report-log.ts';
import type { SessionStore } from './viewing/session-store.ts';
import type { Viewing } from './viewing/viewing.ts';

export interface Observation {
  live: Live;
  resources: Resources;
  quality: DataQuality;
}

const GUIDE_FRESH_MS = 10_000;

/** Before `viewing` is started: it is told who comes and goes. */
export function wireObservation(deps: {
  store: {
    quality: QualityStore;
    reports: Pick<ReportLog, 'listReceipts'>;
    sessions: Pick<SessionStore, 'listStarted' | 'countOrphans'>;
  };
  viewing: Viewing;
  guide: Guide;
  guideDelivery: Pick<GuideDelivery, 'board'>;
  listAttention(criteria: AttentionCriteria): Promise<Attention>;
  jobs: Pick<Jobs, 'define'>;
  config: Config;
  clock: () => number;
}): Observation {
  const { store, viewing, guide, config, clock } = deps;
  const minutes = createLiveMinutes(clock);
  viewing.online.tellCounted(minutes.move);
  const listOnAir = rememberOnAir(deps);
  const live = createLive({
    minutes,
    listServices: listOnAir,
    sweep: viewing.online.sweep,
    suppressBelow: config.suppressBelow,
    clock,
  });
  const resources = createResources({
    live,
    listOnAir,
    listDrawn: async (window) => (await deps.listAttention({ ...window, limit: RESOURCE_RANKS.most })).mostWatched,
    clock,
  });
  const quality = createDataQuality({
    ...config,
    store: store.quality,
    settled: viewing.settled,
    listReceipts: store.reports.listReceipts,
    listStarted: store.sessions.listStarted,
    countOrphans: store.sessions.countOrphans,
    scheduleOf: (day) => scheduleOfDay(guide, day, config.dwellMs),
    clock,
  });
  deps.jobs.define({
    name: 'data-quality',
    schedule: '10 2 * * *', // before retention takes reports of the day before yesterday
    catchUp: true,
    run: async () => ({ rows: await quality.keepDays() }),
  });
  return { live, resources, quality };
}

/** The guide as it was read last, a few seconds old at most unless the store is away: live figures do without it. */
function rememberOnAir({
  guideDelivery,
  clock,
}: Pick<Parameters<typeof wireObservation>[0], 'guideDelivery' | 'clock'>) {
  let known: { at: number; services: Promise<ServiceOnAir[]> } | undefined;
  const read = async (former: Promise<ServiceOnAir[]> | undefined): Promise<ServiceOnAir[]> => {
    try {
      const { rows } = await guideDelivery.board();
      return rows.map(({ service: { id, names, provider }, now, next }) => ({
        id,
        name: anyTextOf(names),
        provider,
        ...(now === undefined ? {} : { now: { id: now.id, title: anyTextOf(now.titles) } }),
        ...(next === undefined ? {} : { next: { id: next.id, title: anyTextOf(next.titles), startAt: next.startAt } }),
      }));
    } catch (error) {
      if (former === undefined) throw error;
      return former;
    }
  };
  return (): Promise<ServiceOnAir[]> => {
    const now = clock();
    if (known !== undefined && Math.abs(now - known.at) < GUIDE_FRESH_MS) return known.services;
    const asked = { at: now, services: read(known?.services) };
    known = asked;
    asked.services.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked.services;
  };
}
