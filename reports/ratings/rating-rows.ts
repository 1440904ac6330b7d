// From figures to the rows of a report, and from sessions to the tally (ratings R1, R4, R5).

import { Problem } from '../../server/problem.ts';
import { cleanViewing, type SessionRow, secondOf } from '../figures/audience.ts';
import type { Figures, Tally, Target } from '../figures/figures.ts';
import { lengthOf, type Span } from '../figures/spans.ts';
import type { RatingCriteria } from './rating-criteria.ts';
import { type RatingRow, type ReportStatus, rounded } from './rating-report.ts';
import {
  type Broadcast,
  broadcastsOf,
  type GuideProgramme,
  type GuideService,
  mergeBroadcasts,
  scheduleLookup,
} from './schedule-targets.ts';

/** Counts how often the programme that a session names isn't the scheduled one when it starts (R1). */
export interface ProgrammeCheck {
  see(row: SessionRow): void;
  counts: { programmesCompared: number; programmesDisagreeing: number };
}

/** The services that rows are limited to; undefined for all. Problem `forbidden` for those of another provider. */
export function listedServices(criteria: RatingCriteria, services: readonly GuideService[]): string[] | undefined {
  if (criteria.provider === undefined) return criteria.services && [...new Set(criteria.services)];
  const own = services.filter(({ provider }) => provider === criteria.provider).map(({ id }) => id);
  if (criteria.services === undefined) return own;
  const foreign = criteria.services.find((id) => !own.includes(id));
  if (foreign === undefined) return [...new Set(criteria.services)];
  throw new Problem('forbidden', `service ${foreign} is not of provider ${criteria.provider}`);
}

/** The broadcasts asked for; with a window, a programme's broadcasts in it as one. Problem as RatingCriteria says. */
export function programmeTargets(
  programmes: readonly GuideProgramme[],
  criteria: RatingCriteria,
  listed: readonly string[] | undefined,
  mergeWithin: Span | undefined,
): Broadcast[] {
  const isListed = listed === undefined ? () => true : (service: string) => listed.includes(service);
  const broadcasts = broadcastsOf(programmes).filter(
    ({ service, programme }) =>
      isListed(service) && (criteria.programme === undefined || programme.id === criteria.programme),
  );
  return mergeWithin === undefined ? broadcasts : mergeBroadcasts(broadcasts, mergeWithin);
}

/** Sees sessions on `counted` services that begin in [from, through). */
export function programmeCheck(
  { from }: RatingCriteria,
  through: number,
  programmes: readonly GuideProgramme[],
  counted: ReadonlySet<string>,
): ProgrammeCheck {
  const scheduled = scheduleLookup(programmes);
  const counts = { programmesCompared: 0, programmesDisagreeing: 0 };
  return {
    counts,
    see(row) {
      if (row.programme === '' || row.startedAt < from || row.startedAt >= through || !counted.has(row.service)) return;
      const programme = scheduled(row.service, row.startedAt);
      if (programme === undefined) return;
      counts.programmesCompared++;
      if (programme !== row.programme) counts.programmesDisagreeing++;
    },
  };
}

/** Gives the tally every viewer's viewing, one viewer in memory at a time. */
export async function feed(
  tally: Tally,
  sessions: AsyncIterable<SessionRow>,
  dwellMsOf: (service: string) => number,
  check: ProgrammeCheck,
): Promise<void> {
  let rows: SessionRow[] = [];
  let viewer = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (rows.length > 0) tally.add(viewer, cleanViewing(rows, dwellMsOf));
    rows = [];
  };
  for await (const row of sessions) {
    if (row.viewer !== viewer) {
      if (row.viewer < viewer) throw new Error('sessions must come by viewer: reach would count people twice');
      flush();
      viewer = row.viewer;
    }
    rows.push(row);
    check.see(row);
  }
  flush();
}

export function statusOf(to: number, now: number, finalAfterMs: number): ReportStatus {
  if (now < to) return 'live';
  return now < to + finalAfterMs ? 'preliminary' : 'final';
}

/** What a row is of, and how much of it was measured: of the whole slot, or of the window of a service. */
export function describe(target: Target | Broadcast, serviceName: string, figures: Figures, window: Span): RatingRow {
  const { service } = target;
  const measuredSeconds = figures.measuredS;
  if (!('programme' in target)) return { service, serviceName, measuredSeconds, ofSeconds: lengthOf([window]) };
  const { id, title, startAt, stopAt } = target.programme;
  const slot = { programme: id, title, startAt: secondOf(startAt) * 1000, stopAt: secondOf(stopAt) * 1000 };
  return { service, serviceName, ...slot, measuredSeconds, ofSeconds: lengthOf(target.parts) };
}

/** The figures as a report shows them; `undefined` is a suppressed row. */
export function cellsOf(figures: Figures | undefined, showsMarket: boolean): Partial<RatingRow> {
  if (figures === undefined) return { suppressed: true };
  const cells: [keyof RatingRow, number | undefined][] = [
    ['viewerSeconds', figures.viewerSeconds],
    ['averageAudience', figures.averageAudience],
    ['ratingPercent', figures.rating],
    ['totalViewingPercent', showsMarket ? figures.put : undefined],
    ['sharePercent', showsMarket ? figures.share : undefined],
    ['reach', figures.reach],
    ['reachPercent', figures.reachPercent],
    ['secondsPerViewer', figures.secondsPerViewer],
    ['secondsPerHead', figures.secondsPerHead],
    ['completeness', figures.completeness],
    ['peakMinuteAudience', figures.peak?.audience],
    ['lowestMinuteAudience', figures.lowest?.audience],
  ];
  const shown = cells.flatMap(([key, value]) => (value === undefined ? [] : [[key, rounded(value)]]));
  return {
    ...Object.fromEntries(shown),
    ...(figures.peak === undefined ? {} : { peakMinuteAt: figures.peak.at * 1000 }),
    ...(figures.lowest === undefined ? {} : { lowestMinuteAt: figures.lowest.at * 1000 }),
  };
}
