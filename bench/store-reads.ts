// The reads of each port that requests and settling wait for, with arguments at random.

import type { Random } from '../server/simulator/random.ts';
import type { Store } from '../server/store/store.ts';
import type { Session } from '../server/viewing/session.ts';
import { DAY_MS, hashOf, type StoreData, userOf, viewerOf } from './store-data.ts';

const MINUTE_MS = 60_000;
const PAGE = 100;

/** By port and method. Each call asks for something else. */
export function readsOf(store: Store, data: StoreData, random: Random): Record<string, () => Promise<unknown>> {
  const { reports, sessions, accounts, origins, tokens, audit, jobs, guide } = store;
  const { devices, services, from, to } = data;
  const device = (): number => random.integer(1, devices);
  const service = (): string => services[random.integer(0, services.length - 1)] ?? '';
  /** An hour of the five days. */
  const hour = (): { from: number; to: number } => {
    const start = random.integer(from, to - 60 * MINUTE_MS);
    return { from: start, to: start + 60 * MINUTE_MS };
  };
  const day = (): number => Math.floor(random.integer(from, to - 1) / DAY_MS);
  const some = (): number[] => Array.from({ length: PAGE }, device);
  const lastOf = (startedAt: number): Session => ({
    device: device(),
    viewer: 0,
    service: '',
    programme: '',
    startedAt,
    lastSignAt: startedAt,
    flags: [],
    imputedMs: 0,
  });
  return {
    'reports.listUnsettled(1000)': () => reports.listUnsettled(1_000),
    'reports.listOfDevices, one, a day': () => {
      const number = device();
      return reports.listOfDevices([{ viewer: viewerOf(number), device: number }], to - DAY_MS);
    },
    'reports.listReceivedSince, 5 min': () => reports.listReceivedSince(to - 15 * MINUTE_MS),
    'reports.listReceivedByOthers, 3 s': () => reports.listReceivedByOthers(to - 10 * MINUTE_MS - 3_000),
    'reports.findLastReceivedAt': () => reports.findLastReceivedAt(),
    'reports.listOfViewer, all': () => drain(reports.listOfViewer(viewerOf(device()))),
    'sessions.list, an hour': () => sessions.list({ ...hour(), limit: PAGE }),
    'sessions.list, next page': () => {
      const window = hour();
      return sessions.list({ ...window, limit: PAGE, after: lastOf(window.from + 30 * MINUTE_MS) });
    },
    'sessions.list, a viewer': () => sessions.list({ from, to, viewer: viewerOf(device()), limit: PAGE }),
    'sessions.list, a service, an hour': () => sessions.list({ ...hour(), services: [service()], limit: PAGE }),
    'sessions.list, a service, the last day': () =>
      sessions.list({ from: to - DAY_MS, to, services: [service()], limit: PAGE }),
    'sessions.listByViewer, an hour': () => {
      const window = hour();
      return drain(sessions.listByViewer(window.from, window.to));
    },
    'sessions.listByViewer, a day': () => drain(sessions.listByViewer(to - 2 * DAY_MS, to - DAY_MS)),
    'sessions.findStates(100)': () => sessions.findStates(some()),
    'sessions.listSilentDevices': () => drain(sessions.listSilentDevices(to - DAY_MS)),
    'sessions.listOrphans, an hour': () => sessions.listOrphans(hour().from, hour().to, PAGE),
    'guide.revision': () => guide.revision(),
    'guide.listServices': () => guide.listServices(1),
    'guide.listPages, a service, a day': () => {
      const at = day();
      return guide.listPages([service()], at, at + 1, 1);
    },
    'guide.listPages, all services, a day': () => {
      const at = day();
      return guide.listPages(services, at, at + 1, 1);
    },
    'accounts.find': () => accounts.find(userOf(device())),
    'accounts.findByViewer': () => accounts.findByViewer(viewerOf(device())),
    'accounts.list, a page': () => accounts.list({ after: userOf(device()), limit: PAGE }),
    'accounts.list, providers': () => accounts.list({ role: 'provider', limit: PAGE }),
    'accounts.count, the universe': () => accounts.count({ role: 'handset', enabled: true, notWithdrawn: true }),
    'origins.list': () => origins.list(viewerOf(device())),
    'tokens.findByHash': () => tokens.findByHash(hashOf(random.integer(0, 999))),
    'tokens.list': () => tokens.list(`of-${service()}`),
    'audit.list': () => audit.list({ before: String(random.integer(100, 999)).padStart(8, '0'), limit: PAGE }),
    'jobs.listRuns': () => jobs.listRuns('retention', PAGE, random.integer(100, 999)),
  };
}

async function drain(pages: AsyncIterable<readonly unknown[]>): Promise<number> {
  let count = 0;
  for await (const page of pages) count += page.length;
  return count;
}
