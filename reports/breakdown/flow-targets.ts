// The two quarter-hours between which viewers flow: the end of the lead-in and the beginning of a programme (ratings R2).

import { Problem } from '../../server/problem.ts';
import { secondOf } from '../figures/clean-viewing.ts';
import type { Span } from '../figures/spans.ts';
import type { Target } from '../figures/target.ts';

const QUARTER_HOUR_S = 900;

/** One service in both: `before` the programme began, and `after`. */
export interface FlowTargets {
  service: string;
  before: Target;
  after: Target;
}

/** Epoch ms, half-open. */
interface Slot {
  startAt: number;
  stopAt: number;
}

/**
 * On every service, in their order, the last quarter-hour of the lead-in before the programme starts, and the programme's first: where
 * a slot is shorter, all of it. It is time on the clock, breaks and all, so that each service is asked for the same. Problem
 * `invalid` where the lead-in has no time before the programme, or that has none.
 */
export function flowTargets(asked: { programme: Slot; leadIn: Slot; services: readonly string[] }): FlowTargets[] {
  const { programme, leadIn, services } = asked;
  const start = secondOf(programme.startAt);
  const leadInEnd = Math.min(secondOf(leadIn.stopAt), start);
  const before = { from: Math.max(secondOf(leadIn.startAt), leadInEnd - QUARTER_HOUR_S), to: leadInEnd };
  const after = { from: start, to: Math.min(secondOf(programme.stopAt), start + QUARTER_HOUR_S) };
  if (before.from >= before.to || after.from >= after.to)
    throw new Problem('invalid', 'flow needs a programme and a lead-in with time before it');
  return services.map((service) => ({ service, before: targetOf(service, before), after: targetOf(service, after) }));
}

function targetOf(service: string, span: Span): Target {
  return { lanes: [{ service, parts: [{ ...span, broadcast: 0 }] }], extent: 'union' };
}
