// The rows that a report is asked for, and whether they may be shown (ratings R3, R14).

import { Problem } from '../../server/problem.ts';
import { zoneNamed } from '../../sg/zone-time.ts';
import { broadcastDays } from '../breakdown/broadcast-calendar.ts';
import { broadcastsOf, type GuideProgramme, type GuideService } from '../breakdown/broadcasts.ts';
import { UNKNOWN } from '../breakdown/groups.ts';
import { type RowTarget, targetsOf } from '../breakdown/row-targets.ts';
import { refuseMore } from '../breakdown/time-rows.ts';
import { createDisclosureControl } from '../disclosure/disclosure-control.ts';
import type { Span } from '../figures/spans.ts';
import type { Tally } from '../figures/tally.ts';
import type { Target } from '../figures/target.ts';
import type { TallyAsked } from './measurement.ts';
import type { RatingCriteria } from './rating-criteria.ts';
import type { RatingRules } from './rules.ts';

/** The services that rows are limited to; undefined for all. Problem `forbidden` for those of another provider. */
export function listedServices(
  { services: asked, provider }: Pick<RatingCriteria, 'services' | 'provider'>,
  services: readonly GuideService[],
): string[] | undefined {
  if (provider === undefined) return asked && [...new Set(asked)];
  const own = services.filter((service) => service.provider === provider).map(({ id }) => id);
  if (asked === undefined) return own;
  const foreign = asked.find((id) => !own.includes(id));
  if (foreign === undefined) return [...new Set(asked)];
  throw new Problem('forbidden', `service ${foreign} is not of provider ${provider}`);
}

export interface ReportTargets {
  rows: RowTarget[];
  /** Rows of a service that the guide doesn't know, when it is seen; they are added to `rows`. */
  admit?(service: string): readonly Target[];
}

/** `listed` limits the services. Problem `too_large` for more rows than a report may have. */
export function reportTargets(
  criteria: Pick<RatingCriteria, 'by' | 'programme'>,
  window: Span,
  listed: readonly string[] | undefined,
  guide: { services: readonly GuideService[]; programmes: readonly GuideProgramme[] },
  rules: RatingRules,
): ReportTargets {
  const { by, programme } = criteria;
  const { dayStartHour } = rules;
  const zone = zoneNamed(undefined, rules.zone);
  const named = new Map(guide.services.map((service) => [service.id, service]));
  const services = listed === undefined ? guide.services : listed.map((id) => named.get(id) ?? { id, name: UNKNOWN });
  const programmes = guide.programmes.filter(({ id }) => programme === undefined || id === programme);
  const targets = (of: readonly GuideService[]): RowTarget[] =>
    targetsOf({ breakdown: by, window, zone, dayStartHour, services: of, programmes });
  if (by.content === 'all' && listed === undefined) {
    const rows = targets([{ id: '', name: '' }]).map(({ key, target }): RowTarget => {
      const [lane] = target.lanes;
      return { key, target: { lanes: [], everyService: lane?.parts ?? [], extent: 'union' } };
    });
    return { rows };
  }
  const rows = targets(services);
  if (by.content !== 'service' || listed !== undefined) return { rows };
  return {
    rows,
    admit(service) {
      const learnt = targets([{ id: service, name: UNKNOWN }]);
      refuseMore(rows.push(...learnt)); // handsets can make services up
      return learnt.map(({ target }) => target);
    },
  };
}

/** The smallest number of people behind what a reader may see: 0 unless it is a provider. */
export function belowOf(provider: string | undefined, { suppressBelow }: Pick<RatingRules, 'suppressBelow'>): number {
  return provider === undefined || suppressBelow <= 1 ? 0 : suppressBelow;
}

type DayRules = Pick<RatingRules, 'zone' | 'dayStartHour'>;

/** The broadcast days that a window touches, whole, in epoch seconds. */
export const daysOf = (window: Span, { zone, dayStartHour }: DayRules) =>
  broadcastDays(window, zoneNamed(undefined, zone), dayStartHour);

/** From the start of the first broadcast day that the window touches to the end of the last; epoch seconds. */
export function wholeDays(window: Span, rules: DayRules): Span {
  const days = daysOf(window, rules);
  return { from: days[0]?.from ?? window.from, to: days.at(-1)?.to ?? window.to };
}

export interface Disclosure {
  /** The people that must be counted, over whole days. */
  tally: TallyAsked;
  /** By what came of it: whether a row of this target may be shown. */
  judge(counted: Tally | undefined): (target: Target) => boolean;
}

/** Of a provider's report: which rows tell of too few people. `programmes` are those of the whole days. */
export function disclosureOf(
  { by }: Pick<RatingCriteria, 'by'>,
  window: Span,
  services: readonly string[],
  programmes: readonly GuideProgramme[],
  rules: RatingRules,
): Disclosure {
  const own = new Set(services);
  const control = createDisclosureControl({
    least: rules.suppressBelow,
    window,
    days: daysOf(window, rules),
    services,
    broadcasts: broadcastsOf(programmes.filter(({ service }) => own.has(service))),
    byMinute: by.time === 'minute',
    byGroup: by.people !== undefined,
  });
  return {
    tally: { targets: control.targets, span: wholeDays(window, rules), isOfPeople: by.people !== undefined },
    judge(counted) {
      const rows = counted?.finish().rows;
      return control.judge((place) => rows?.[place]?.groups.map(({ viewers }) => viewers) ?? []);
    },
  };
}
