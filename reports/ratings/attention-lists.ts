// The lists of highest attention, for any window (ratings R8, R17).

import { type Broadcast, broadcastsOf } from '../breakdown/broadcasts.ts';
import { UNKNOWN } from '../breakdown/groups.ts';
import { intersect, type Span } from '../figures/spans.ts';
import type { Target } from '../figures/target.ts';
import { type Attention, type AttentionItem, rankAttention } from './attention.ts';
import type { Measurement } from './measurement.ts';
import type { AttentionCriteria } from './rating-criteria.ts';
import { rounded } from './rating-report.ts';
import { belowOf, disclosureOf, listedServices, wholeDays } from './report-targets.ts';
import type { RatingRules } from './rules.ts';

interface Candidate {
  target: Target;
  name: Omit<AttentionItem, 'viewerSeconds' | 'people'>;
}

/**
 * Most watched and most popular. Programmes count all their broadcasts on a service as one. A provider's are of its own services,
 * without what would tell of few people. The Problems of a rating report.
 */
export function createAttentionLists(deps: {
  measurement: Measurement;
  listProgrammes(window: { from: number; to: number }): Promise<Parameters<typeof broadcastsOf>[0]>;
  rules: RatingRules;
}): (criteria: AttentionCriteria) => Promise<Attention> {
  const { measurement, rules } = deps;
  return async ({ from, to, of, limit, provider }) => {
    const isControlled = belowOf(provider, rules) > 0;
    const reach = { kSeconds: 0, kind: 'cumulative' } as const;
    const asked = { from, to, base: 'second', reach, isInQuarterHours: isControlled } as const;
    const ground = await measurement.prepare(asked);
    const { window } = ground;
    const names = new Map(ground.services.map(({ id, name }) => [id, name]));
    const listed = listedServices(provider === undefined ? {} : { provider }, ground.services);
    const span = wholeDays(window, rules);
    const programmes =
      of === 'programme' || isControlled
        ? await deps.listProgrammes({ from: span.from * 1000, to: span.to * 1000 })
        : [];
    const candidates =
      of === 'service'
        ? (listed ?? [...names.keys()]).map((service) => serviceCandidate(service, names, window))
        : programmeCandidates(programmes, listed, names, window);
    const control = isControlled
      ? disclosureOf({ by: { content: of } }, window, listed ?? [], programmes, rules)
      : undefined;
    const admit = (service: string): Target[] => {
      const candidate = serviceCandidate(service, names, window);
      candidates.push(candidate);
      return [candidate.target];
    };
    const [tally, blocks] = await measurement.run(asked, ground, [
      {
        targets: candidates.map(({ target }) => target),
        ...(of === 'service' && listed === undefined ? { admit } : {}),
      },
      ...(control === undefined ? [] : [control.tally]),
    ]);
    const isShown = control?.judge(blocks) ?? (() => true);
    const items = (tally?.finish().rows ?? []).flatMap(({ groups: [figures] }, place): AttentionItem[] => {
      const candidate = candidates[place];
      if (candidate === undefined || figures === undefined || figures.viewerSeconds === 0) return [];
      if (!isShown(candidate.target)) return [];
      const sums = { viewerSeconds: rounded(figures.viewerSeconds), people: rounded(figures.reach ?? 0) };
      return [{ ...candidate.name, ...sums }];
    });
    return rankAttention(items, limit);
  };
}

function serviceCandidate(service: string, names: ReadonlyMap<string, string>, window: Span): Candidate {
  return {
    name: { service, serviceName: names.get(service) ?? UNKNOWN },
    target: { lanes: [{ service, parts: [{ ...window, broadcast: 0 }] }], extent: 'union' },
  };
}

function programmeCandidates(
  programmes: Parameters<typeof broadcastsOf>[0],
  listed: readonly string[] | undefined,
  names: ReadonlyMap<string, string>,
  window: Span,
): Candidate[] {
  const isListed = listed === undefined ? () => true : (service: string) => listed.includes(service);
  const broadcasts = broadcastsOf(programmes).filter(({ service }) => isListed(service));
  const groups = Map.groupBy(broadcasts, ({ service, programme }) => JSON.stringify([service, programme.id]));
  return [...groups.values()].flatMap((group) => {
    const [{ service, programme }] = group as [Broadcast];
    const parts = group.flatMap((one, broadcast) =>
      intersect(one.parts, [window]).map((span) => ({ ...span, broadcast })),
    );
    if (parts.length === 0) return [];
    return {
      name: {
        service,
        serviceName: names.get(service) ?? UNKNOWN,
        programme: programme.id,
        title: programme.title,
      },
      target: { lanes: [{ service, parts }], extent: 'sum' as const },
    };
  });
}
