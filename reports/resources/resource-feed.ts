// Which services and programmes draw most, now and in the last finished hours, for a network that gives them capacity (ratings R8, R17).

import { UNKNOWN } from '../breakdown/groups.ts';
import type { DevicesByAccess, LaneView, LiveView } from '../live/live-minutes.ts';

type Trend = 'rising' | 'falling' | 'steady' | 'unknown';

/** What a service, or a programme on it, draws. */
export interface ResourceEntry {
  of: 'service' | 'programme';
  /** Among those of its kind, by people now and by time in the finished hours: from 1, equals share one; absent where it draws nothing. */
  rankNow?: number;
  rankHours?: number;
  service: string;
  serviceName: string;
  programme?: string;
  title?: string;
  /** People now. */
  audience: number;
  /** Devices now, by the way in which their streams come: what capacity depends on. */
  devices: DevicesByAccess;
  trend: Trend;
  /** Average audience of the last five whole minutes, and of the five that began fifteen minutes before their end. */
  recentAudience?: number;
  formerAudience?: number;
  /** Figures of the finished hours. */
  viewerSeconds: number;
  people: number;
  /** What a service shows next, as the guide has it; how many it will draw is not foretold. */
  next?: { programme: string; title: string; startAt: number };
}

export interface ResourceFeed {
  at: number;
  /** The finished hours, epoch ms, half-open. */
  hours: { from: number; to: number };
  entries: ResourceEntry[];
}

/** A service with what is on it. */
export interface ServiceOnAir {
  id: string;
  name: string;
  provider: string;
  now?: { id: string; title: string };
  next?: { id: string; title: string; startAt: number };
}

/** What the figures of the finished hours say of a service or programme. */
export interface Drawn {
  service: string;
  serviceName: string;
  programme?: string;
  title?: string;
  viewerSeconds: number;
  people: number;
}

export interface DrawnInHours {
  from: number;
  to: number;
  drawn: readonly Drawn[];
}

/** How many ranks one may ask for: an answer is made in memory. */
export const RESOURCE_RANKS = { least: 1, most: 1_000, otherwise: 20 };

const TREND_MINUTES = 15;
const TREND_PART = 5;
/** Less than that in people, or in share of what was there, is noise. */
const TREND_PEOPLE = 5;
const TREND_SHARE = 0.1;

/**
 * By the minutes' average audience, oldest first: it rises (falls) when the last five are above (below) the first five of the last
 * fifteen by a tenth of these and by five people; else it is steady; unknown without fifteen minutes.
 */
export function trendOf(
  byMinute: readonly number[],
): Pick<ResourceEntry, 'trend' | 'recentAudience' | 'formerAudience'> {
  if (byMinute.length < TREND_MINUTES) return { trend: 'unknown' };
  const last = byMinute.slice(-TREND_MINUTES);
  const former = mean(last.slice(0, TREND_PART));
  const recent = mean(last.slice(-TREND_PART));
  const change = recent - former;
  const isMuch = Math.abs(change) >= Math.max(TREND_PEOPLE, TREND_SHARE * former);
  const trend = isMuch ? (change > 0 ? 'rising' : 'falling') : 'steady';
  return { trend, recentAudience: rounded(recent), formerAudience: rounded(former) };
}

/** Services first, then programmes, each by rank now, then in the hours: those whose one rank or other is `limit` at most. */
export function resourceFeed(
  view: LiveView,
  onAir: readonly ServiceOnAir[],
  hours: DrawnInHours,
  limit: number,
): ResourceFeed {
  const services = new Map(onAir.map((service) => [service.id, service]));
  const drawn = new Map(hours.drawn.map((one) => [nameOf(one), one]));
  const lanes = new Map<string, { service: string; programme?: string; lane: LaneView }>();
  for (const [service, lane] of view.services) lanes.set(nameOf({ service }), { service, lane });
  for (const entry of view.programmes) lanes.set(nameOf(entry), entry);
  const nobody: LaneView = {
    audience: 0,
    devices: { broadcast: 0, unicast: 0, unknown: 0 },
    byMinute: view.minutes.map(() => 0),
  };

  const entries = [...new Set([...lanes.keys(), ...drawn.keys()])].map((name): ResourceEntry => {
    const known = drawn.get(name);
    const { service, programme } = lanes.get(name) ?? (known as Drawn);
    const { audience, devices, byMinute } = lanes.get(name)?.lane ?? nobody;
    const guide = services.get(service);
    const { next } = guide ?? {};
    const title = known?.title ?? (guide?.now?.id === programme ? guide?.now?.title : undefined);
    return {
      of: programme === undefined ? 'service' : 'programme',
      service,
      serviceName: guide?.name ?? known?.serviceName ?? UNKNOWN,
      ...(programme === undefined ? {} : { programme }),
      ...(programme === undefined || title === undefined ? {} : { title }),
      audience,
      devices,
      ...trendOf(byMinute),
      viewerSeconds: known?.viewerSeconds ?? 0,
      people: known?.people ?? 0,
      ...(programme !== undefined || next === undefined
        ? {}
        : { next: { programme: next.id, title: next.title, startAt: next.startAt } }),
    };
  });
  const ranked = (['service', 'programme'] as const).flatMap((of) => {
    const own = entries.filter((entry) => entry.of === of).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const now = ranksBy(own, ({ audience }) => audience);
    const inHours = ranksBy(own, ({ viewerSeconds }) => viewerSeconds);
    return own
      .map((entry): ResourceEntry => {
        const [rankNow, rankHours] = [now.get(entry), inHours.get(entry)];
        return {
          ...entry,
          ...(rankNow === undefined ? {} : { rankNow }),
          ...(rankHours === undefined ? {} : { rankHours }),
        };
      })
      .filter(({ rankNow = Number.POSITIVE_INFINITY, rankHours = rankNow }) => Math.min(rankNow, rankHours) <= limit)
      .sort((a, b) => compareRanks(a.rankNow, b.rankNow) || compareRanks(a.rankHours, b.rankHours));
  });
  return { at: view.at, hours: { from: hours.from, to: hours.to }, entries: ranked };
}

/** Of those that have any; equals share a rank, and the next rank counts them all (R8). */
function ranksBy(entries: readonly ResourceEntry[], measure: (entry: ResourceEntry) => number) {
  const ranks = new Map<ResourceEntry, number>();
  const sorted = entries.filter((entry) => measure(entry) > 0).sort((a, b) => measure(b) - measure(a));
  for (const [index, entry] of sorted.entries()) {
    const before = sorted[index - 1];
    const isEqual = before !== undefined && measure(before) === measure(entry);
    ranks.set(entry, isEqual ? (ranks.get(before) as number) : index + 1);
  }
  return ranks;
}

const compareRanks = (a = Number.MAX_SAFE_INTEGER, b = Number.MAX_SAFE_INTEGER): number => a - b;
const nameOf = ({ service, programme }: { service: string; programme?: string }): string =>
  JSON.stringify([service, programme]);
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const rounded = (number: number): number => Math.round(number * 100) / 100;
