// Preferences with what they need of the other products (R12, R13): their corner of products.ts.

import { intersect, unite } from '../reports/figures/spans.ts';
import type { DayCut, Slot } from '../reports/preferences/day-viewing.ts';
import type { Person } from '../reports/preferences/preference-run.ts';
import type { PreferenceStore } from '../reports/preferences/preference-store.ts';
import { createPreferences, type Preferences } from '../reports/preferences/preferences.ts';
import { DEFAULT_RULES } from '../reports/ratings/rules.ts';
import type { ReadViewing } from '../reports/viewing/viewing-batch.ts';
import type { Guide } from '../sg/guide.ts';
import { measuredWithin } from '../sg/measured-windows.ts';
import { type Zone, zoneNamed } from '../sg/zone-time.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { Config } from './config.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';

const DAY_MS = 86_400_000;
const LATER_MS = DAY_MS; // what is watched later than a day after it was sent counts for its service, not its programme

export function wirePreferences(deps: {
  store: { preferences: PreferenceStore };
  readViewing: ReadViewing;
  accounts: Pick<Accounts, 'findByViewer' | 'mayMeasure'>;
  guide: Pick<Guide, 'listServices' | 'listProgrammes'>;
  subscriptions: Pick<Subscriptions, 'listEntitled'>;
  config: Config;
  clock: () => number;
}): Preferences {
  const { store, accounts, guide, subscriptions, config, clock } = deps;
  const zones = new Map<string, Zone>(); // one function a zone: dayparts are worked out once for each
  const zoneOf = (name: string): Zone => {
    const zone = zones.get(name) ?? zoneNamed(undefined, name);
    zones.set(name, zone);
    return zone;
  };
  return createPreferences({
    store: store.preferences,
    readViewing: deps.readViewing,
    cutOf: (window) => cutOf(guide, config, window),
    async findPeople(viewers) {
      const found = await Promise.all(viewers.map((viewer) => accounts.findByViewer(viewer)));
      const people = found.filter((account) => account !== undefined);
      return new Map(
        people.map((account): [number, Person] => [
          account.viewer,
          {
            measurable: accounts.mayMeasure(account),
            ...(account.zone === undefined ? {} : { zone: zoneOf(account.zone) }),
          },
        ]),
      );
    },
    subscribedBy: async (viewer) => (await subscriptions.listEntitled(viewer)).map(({ service }) => service),
    servicesOf: async (provider) => (await guide.listServices({ provider })).map(({ id }) => id),
    marketTotals: DEFAULT_RULES.marketTotals,
    clock,
    zone: zoneOf(config.zone),
    rules: {
      halfLifeDays: config.preferenceHalfLifeMs / DAY_MS,
      retentionDays: config.rawRetentionMs / DAY_MS,
      suppressBelow: config.suppressBelow,
    },
  });
}

async function cutOf(
  guide: Pick<Guide, 'listServices' | 'listProgrammes'>,
  config: Config,
  { from, to }: { from: number; to: number },
): Promise<DayCut> {
  const services = new Map((await guide.listServices()).map((service) => [service.id, service]));
  const programmes = await guide.listProgrammes({ from: from - LATER_MS, to });
  const slots = new Map<string, Slot[]>();
  for (const [service, list] of Map.groupBy(programmes, (programme) => programme.service)) {
    const genre = services.get(service)?.genre;
    const sorted = list.map(({ id, startAt, stopAt, series, categories }): Slot => {
      const genres = categories ?? (genre === undefined ? [] : [genre]);
      const of = series === undefined ? {} : { series };
      return { id, from: secondOf(startAt), to: secondOf(stopAt), ...of, genres: [...new Set(genres)] };
    });
    slots.set(service, sorted);
  }
  const window = { from: secondOf(from), to: secondOf(to) };
  const measured = new Map<string, { from: number; to: number }[]>();
  return {
    window,
    dwellMsOf: (service) => services.get(service)?.dwellMs ?? config.dwellMs,
    measuredOf(service) {
      const known = measured.get(service);
      if (known !== undefined) return known;
      const windows = measuredWithin(services.get(service) ?? { measured: [] }, from, to, config.measure);
      const spans = unite(windows.map((one) => ({ from: secondOf(one.from), to: secondOf(one.to) })));
      measured.set(service, intersect(spans, [window]));
      return measured.get(service) ?? [];
    },
    slotsOf: (service) => slots.get(service) ?? [],
  };
}

const secondOf = (ms: number): number => Math.floor(ms / 1_000);
