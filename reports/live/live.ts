// The live audience as it is shown: every service now and over the last minutes; a provider's own, without small cells (ratings R9, R14).

import { UNKNOWN } from '../breakdown/groups.ts';
import type { DevicesByAccess, LaneView, LiveMinutes, LiveView } from './live-minutes.ts';

/** A service as live figures name it, in the order of the guide. */
export interface NamedService {
  id: string;
  name: string;
  provider?: string;
}

/** Figures of one service. Where a provider may not see one, it is absent, and so is its minute (`null`). */
interface LiveRow {
  service: string;
  serviceName: string;
  /** People who watch it now. */
  audience?: number;
  devices?: DevicesByAccess;
  /** Average audience of each whole minute, with two decimals. */
  byMinute: (number | null)[];
  /** Something is left out since too few people are behind it (R14). */
  suppressed?: true;
}

export interface LiveAudience {
  at: number;
  /** Starts of the minutes, epoch ms. */
  minutes: number[];
  /** Smallest number of people in a cell; 0 is off. */
  suppressBelow: number;
  items: LiveRow[];
  /** People who watch anything; not for providers. */
  total?: Pick<LiveRow, 'audience' | 'devices' | 'byMinute'>;
}

export interface Live {
  /** All services, or those of a provider. */
  look(provider?: string): Promise<LiveAudience>;
  view(): LiveView;
}

/** So often those who fell silent are looked for: that costs as much as people are online, and a look costs only services. */
const SWEEP_EVERY_MS = 10_000;
const NOBODY: DevicesByAccess = { broadcast: 0, unicast: 0, unknown: 0 };

export function createLive(deps: {
  minutes: LiveMinutes;
  /** From memory. */
  listServices(): Promise<readonly NamedService[]>;
  /** Takes those off the online list who were silent for the time-out. */
  sweep(now: number): void;
  suppressBelow: number;
  clock: () => number;
}): Live {
  let sweptAt = Number.NEGATIVE_INFINITY;
  const view = (): LiveView => {
    const now = deps.clock();
    if (Math.abs(now - sweptAt) >= SWEEP_EVERY_MS) {
      deps.sweep(now);
      sweptAt = now;
    }
    return deps.minutes.view();
  };
  return {
    view,
    async look(provider) {
      const services = await deps.listServices();
      return audienceOf(view(), services, provider === undefined ? {} : { provider, below: deps.suppressBelow });
    },
  };
}

/**
 * What one may see of a view: with `provider` its services alone, and no cell of fewer people than `below`. There is no sum that a
 * hidden cell could be told from. A minute's average is no more than the people in it, so that it shows when it is `below` or more.
 */
export function audienceOf(
  { at, minutes, services, all }: LiveView,
  known: readonly NamedService[],
  { provider, below = 0 }: { provider?: string; below?: number } = {},
): LiveAudience {
  const nobody: LaneView = { audience: 0, devices: NOBODY, byMinute: minutes.map(() => 0) };
  const rowOf = (service: string, serviceName: string): LiveRow => ({
    service,
    serviceName,
    ...shown(services.get(service) ?? nobody, below),
  });
  const suppressBelow = below > 1 ? below : 0;
  if (provider !== undefined) {
    const own = known.filter((service) => service.provider === provider);
    return { at, minutes, suppressBelow, items: own.map(({ id, name }) => rowOf(id, name)) };
  }
  const ids = new Set(known.map(({ id }) => id));
  const others = [...services.keys()].filter((id) => !ids.has(id)).sort();
  const items = [...known.map(({ id, name }) => rowOf(id, name)), ...others.map((id) => rowOf(id, UNKNOWN))];
  return { at, minutes, suppressBelow, items, total: shown(all, below) };
}

function shown({ audience, devices, byMinute }: LaneView, below: number): Omit<LiveRow, 'service' | 'serviceName'> {
  const isFew = (people: number): boolean => below > 1 && people < below;
  const minutes = byMinute.map((average) => (isFew(average) ? null : Math.round(average * 100) / 100));
  const isHidden = isFew(audience) || minutes.includes(null);
  return {
    // Of the ways in which streams come a provider sees nothing: one of them alone may have few.
    ...(isFew(audience) ? {} : { audience, ...(below > 1 ? {} : { devices }) }),
    byMinute: minutes,
    ...(isHidden ? { suppressed: true } : {}),
  };
}
