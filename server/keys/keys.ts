// The keys of sold services: made by period, given to subscribers alone, told of in time, removed when old (G11).

import { randomBytes } from 'node:crypto';
import type { Offers } from '../../sg/offers.ts';
import type { Sealing } from '../accounts/sealing.ts';
import type { Notify } from '../push/event.ts';
import type { Entitlement } from '../subscriptions/entitlement.ts';
import { type KeyPeriod, type KeySchedule, periodsToGive, periodToTell } from './key-period.ts';
import type { KeyStore, StoredKey } from './key-store.ts';

/** A key as its subscriber gets it: valid in [from, until), epoch ms, never beyond the subscription. */
interface ServiceKey {
  service: string;
  /** 128 bits, base64. */
  key: string;
  from: number;
  until: number;
}

export interface KeyRing {
  keys: ServiceKey[];
  /** When to ask again: there will be other keys then. Epoch ms; absent without keys. */
  renewAt?: number;
}

export interface Keys {
  /** Of every service that the user pays for the present key, and within the lead the next one; by service and time. */
  give(viewer: number): Promise<KeyRing>;
  /** How long the keys that a user with these entitlements can have now are valid, to the first end. Epoch ms; undefined without. */
  validUntil(entitled: readonly Entitlement[]): number | undefined;
  /** Tells the subscribers of each sold service of its next key once it is there, each once. Answers how many services. */
  tellNext(): Promise<number>;
  /** Removes keys that ended long ago; answers how many. */
  forgetOld(): Promise<number>;
}

export interface KeysDeps {
  store: KeyStore;
  sealing: Sealing;
  offers: Offers;
  listEntitled(viewer: number): Promise<Entitlement[]>;
  notify: Notify;
  schedule: KeySchedule;
  clock: () => number;
}

const KEY_BYTES = 16; // AES-128, as broadcast services are encrypted with
const KEPT_MS = 7 * 86_400_000; // what was received and not yet shown is deciphered by then
const SPREAD = 1_000; // a pseudonym is random
const SERVICES_AT_ONCE = 500;
const OPENED_MOST = 20_000; // some 5 MB: two periods of ten thousand services

export function createKeys(deps: KeysDeps): Keys {
  const { store, sealing, offers, notify, schedule, clock } = deps;
  const opened = new Map<string, string>();
  let told: number | undefined;

  /** The keys of these services in one period, made where nobody has made them yet: all processes agree on what is stored. */
  const keysOf = async (services: readonly string[], { from, to }: KeyPeriod): Promise<Map<string, string>> => {
    const nameOf = (service: string): string => `key:${service}:${from}`;
    const missing = services.filter((service) => !opened.has(nameOf(service)));
    if (missing.length > 0) {
      let stored = await store.list(missing, from);
      const known = new Set(stored.map(({ service }) => service));
      const fresh = missing
        .filter((service) => !known.has(service))
        .map((service): StoredKey => {
          const sealedKey = sealing.seal(randomBytes(KEY_BYTES).toString('base64'), nameOf(service));
          return { service, from, to, sealedKey };
        });
      if (fresh.length > 0) {
        await store.putFirst(fresh);
        stored = await store.list(missing, from);
      }
      if (opened.size + stored.length > OPENED_MOST) opened.clear();
      for (const { service, sealedKey } of stored)
        opened.set(nameOf(service), sealing.open(sealedKey, nameOf(service)));
    }
    return new Map(services.map((service) => [service, opened.get(nameOf(service)) ?? '']));
  };

  return {
    async give(viewer) {
      const now = clock();
      const entitled = await deps.listEntitled(viewer);
      const keys: ServiceKey[] = [];
      const [present, next] = periodsToGive(now, undefined, schedule);
      for (const period of [present, next]) {
        if (period === undefined) continue;
        const own = entitled.filter(({ until = Number.POSITIVE_INFINITY }) => period.from < until);
        const found = await keysOf(
          own.map(({ service }) => service),
          period,
        );
        for (const { service, until = period.to } of own)
          keys.push({ service, key: found.get(service) ?? '', from: period.from, until: Math.min(until, period.to) });
      }
      keys.sort((a, b) => (a.service === b.service ? a.from - b.from : a.service < b.service ? -1 : 1));
      if (keys.length === 0 || present === undefined) return { keys };
      // Phones would ask all at once: each has its moment in the first half of the lead.
      const early = schedule.leadMs * (1 - (viewer % SPREAD) / SPREAD / 2);
      return { keys, renewAt: Math.round((next ?? present).to - early) };
    },

    validUntil(entitled) {
      const now = clock();
      const ends = entitled.map(({ until = Number.POSITIVE_INFINITY }) =>
        Math.min(until, periodsToGive(now, until, schedule).at(-1)?.to ?? now),
      );
      return ends.length === 0 ? undefined : Math.min(...ends);
    },

    async tellNext() {
      const period = periodToTell(clock(), schedule);
      if (period === undefined || period.from === told) return 0;
      const services = [...(await offers.current()).sold].sort();
      const [from, to] = [new Date(period.from).toISOString(), new Date(period.to).toISOString()];
      for (let start = 0; start < services.length; start += SERVICES_AT_ONCE) {
        const some = services.slice(start, start + SERVICES_AT_ONCE);
        await keysOf(some, period);
        for (const service of some)
          await notify({
            kind: 'key-needs-update',
            audience: { subscribersOf: service },
            content: { service, from, until: to },
            key: `key/${service}/${from}`,
            validUntil: period.to,
          });
      }
      told = period.from; // another process, or this one started again, tells the same events: they are stored once
      return services.length;
    },

    forgetOld: () => store.removeEndedBefore(clock() - KEPT_MS),
  };
}
