// A day of eight services and some hundred people, the same each time, as narrow ports: what reports for people are looked at with.

import type { GuideProgramme } from '../../reports/breakdown/broadcasts.ts';
import type { Universe } from '../../reports/ratings/measurement.ts';
import type { RatingsDeps } from '../../reports/ratings/ratings.ts';
import { DEFAULT_RULES, type RatingRules } from '../../reports/ratings/rules.ts';
import type { ViewingRow } from '../../reports/viewing/batch-rows.ts';
import { sourceOf } from './viewing-rows.ts';

const ZONE = 'Europe/Paris';
/** 02:00 in the zone: a broadcast day begins. */
export const DAY = { from: Date.parse('2026-11-19T01:00:00Z'), to: Date.parse('2026-11-20T01:00:00Z') };

const MINUTE = 60_000;
const NAMES = ['One', 'News 24', 'Sport Live', 'Cinéma', 'Kids & Co', 'Музыка', 'Nature', 'Shop <b>TV</b>'];
const GENRES = ['general', 'news', 'sport', 'film', 'children', 'music', 'documentary', 'shopping'];
const LENGTHS = [60, 30, 105, 120, 25, 45, 50, 180];
const REGIONS = ['north', 'south', 'east', 'west', 'islands', 'abroad'];
/** Parts of the day's greatest audience, by hour from 02:00. */
const HOURS = [2, 1, 1, 2, 6, 14, 18, 14, 12, 12, 18, 26, 20, 16, 18, 24, 34, 56, 84, 100, 92, 60, 26, 8];

export interface RatedDay {
  people: number;
  rules: Partial<RatingRules>;
  /** Services of which an afternoon was not measured. */
  unmeasured: readonly string[];
  now: number;
}

/** Services 01 to 04 are of provider acme, the others of other. A tenth of the people live in the last two regions. */
export function ratedDay({
  people = 240,
  rules = {},
  unmeasured = [],
  now = DAY.to + 12 * 3_600_000,
}: Partial<RatedDay> = {}): RatingsDeps {
  const random = numbers(7);
  const programmes = schedule();
  const sessions = watching(people, programmes, random);
  const afternoon = [
    { from: DAY.from, to: DAY.from + 11 * 60 * MINUTE },
    { from: DAY.from + 14 * 60 * MINUTE, to: DAY.to },
  ];
  return {
    readViewing: ({ from, to }) => sourceOf(sessions.filter((row) => row.startedAt < to && row.endedAt > from)),
    dataRevision: async () => '41',
    retentionMs: 30 * 86_400_000,
    guide: {
      listServices: async () =>
        NAMES.map((name, place) => ({
          id: idOf(place),
          name,
          provider: place < 4 ? 'acme' : 'other',
          genre: GENRES[place] ?? '',
        })),
      listProgrammes: async ({ from, to }) => programmes.filter((one) => one.startAt < to && one.stopAt > from),
      measuredWithin: (service, from, to) => (unmeasured.includes(service) ? afternoon : [{ from, to }]),
      revision: async () => '12',
    },
    people: {
      async read() {
        const universe: Universe = { weight: people, users: people, effectiveSize: people, isSample: false };
        const regionOf = (viewer: number): number => (viewer % 20 === 0 ? 4 + ((viewer / 20) % 2) : viewer % 4);
        const universes = REGIONS.map(
          (_, region) => range(people).filter((viewer) => regionOf(viewer) === region).length,
        );
        return {
          universe,
          weightOf: () => 1,
          segmentation: async () => ({ names: REGIONS, universes, segmentOf: regionOf }),
        };
      },
    },
    clock: () => now,
    rules: { ...DEFAULT_RULES, zone: ZONE, ...rules },
  };
}

const range = (count: number): number[] => [...Array(count).keys()];
const idOf = (place: number): string => String(place + 1).padStart(2, '0');

/** The minimal standard generator (Park and Miller, 1988): the same numbers everywhere, from 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function schedule(): GuideProgramme[] {
  return NAMES.flatMap((name, place) => {
    const length = (LENGTHS[place] ?? 60) * MINUTE;
    const count = Math.ceil((DAY.to - DAY.from) / length);
    return range(count).map((number) => ({
      id: `${idOf(place)}-${number}`,
      service: idOf(place),
      title: number % 4 === 3 ? `${name}: a long evening with guests, part ${number + 1}` : `${name} ${number + 1}`,
      startAt: DAY.from + number * length,
      stopAt: Math.min(DAY.to, DAY.from + (number + 1) * length),
    }));
  });
}

/** Sessions of a quarter of an hour to two hours, more in the evening, more of the first services, each region's taste its own. */
function watching(people: number, programmes: readonly GuideProgramme[], random: () => number): ViewingRow[] {
  return range(people).flatMap((viewer) => {
    const sessions: ViewingRow[] = [];
    for (let at = DAY.from + random() * 60 * MINUTE; at < DAY.to; ) {
      const wish = (HOURS[Math.floor((at - DAY.from) / 3_600_000)] ?? 0) / 100;
      const length = (15 + random() * 105) * MINUTE;
      if (random() < wish * 0.75) {
        const place = Math.floor((random() ** 1.6 * 8 + (viewer % 4) * 0.7) % 8);
        const service = idOf(place);
        const endedAt = Math.min(DAY.to, Math.round((at + length) / 1000) * 1000);
        const startedAt = Math.round(at / 1000) * 1000;
        const programme = programmes.find((one) => one.service === service && one.startAt <= at && at < one.stopAt);
        sessions.push({
          viewer,
          device: viewer,
          service,
          programme: programme?.id ?? '',
          startedAt,
          endedAt,
          imputedMs: 0,
        });
      }
      at += length + random() * 20 * MINUTE;
    }
    return sessions;
  });
}
