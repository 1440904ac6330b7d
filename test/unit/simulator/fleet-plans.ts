// A small guide and plans over it, for the simulator's tests.

import type { FleetOptions, SimulatedService } from '../../../server/simulator/plan.ts';

export const START_AT = Date.UTC(2026, 10, 20, 12);
const HALF_HOUR_MS = 1_800_000;

/** Three services with programmes of half an hour for a day, from START_AT. */
export const SERVICES: SimulatedService[] = ['01', '02', '03'].map((id) => ({
  id,
  programmes: Array.from({ length: 48 }, (_, index) => ({
    id: `${id}-${index}`,
    startAt: START_AT + index * HALF_HOUR_MS,
    stopAt: START_AT + (index + 1) * HALF_HOUR_MS,
  })),
}));

/** Nothing is lost, late, doubled or wrong. */
export const SMOOTH: Partial<FleetOptions> = {
  crashRate: 0,
  badClockShare: 0,
  offlineRate: 0,
  doubleRate: 0,
  lateRate: 0,
};
