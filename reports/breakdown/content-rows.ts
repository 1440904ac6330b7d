// What rows are of, whatever their time: services, programmes, episodes, series, genres, providers (ratings R3).

import type { Content } from './breakdown.ts';
import { type Broadcast, broadcastsOf, type GuideProgramme, type GuideService } from './broadcasts.ts';
import { UNKNOWN } from './groups.ts';

/** What names a row's content. */
export interface ContentKey {
  service?: string;
  serviceName?: string;
  provider?: string;
  programme?: string;
  /** Of the first broadcast, where there are several. */
  title?: string;
  series?: string;
  episode?: string;
  genre?: string;
}

/** Whole services with all that they sent, breaks and all; or broadcasts, less their breaks. */
export type ContentRow =
  | { key: ContentKey; services: readonly string[] }
  | { key: ContentKey; broadcasts: readonly Broadcast[] };

/**
 * In guide order (services as given, then time; episodes by their first broadcast); series, genres and providers by name. A
 * programme of two genres is in both; one of none, and whose service has none, is in `Unknown`. What is of no series is in no row
 * of series. An episode is what has the same series and episode or, unless both are known, the same programme id and episode.
 */
export function contentRows(
  content: Content,
  services: readonly GuideService[],
  programmes: readonly GuideProgramme[],
): ContentRow[] {
  switch (content) {
    case 'all':
      return [{ key: {}, services: services.map(({ id }) => id) }];
    case 'service':
      return services.map(({ id, name }) => ({ key: { service: id, serviceName: name }, services: [id] }));
    case 'provider':
      return byName(Map.groupBy(services, ({ provider }) => provider ?? UNKNOWN)).map(([provider, own]) => ({
        key: { provider },
        services: own.map(({ id }) => id),
      }));
  }
  const byService = Map.groupBy(programmes, ({ service }) => service);
  const broadcasts = services.flatMap(({ id }) => broadcastsOf(byService.get(id) ?? []));
  switch (content) {
    case 'programme': {
      const names = new Map(services.map(({ id, name }) => [id, name]));
      return broadcasts.map((broadcast) => {
        const { service, programme } = broadcast;
        const { id, title } = programme;
        const key = { service, serviceName: names.get(service) ?? UNKNOWN, programme: id, title, ...partOf(programme) };
        return { key, broadcasts: [broadcast] };
      });
    }
    case 'episode':
      return [...Map.groupBy(broadcasts, ({ programme }) => episodeOf(programme)).values()].map((all) => {
        const [programme, ...others] = all.map((broadcast) => broadcast.programme) as [
          GuideProgramme,
          ...GuideProgramme[],
        ];
        const { id, title } = programme;
        const key = {
          ...(others.every((other) => other.id === id) ? { programme: id } : {}),
          title,
          ...partOf(programme),
        };
        return { key, broadcasts: all };
      });
    case 'series': {
      const ofSeries = broadcasts.filter(({ programme }) => programme.series !== undefined);
      return byName(Map.groupBy(ofSeries, ({ programme }) => programme.series ?? '')).map(([series, all]) => ({
        key: { title: all[0]?.programme.title ?? '', series },
        broadcasts: all,
      }));
    }
    case 'genre': {
      const own = new Map(services.map(({ id, genre }) => [id, genre ?? UNKNOWN]));
      const genres = new Map<string, Broadcast[]>();
      for (const broadcast of broadcasts) {
        const { categories = [], service } = broadcast.programme;
        for (const genre of categories.length > 0 ? new Set(categories) : [own.get(service) ?? UNKNOWN]) {
          const all = genres.get(genre);
          if (all === undefined) genres.set(genre, [broadcast]);
          else all.push(broadcast);
        }
      }
      return byName(genres).map(([genre, all]) => ({ key: { genre }, broadcasts: all }));
    }
  }
}

function partOf({ series, episode }: GuideProgramme): { series?: string; episode?: string } {
  return { ...(series === undefined ? {} : { series }), ...(episode === undefined ? {} : { episode }) };
}

function episodeOf({ id, series, episode }: GuideProgramme): string {
  const isKnown = series !== undefined && episode !== undefined;
  return JSON.stringify(isKnown ? { series, episode } : { id, episode });
}

/** By code units: the order, and with it the report, is the same on every machine. */
function byName<Item>(groups: Map<string, Item>): [string, Item][] {
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
