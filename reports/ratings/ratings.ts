// The use cases of rating figures: a citable report, and the lists of highest attention (ratings R1-R5, R8, R14).

import { Problem } from '../../server/problem.ts';
import { type SessionRow, secondOf } from '../figures/audience.ts';
import { createTally, type Target } from '../figures/figures.ts';
import { lengthOf } from '../figures/spans.ts';
import type { Reach } from '../figures/target-tally.ts';
import { type Attention, type AttentionItem, rankAttention } from './attention.ts';
import type { AttentionCriteria, RatingCriteria } from './rating-criteria.ts';
import { hashOf, type RatingReport, type RatingRow, rounded } from './rating-report.ts';
import { cellsOf, describe, feed, listedServices, programmeCheck, programmeTargets, statusOf } from './rating-rows.ts';
import { DECIMALS, MINUTE_FLOOR_S, type RatingRules, ROW_LIMIT, RULES_REVISION, WINDOW_LIMIT_MS } from './rules.ts';
import { type Broadcast, type GuideProgramme, type GuideService, toSpans } from './schedule-targets.ts';
import { suppress } from './suppression.ts';

export interface GuidePort {
  listServices(): Promise<GuideService[]>;
  /** Programmes whose slot overlaps [from, to), epoch ms. */
  listProgrammes(window: { from: number; to: number }): Promise<GuideProgramme[]>;
  /** What of [from, to) is measured on the service, by policy for one that the guide doesn't know; epoch ms (G5). */
  measuredWithin(service: string, from: number, to: number): { from: number; to: number }[];
  /** Names the schedule that figures rest on. */
  revision(): Promise<string>;
}

export interface RatingsDeps {
  /** Sessions that overlap [from, to), whole, by viewer, then startedAt; open ones end now; none that is quarantined. */
  sessions(window: { from: number; to: number }): AsyncIterable<SessionRow>;
  guide: GuidePort;
  /** The sum of weights of everyone who could be watching. */
  universe(): Promise<number>;
  clock: () => number;
  rules: RatingRules;
  /** People's weights; absent for a census. */
  weightOf?(viewer: number): number;
}

export interface Ratings {
  /** Problem `invalid` for a bad window, `forbidden` for another provider's service, `too_large` for too many rows. */
  rate(criteria: RatingCriteria): Promise<RatingReport>;
  /** Most watched and most popular; the same Problems. Programmes count all their broadcasts on a service as one. */
  attention(criteria: AttentionCriteria): Promise<Attention>;
}

const UNKNOWN = 'Unknown'; // V12: kept, shown so, resolved when the guide brings it

export function createRatings(deps: RatingsDeps): Ratings {
  const { rules, guide } = deps;

  /** Reads the guide and the sessions once; rows in the order of the guide. */
  const measure = async (criteria: RatingCriteria, mode: 'broadcasts' | 'merged') => {
    checkWindow(criteria.from, criteria.to);
    const now = deps.clock();
    const through = Math.max(criteria.from, Math.min(criteria.to, now));
    const window = { from: secondOf(criteria.from), to: secondOf(through) };
    const [services, universe, guideRevision] = await Promise.all([
      guide.listServices(),
      deps.universe(),
      guide.revision(),
    ]);
    if (!(universe >= 0 && universe < Number.POSITIVE_INFINITY)) throw new Error(`the universe is ${universe}`);
    const names = new Map(services.map((service) => [service.id, service]));
    const listed = listedServices(criteria, services);
    const programmes = criteria.by === 'programme' ? await guide.listProgrammes(criteria) : [];
    const targets: (Target | Broadcast)[] =
      criteria.by === 'programme'
        ? programmeTargets(programmes, criteria, listed, mode === 'merged' ? window : undefined)
        : (listed ?? services.map(({ id }) => id)).map((service) => ({ service, parts: [{ ...window }] }));
    if (targets.length > ROW_LIMIT) throw new Problem('too_large', `the report would have more than ${ROW_LIMIT} rows`);
    const margin = { from: Math.floor(window.from / 60) * 60_000, to: Math.ceil(window.to / 60) * 60_000 };
    const tally = createTally({
      window,
      base: criteria.base,
      reach: criteria.reach,
      universe,
      keepsMinutes: mode === 'broadcasts',
      services: services.map(({ id }) => id),
      targets,
      measuredWithin: (service) => toSpans(guide.measuredWithin(service, margin.from, margin.to)),
      admits: () => criteria.by === 'service' && listed === undefined,
      weightOf: deps.weightOf ?? (() => 1),
    });
    const counted = new Set(targets.map(({ service }) => service));
    const check = programmeCheck(criteria, through, programmes, counted);
    const dwellMsOf = (service: string): number => names.get(service)?.dwellMs ?? rules.dwellS * 1000;
    const { from, to } = criteria;
    await feed(tally, deps.sessions(criteria.base === 'minute' ? margin : { from, to }), dwellMsOf, check);
    return { ...tally.finish(), check, names, universe, guideRevision, now, through, window };
  };

  return {
    async rate(criteria) {
      const measured = await measure(criteria, 'broadcasts');
      const { evidence, now } = measured;
      const isProviders = criteria.provider !== undefined;
      const showsMarket = !isProviders || rules.marketTotals;
      const below = isProviders && rules.suppressBelow > 1 ? rules.suppressBelow : 0;
      const { greatestWeight } = measured;
      const shown = suppress(
        measured.rows.map(({ figures }) => figures),
        { below, totalShown: showsMarket && criteria.by === 'service', greatestWeight },
      );
      const items = measured.rows.map(({ target, figures }, index): RatingRow => {
        const row = describe(target, measured.names.get(target.service)?.name ?? UNKNOWN, figures, measured.window);
        return { ...row, ...cellsOf(shown[index], showsMarket) };
      });
      const [total] = showsMarket ? suppress([measured.total], { below, totalShown: false, greatestWeight }) : [];
      const { reach, services, programme, provider, ...asked } = criteria;
      const names = {
        ...(services === undefined ? {} : { services: services.join(' ') }),
        ...(programme === undefined ? {} : { programme }),
        ...(provider === undefined ? {} : { provider }),
      };
      const header = {
        ...asked,
        ...names,
        through: measured.through,
        basis: deps.weightOf === undefined ? ('census' as const) : ('weighted' as const),
        reachSeconds: reach.kSeconds,
        reachKind: reach.kind,
        dwellSeconds: rules.dwellS,
        universe: rounded(measured.universe),
        status: statusOf(criteria.to, now, rules.finalAfterMs),
        guideRevision: measured.guideRevision,
        rulesRevision: RULES_REVISION,
        suppressBelow: below,
        ...(evidence.viewers < below
          ? {}
          : {
              sessions: evidence.sessions,
              imputedPercent: rounded(evidence.seconds === 0 ? 0 : (100 * evidence.imputedSeconds) / evidence.seconds),
              ...(criteria.by === 'programme' ? measured.check.counts : {}),
            }),
        madeAt: now,
        hash: hashOf({
          criteria,
          rules: { ...rules, minuteFloorS: MINUTE_FLOOR_S, decimals: DECIMALS, weighted: deps.weightOf !== undefined },
          rulesRevision: RULES_REVISION,
          guideRevision: measured.guideRevision,
        }),
      };
      if (!showsMarket) return { criteria: header, items };
      const ofSeconds = lengthOf([measured.window]);
      const all = { measuredSeconds: measured.total.measuredS, ofSeconds, ...cellsOf(total, true) };
      return { criteria: header, items, total: all };
    },

    async attention(criteria) {
      const { from, to, of, limit, provider } = criteria;
      const reach: Reach = { kSeconds: 0, kind: 'cumulative' };
      const own = provider === undefined ? {} : { provider };
      const measured = await measure({ from, to, by: of, base: 'second', reach, ...own }, 'merged');
      const below = provider === undefined ? 0 : rules.suppressBelow;
      const candidates = measured.rows
        .filter(({ figures }) => figures.viewerSeconds > 0 && figures.viewers >= below)
        .map(({ target, figures }): AttentionItem => {
          const { viewerSeconds, reach: people } = figures;
          const serviceName = measured.names.get(target.service)?.name ?? UNKNOWN;
          const { programme } = target as Partial<Broadcast>;
          const named = programme === undefined ? {} : { programme: programme.id, title: programme.title };
          const sums = { viewerSeconds: rounded(viewerSeconds), people: rounded(people ?? 0) };
          return { service: target.service, serviceName, ...named, ...sums };
        });
      return rankAttention(candidates, limit);
    },
  };
}

function checkWindow(from: number, to: number): void {
  if (!(from < to)) throw new Problem('invalid', 'from must be before to');
  if (to - from > WINDOW_LIMIT_MS) {
    throw new Problem('invalid', `the window is longer than ${WINDOW_LIMIT_MS / 86_400_000} days`);
  }
}
