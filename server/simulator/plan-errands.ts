// What a handset does beside reporting: how it holds its event stream, and what its user buys (O10; G7, G12). Pure: a seed repeats it.

import type { FleetOptions, Handset, PlannedOrder, PlannedStream } from './plan.ts';
import { createRandom, type Random } from './random.ts';

const OWN_NUMBERS = 2 ** 24; // apart from those of viewing, which errands leave as they are
const DROPS = 8;
const [DROP_LEAST_MS, DROP_MOST_MS] = [500, 20_000]; // phones in lifts and trains
const SECOND_MS = 1_000;
const MARGIN_MS = 60_000; // as that of viewing: nothing is left to do at the end

interface ErrandsRequest {
  seed: number;
  items: readonly string[];
  from: number;
  to: number;
  options: FleetOptions;
  /** One of a user's devices buys, so that nobody cancels what another has just ordered. */
  mayBuy: boolean;
}

export function planErrands(
  handset: Handset,
  request: ErrandsRequest,
): { stream?: PlannedStream; orders: PlannedOrder[] } {
  const { seed, options } = request;
  const random = createRandom(seed, OWN_NUMBERS + handset.number);
  const holds = handset.modern && random.chance(options.streamShare);
  const form = random.chance(options.webSocketShare) ? 'websocket' : 'sse';
  const dropsAfterMs = Array.from({ length: DROPS }, () => random.integer(DROP_LEAST_MS, DROP_MOST_MS));
  return { ...(holds ? { stream: { form, dropsAfterMs } } : {}), orders: planOrders(request, random) };
}

function planOrders({ items, from, to, options, mayBuy }: ErrandsRequest, random: Random): PlannedOrder[] {
  const seconds = Math.floor((to - from - MARGIN_MS) / SECOND_MS);
  const item = items[random.integer(0, Math.max(0, items.length - 1))];
  const [buys, cancels] = [random.chance(options.orderShare), random.chance(options.cancelShare)];
  if (!mayBuy || !buys || item === undefined || seconds < 1) return [];
  const after = random.integer(0, seconds - 1);
  const at = from + after * SECOND_MS;
  const cancelledAt = from + random.integer(after + 1, seconds) * SECOND_MS;
  return [{ item, at, ...(cancels ? { cancelledAt } : {}) }];
}
