// Fills a store through its ports with reports of five days, the sessions that come of them, and all that goes with it.

import { createRandom } from '../server/simulator/random.ts';
import type { Store } from '../server/store/store.ts';
import { type DeviceState, deriveSessions } from '../server/viewing/derive-sessions.ts';
import { keyOf } from '../server/viewing/pseudonyms.ts';
import type { Arrival, StoredReport } from '../server/viewing/report.ts';
import { isEnded } from '../server/viewing/session.ts';
import type { SessionChange } from '../server/viewing/session-store.ts';

/** What a reader may ask for. Times are epoch ms. */
export interface StoreData {
  devices: number;
  services: readonly string[];
  from: number;
  to: number;
}

const MINUTE_MS = 60_000;
export const DAY_MS = 1_440 * MINUTE_MS;
const SLOT_MS = DAY_MS / 2; // in each a device watches once
const SLOTS = 10;
const REPORTS_A_SESSION = 4; // LogIn, two heartbeats, LogOut
const SERVICES = 100;
const BATCH = 1_000;
const ENROLLED_AT_ONCE = 4_000;
const UNSETTLED = 5_000;
const LEFT_OPEN = 0.02; // of the sessions nothing tells the end
const RULES = { heartbeatMs: 2 * MINUTE_MS, timeoutMs: 5 * MINUTE_MS, capMs: 240 * MINUTE_MS };
const DOCUMENT = { template: 7, rest: '20261120T180000Z\u001f\u001f' };

export const viewerOf = (device: number): number => device * 7_919;

/** About `count` reports up to `now` (epoch ms), the same for the same seed; `onProgress` is told how many are settled. */
export async function fillStore(
  store: Store,
  { count, seed, now, onProgress }: { count: number; seed: number; now: number; onProgress(reports: number): void },
): Promise<StoreData> {
  const devices = Math.max(SERVICES, Math.round(count / (SLOTS * REPORTS_A_SESSION)));
  const services = Array.from({ length: SERVICES }, (_, index) => `s${String(index).padStart(2, '0')}`);
  const data = { devices, services, from: now - SLOTS * SLOT_MS, to: now };
  await fillAccounts(store, data);
  await fillGuide(store, data);
  const states = new Map<number, DeviceState>();
  let settled = 0;
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const reports = reportsOfSlot(data, slot, seed);
    for (let from = 0; from < reports.length; from += BATCH) {
      await store.reports.append(reports.slice(from, from + BATCH));
    }
    const left = slot === SLOTS - 1 ? Math.min(UNSETTLED, reports.length / 2) : 0;
    for (let open = reports.length; open > left; ) {
      const arrivals = await store.reports.listUnsettled(Math.min(ENROLLED_AT_ONCE, open - left));
      await settle(store, arrivals, states);
      open -= arrivals.length;
      settled += arrivals.length;
      onProgress(settled);
    }
  }
  return data;
}

/** In order of receipt. */
function reportsOfSlot({ devices, services, from }: StoreData, slot: number, seed: number): StoredReport[] {
  const reports: StoredReport[] = [];
  for (let device = 1; device <= devices; device += 1) {
    const random = createRandom(seed, slot * devices + device);
    const lengthMs = Math.min(8 * MINUTE_MS, random.logNormal(4 * MINUTE_MS, 0.6));
    const startedAt = from + slot * SLOT_MS + random.integer(0, SLOT_MS - 10 * MINUTE_MS);
    const service = services[Math.floor(services.length * random.next() ** 2)] ?? ''; // few are watched by many
    const isLeftOpen = random.chance(LEFT_OPEN);
    for (const [index, part] of [0, 0.3, 0.7, 1].entries()) {
      const isEnd = index === REPORTS_A_SESSION - 1;
      const sentAt = Math.round(startedAt + part * lengthMs);
      reports.push({
        device,
        viewer: viewerOf(device),
        type: isEnd && !isLeftOpen ? 'LogOutInfo' : 'LogInInfo',
        service,
        programme: `p${Math.floor(startedAt / (30 * MINUTE_MS))}`,
        sentAt,
        receivedAt: sentAt + 40,
        key: keyOf(`${device} ${sentAt}`),
        verified: true,
        origin: device,
        document: DOCUMENT,
      });
    }
  }
  return reports.sort((one, other) => one.receivedAt - other.receivedAt);
}

/** As the server does it, but for what late reports need: here none is late. */
async function settle(store: Store, arrivals: readonly Arrival[], states: Map<number, DeviceState>): Promise<void> {
  await store.reports.enrol(arrivals);
  const byDevice = Map.groupBy(arrivals, ({ report }) => report.device);
  const changes = [...byDevice].map(([device, found]): SessionChange => {
    const reports = found.map(({ report }) => report);
    const { sessions, orphans, state } = deriveSessions(reports, RULES, states.get(device));
    states.set(device, state);
    return { device, viewer: viewerOf(device), sessions: sessions.filter(isEnded), orphans, state };
  });
  await store.sessions.put(changes, 1);
  await store.reports.markSettled(arrivals);
}

/** A handset account and an identity for each device, 100 providers with ten tokens each, a thousand audit entries and runs of a job. */
async function fillAccounts({ accounts, origins, tokens, audit, jobs }: Store, data: StoreData): Promise<void> {
  for (let from = 1; from <= data.devices; from += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, data.devices + 1 - from) }, (_, index) => from + index);
    const account = { role: 'handset' as const, name: '', enabled: true, createdAt: 0, sealedHa1: 'x'.repeat(180) };
    await accounts.put(some.map((device) => ({ ...account, user: userOf(device), viewer: viewerOf(device) })));
    await origins.put(some.map((no) => ({ no, device: no, viewer: viewerOf(no), sealedIdentity: 'x'.repeat(120) })));
  }
  const provider = { role: 'provider' as const, name: '', enabled: true, createdAt: 0 };
  await accounts.put(data.services.map((id, index) => ({ ...provider, user: `of-${id}`, viewer: -1 - index })));
  for (let number = 0; number < 1_000; number += 1) {
    const user = `of-${data.services[number % SERVICES]}`;
    const id = String(number).padStart(8, '0');
    await Promise.all([
      tokens.put({ user, id: `t${number}`, hash: hashOf(number), createdAt: number }),
      jobs.begin({ name: 'retention', dueAt: number, startedAt: number, by: 'bench', holder: 'x', fence: 1 }, 1),
      audit.append({ id, at: number, by: 'admin', action: 'account.add', subject: userOf(number), detail: {} }),
    ]);
  }
}

export const userOf = (device: number): string => `handset-${String(device).padStart(7, '0')}`;
export const hashOf = (token: number): string => `hash-${token}`;

/** The days of the reports and two more, half an hour a programme. */
async function fillGuide({ guide }: Store, { services, from, to }: StoreData): Promise<void> {
  const programme = (service: string, startAt: number) => ({
    id: `p${startAt / (30 * MINUTE_MS)}`,
    service,
    startAt,
    stopAt: startAt + 30 * MINUTE_MS,
    titles: { en: 'A programme' },
    descriptions: {
      en: 'A description of about a hundred characters, as guides have them, so that the size is real. ',
    },
  });
  const pages = [];
  for (let start = from - (from % DAY_MS); start < to + 2 * DAY_MS; start += DAY_MS) {
    for (const service of services) {
      const starts = Array.from({ length: 48 }, (_, index) => start + index * 30 * MINUTE_MS);
      pages.push({ service, day: start / DAY_MS, programmes: starts.map((startAt) => programme(service, startAt)) });
    }
  }
  await guide.takeTurn('bench', 0, 1);
  const known = services.map((id, order) => ({ id, names: { en: id }, provider: `of-${id}`, order, measured: [] }));
  await guide.put(1, { services: known, pages });
  await guide.endTurn('bench', 1, from);
}
