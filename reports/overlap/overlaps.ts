// The use cases of who watched what besides: flow, duplicated reach, frequency (ratings R2, R14).

import { Problem } from '../../server/problem.ts';
import { broadcastsOf, type GuideProgramme } from '../breakdown/broadcasts.ts';
import { flowTargets } from '../breakdown/flow-targets.ts';
import type { Reach } from '../figures/cell-sums.ts';
import { intersect, lengthOf, type Span } from '../figures/spans.ts';
import type { Target } from '../figures/target.ts';
import type { GuidePort, Measurement } from '../ratings/measurement.ts';
import { rounded } from '../ratings/rating-report.ts';
import { belowOf, type Disclosure, disclosureOf, listedServices, wholeDays } from '../ratings/report-targets.ts';
import type { RatingRules } from '../ratings/rules.ts';
import { createDuplication, type Overlap } from './duplication.ts';
import { hiddenCells, hiddenOverlaps } from './few-overlaps.ts';
import { createFlow, retentionPercent, sourcePercent } from './flow.ts';
import { createFrequency } from './frequency.ts';

/** The programme on the service at a time, epoch ms; without one, the last that began by `now`. */
interface FlowCriteria {
  service: string;
  at?: number;
  now: number;
  reach: Reach;
  provider?: string;
}

export interface OverlapCriteria {
  /** Epoch ms, half-open. */
  from: number;
  to: number;
  reach: Reach;
  services?: string[];
  /** Only broadcasts of it. */
  programme?: string;
  series?: string;
  provider?: string;
}

/** `service` is absent for off; another provider's services are `other`. Absent figures would tell of too few people. */
interface FlowRow {
  from?: string;
  to?: string;
  viewers?: number;
  /** Of those who watch `to`, and of those who watched `from`. */
  sourcePercent?: number;
  retentionPercent?: number;
  suppressed?: true;
}

interface FlowReport {
  service: string;
  programme: GuideProgramme;
  leadIn: GuideProgramme;
  rows: FlowRow[];
}

export interface Overlaps {
  /** Problem `not_found` without such a broadcast or one before it, `forbidden` for another provider's service. */
  flow(criteria: FlowCriteria): Promise<FlowReport>;
  duplication(criteria: OverlapCriteria): Promise<{
    services: { service: string; reach?: number; exclusive?: number; suppressed?: true }[];
    pairs: { service: string; other: string; reach?: number; suppressed?: true }[];
  }>;
  frequency(criteria: OverlapCriteria): Promise<{
    broadcasts: number;
    universe: number;
    rows: { times: number; viewers?: number; viewersOrMore?: number; suppressed?: true }[];
  }>;
}

const OTHER = 'other';
/** The pairs of these are a few megabytes. */
const SERVICES_MOST = 1_000;
/** How far before a programme its lead-in may have begun: no programme is longer. */
const LOOK_BACK_MS = 24 * 3_600_000;

const ownOf = (services: string[] | undefined, provider: string | undefined) => ({
  ...(services === undefined ? {} : { services }),
  ...(provider === undefined ? {} : { provider }),
});

export function createOverlaps(deps: { measurement: Measurement; guide: GuidePort; rules: RatingRules }): Overlaps {
  const { measurement, guide, rules } = deps;

  /** Whether the window tells of few people on a service, by the same partition as rating reports. */
  const controlOf = async (window: Span, services: readonly string[]): Promise<Disclosure> => {
    const { from, to } = wholeDays(window, rules);
    const programmes = await guide.listProgrammes({ from: from * 1000, to: to * 1000 });
    return disclosureOf({ by: { content: 'service' } }, window, services, programmes, rules);
  };

  return {
    async flow({ service, at: asked, now, reach, provider }) {
      const at = asked ?? now;
      const around = await guide.listProgrammes({ from: at - LOOK_BACK_MS, to: at + LOOK_BACK_MS });
      const slots = around.filter((one) => one.service === service).sort((a, b) => a.startAt - b.startAt);
      const isOn = ({ stopAt }: GuideProgramme): boolean => at < stopAt || asked === undefined;
      const place = slots.findLastIndex((slot) => slot.startAt <= at && isOn(slot));
      const [programme, leadIn] = [slots[place], slots[place - 1]];
      if (programme === undefined) throw new Problem('not_found', `service ${service} has no programme at that time`);
      if (leadIn === undefined) throw new Problem('not_found', 'no programme is known before that one');
      const window = { from: Math.min(leadIn.startAt, programme.startAt), to: programme.stopAt };
      const below = belowOf(provider, rules);
      const measured = { ...window, base: 'second', reach, isInQuarterHours: below > 0 } as const;
      const ground = await measurement.prepare(measured);
      listedServices(ownOf([service], provider), ground.services);
      const named = (id: string): string =>
        provider === undefined || ground.services.find((one) => one.id === id)?.provider === provider ? id : OTHER;
      const groups = [...Map.groupBy(ground.services, ({ id }) => named(id)).keys()];
      const sides = flowTargets({ programme, leadIn, services: ground.services.map(({ id }) => id) });
      const joined = (side: 'before' | 'after'): Target[] =>
        groups.map((group) => ({
          lanes: sides.filter((one) => named(one.service) === group).flatMap((one) => one[side].lanes),
          extent: 'union',
        }));
      const flow = createFlow(groups.length);
      await measurement.run(measured, ground, [
        { targets: [...joined('before'), ...joined('after')], watch: flow.watch },
      ]);
      const { before, after, cells } = flow.read();
      // Who was reached on a service of one's own is in rating reports: what is left out must not be the rest of it.
      const lines = [
        ...groups.flatMap((group, line) => {
          if (group === OTHER) return [];
          const on = (end: 'from' | 'to') => cells.flatMap((cell, place) => (cell[end] === line ? [place] : []));
          return [on('from'), on('to')];
        }),
        [...cells.keys()],
      ];
      const hidden = hiddenCells(cells, lines, below);
      const rows = cells.map((cell, index): FlowRow => {
        const { from, to, viewers } = cell;
        const ends = {
          ...(from === undefined ? {} : { from: groups[from] as string }),
          ...(to === undefined ? {} : { to: groups[to] as string }),
        };
        if (hidden.has(index)) return { ...ends, suppressed: true };
        const source = to === undefined ? undefined : sourcePercent(viewers, after[to] as number);
        const retention = from === undefined ? undefined : retentionPercent(viewers, before[from] as number);
        return {
          ...ends,
          viewers: rounded(viewers),
          ...(source === undefined || hidden.size > 0 ? {} : { sourcePercent: rounded(source) }),
          ...(retention === undefined || hidden.size > 0 ? {} : { retentionPercent: rounded(retention) }),
        };
      });
      return { service, programme, leadIn, rows };
    },

    async duplication({ provider, services: wanted, from, to, reach }) {
      const below = belowOf(provider, rules);
      const asked = { from, to, base: 'second', reach, isInQuarterHours: below > 0 } as const;
      const ground = await measurement.prepare(asked);
      const shown = listedServices(ownOf(wanted, provider), ground.services) ?? ground.services.map(({ id }) => id);
      // A provider's overlaps are among all its services, whichever it asks for: those of a few less those of fewer tell of persons.
      const services = below > 0 ? (listedServices(ownOf(undefined, provider), ground.services) ?? []) : shown;
      if (services.length > SERVICES_MOST)
        throw new Problem('too_large', `more than ${SERVICES_MOST} services: name some`);
      const duplication = createDuplication(services.length);
      const parts = [{ ...ground.window, broadcast: 0 }];
      const targets = services.map((service): Target => ({ lanes: [{ service, parts }], extent: 'union' }));
      const control = below > 0 ? await controlOf(ground.window, services) : undefined;
      const [, blocks] = await measurement.run(asked, ground, [
        { targets, watch: duplication.watch },
        ...(control === undefined ? [] : [control.tally]),
      ]);
      const isShown = control?.judge(blocks) ?? (() => true);
      const overlaps = duplication.read();
      const hidden = hiddenOverlaps(overlaps, (service) => isShown(targets[service] as Target), below);
      const cell = <Key extends string>(key: Key, { viewers }: Overlap, isHidden: boolean) =>
        isHidden ? { suppressed: true as const } : { [key]: rounded(viewers) };
      return {
        services: services.flatMap((service, place) => {
          if (!shown.includes(service)) return [];
          const reached = cell('reach', overlaps.reach[place] as Overlap, hidden.reach.has(place));
          const alone = cell('exclusive', overlaps.exclusive[place] as Overlap, hidden.shared.has(place));
          return { service, ...reached, ...alone };
        }),
        pairs: overlaps.pairs.flatMap(({ one, other, ...both }) => {
          const [a, b] = [services[one] as string, services[other] as string];
          if (!shown.includes(a) || !shown.includes(b)) return [];
          return { service: a, other: b, ...cell('reach', both, hidden.shared.has(one)) };
        }),
      };
    },

    async frequency({ provider, services: wanted, programme, series, from, to, reach }) {
      const below = belowOf(provider, rules);
      const asked = { from, to, base: 'second', reach, isInQuarterHours: below > 0 } as const;
      const ground = await measurement.prepare(asked);
      const listed = listedServices(ownOf(wanted, provider), ground.services);
      const programmes = (await guide.listProgrammes({ from, to })).filter(
        (one) =>
          (listed === undefined || listed.includes(one.service)) &&
          (programme === undefined || one.id === programme) &&
          (series === undefined || one.series === series),
      );
      const targets = broadcastsOf(programmes).flatMap(({ service, parts }): Target[] => {
        const within = intersect(parts, [ground.window]).map((span) => ({ ...span, broadcast: 0 }));
        const isCut = lengthOf(within) < lengthOf(parts); // by a window of a provider's choice, to the second
        if (within.length === 0 || (isCut && below > 0)) return [];
        return [{ lanes: [{ service, parts: within }], extent: 'union' }];
      });
      const frequency = createFrequency(targets.length);
      await measurement.run(asked, ground, [{ targets, watch: frequency.watch }]);
      // From how often on there are too few: what lies above is one row, which tells of enough or is left out.
      const rows = frequency.read();
      const isShown = rows.map(({ people, peopleOrMore }) => people >= below && peopleOrMore >= below);
      return {
        broadcasts: targets.length,
        universe: rounded(ground.universe.weight),
        rows: rows.map(({ times, viewers, viewersOrMore }, place) =>
          below === 0 || isShown.slice(0, place + 2).every((one) => one)
            ? { times, viewers: rounded(viewers), viewersOrMore: rounded(viewersOrMore) }
            : { times, suppressed: true },
        ),
      };
    },
  };
}
