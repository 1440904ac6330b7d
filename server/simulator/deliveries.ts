// How a handset's reports travel: at once, late, twice, or in a batch after a time without network (O10; V3, V11). Pure.

import type { Act, Delivery, FleetOptions } from './plan.ts';
import type { Random } from './random.ts';

const SECOND_MS = 1_000;
const BATCH_ACTS = 40; // about 35 KiB, well inside a server's 64 KiB (V18)
const LATE_LEAST_S = 30;
const LATE_MOST_S = 20 * 60;
const RECONNECT_LEAST_S = 60;
const RECONNECT_MOST_S = 30 * 60;

/** One handset's requests in order of sending. */
export function planDeliveries(
  visits: readonly { acts: readonly Act[]; offline: boolean }[],
  options: FleetOptions,
  random: Random,
): Delivery[] {
  const deliveries = visits.flatMap(({ acts, offline }) =>
    offline ? batches(acts, random) : singles(acts, options, random),
  );
  const doubles = deliveries
    .filter(() => random.chance(options.doubleRate))
    .map((delivery) => ({ ...delivery, double: true, sendAt: delivery.sendAt + random.integer(2, 30) * SECOND_MS }));
  return [...deliveries, ...doubles].sort((a, b) => a.sendAt - b.sendAt); // stable: a double never overtakes
}

function singles(acts: readonly Act[], options: FleetOptions, random: Random): Delivery[] {
  return acts.map((act) => {
    const late = random.chance(options.lateRate) ? random.integer(LATE_LEAST_S, LATE_MOST_S) * SECOND_MS : 0;
    return { sendAt: act.at + late, acts: [act], batch: false, double: false };
  });
}

function batches(acts: readonly Act[], random: Random): Delivery[] {
  const endedAt = acts.at(-1)?.at ?? 0;
  const sendAt = endedAt + random.integer(RECONNECT_LEAST_S, RECONNECT_MOST_S) * SECOND_MS;
  const parts: Delivery[] = [];
  for (let start = 0; start < acts.length; start += BATCH_ACTS) {
    parts.push({ sendAt, acts: acts.slice(start, start + BATCH_ACTS), batch: true, double: false });
  }
  return parts;
}
