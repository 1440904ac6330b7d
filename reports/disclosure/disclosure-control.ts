// What of a provider's report may be shown, whatever else he asks for (ratings R14; see atoms.ts).

import { Problem } from '../../server/problem.ts';
import type { BroadcastDay } from '../breakdown/broadcast-calendar.ts';
import type { Broadcast } from '../breakdown/broadcasts.ts';
import { timeRows } from '../breakdown/time-rows.ts';
import { intersect, type Span } from '../figures/spans.ts';
import type { Target } from '../figures/target.ts';
import { type Atom, type Block, isSumOf, joinSmall } from './atoms.ts';

export interface DisclosureAsked {
  /** Smallest number of people behind what is shown. */
  least: number;
  /** Epoch seconds. */
  window: Span;
  /** Those that the window touches, whole. */
  days: readonly BroadcastDay[];
  /** Services that rows may be of, and all their broadcasts in these days. */
  services: readonly string[];
  broadcasts: readonly Broadcast[];
  /** Rows are of minutes. */
  byMinute: boolean;
  /** Rows are of groups of people: time is split at programmes alone, since each group needs enough people. */
  byGroup: boolean;
}

export interface DisclosureControl {
  /** Whose people must be counted, over the whole of the days. */
  targets: Target[];
  /** `viewersOf` counts people of a target above, by group. Answers whether a row of this target may be shown. */
  judge(viewersOf: (place: number) => readonly number[]): (target: Target) => boolean;
}

/** Blocks of time that are counted: a minute of each of 200 services for a day. */
const BLOCK_LIMIT = 300_000;

interface ServiceDay {
  service: string;
  /** Places of their targets. */
  whole: number;
  blocks: { span: Span; place: number; minutes: { span: Span; place: number }[] }[];
}

/** Problem `too_large` for more blocks than can be counted. */
export function createDisclosureControl(asked: DisclosureAsked): DisclosureControl {
  const { days, services, least, window } = asked;
  const targets: Target[] = [];
  const open = (service: string, { from, to }: Span): number => {
    if (targets.length >= BLOCK_LIMIT) {
      throw new Problem(
        'too_large',
        'too many programmes and minutes to see whose viewing they would tell of: ask for less',
      );
    }
    return targets.push({ lanes: [{ service, parts: [{ from, to, broadcast: 0 }] }], extent: 'union' }) - 1;
  };
  const byService = Map.groupBy(asked.broadcasts, ({ service }) => service);
  const serviceDays: ServiceDay[] = services.flatMap((service) => {
    const slots = (byService.get(service) ?? []).flatMap(({ parts }) => parts);
    return days.map((day) => ({
      service,
      whole: open(service, day),
      blocks: blocksOf(day, slots, asked.byGroup).map((span) => ({
        span,
        place: open(service, span),
        minutes: asked.byMinute
          ? minutesOf(span).map((minute) => ({ span: minute, place: open(service, minute) }))
          : [],
      })),
    }));
  });

  return {
    targets,
    judge(viewersOf) {
      const atoms = new Map<string, Atom[]>();
      for (const { service, whole, blocks } of serviceDays) {
        const counted = blocks.map(({ span, place }): Block => ({ ...span, viewers: viewersOf(place) }));
        const joined = joinSmall(counted, viewersOf(whole), least);
        const minutes = blocks.flatMap((block) => block.minutes);
        const own = asked.byMinute ? joined.flatMap((atom) => split(atom, minutes, viewersOf, least)) : joined;
        atoms.set(service, [...(atoms.get(service) ?? []), ...own]);
      }
      return ({ lanes }) =>
        lanes.every(({ service, parts }) =>
          intersect(parts, [window]).every(({ from, to }) => isSumOf(atoms.get(service) ?? [], from, to)),
        );
    },
  };
}

/** A piece of many minutes in as small ones as tell of nobody. */
function split(
  atom: Atom,
  minutes: readonly { span: Span; place: number }[],
  viewersOf: (place: number) => readonly number[],
  least: number,
): Atom[] {
  if (atom.isClosed) return [atom];
  const own = minutes
    .filter(({ span }) => span.from >= atom.from && span.to <= atom.to)
    .map(({ span, place }): Block => ({ ...span, viewers: viewersOf(place) }));
  return joinSmall(own, [least], least);
}

/** A day cut where its programmes begin and end and, if not by group, at each quarter-hour. */
function blocksOf(day: BroadcastDay, slots: readonly Span[], byGroup: boolean): Span[] {
  const edges = new Set([day.from, day.to]);
  const add = (at: number): void => {
    if (at > day.from && at < day.to) edges.add(at);
  };
  for (const { from, to } of slots) {
    add(from);
    add(to);
  }
  if (!byGroup)
    for (const { spans } of timeRows('quarter-hour', day, [day], [])) for (const { from } of spans) add(from);
  return spansBetween([...edges].sort((a, b) => a - b));
}

/** Clock minutes; the first and the last may be parts of one. */
function minutesOf({ from, to }: Span): Span[] {
  const edges = [from];
  for (let at = Math.floor(from / 60) * 60 + 60; at < to; at += 60) edges.push(at);
  return spansBetween([...edges, to]);
}

function spansBetween(edges: readonly number[]): Span[] {
  return edges.slice(1).map((to, place) => ({ from: edges[place] as number, to }));
}
