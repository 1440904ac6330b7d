// Who is online and who watches what, now, in memory (V15, V16): folded from reports, built again at start.

import type { StoredReport } from './report.ts';

/** One device as it stands. Times are epoch ms. */
export interface OnlineDevice {
  device: number;
  viewer: number;
  /** Since when the device is online. */
  since: number;
  lastSignAt: number;
  /** When the last report that counted was sent. */
  reportedAt: number;
  loginMethod: 'digest' | 'unverified';
  /** What it watches, absent when it is online only. */
  watching?: Watching;
}

/** `access` is by which way the stream comes, where the handset says so. */
export interface Watching {
  service: string;
  programme: string;
  since: number;
  access?: NonNullable<StoredReport['access']>;
}

/** Told of each change of what a device is counted at; undefined: at nothing, before or from now on. */
type CountedListener = (viewer: number, before: Watching | undefined, after: Watching | undefined) => void;

/** What of a report bears on who is online. */
export interface OnlineReport
  extends Pick<
    StoredReport,
    'device' | 'viewer' | 'type' | 'service' | 'programme' | 'onlineState' | 'sentAt' | 'verified' | 'access'
  > {
  /** Since when the device is known to be online, if that is longer than this report tells. */
  since?: number;
}

export interface Online {
  /** Takes a report in; one sent before the last that counted changes only the sign of life. `now` is later than its receipt when it is read again. */
  apply(report: OnlineReport, receivedAt: number, now?: number): void;
  /** A sign of life other than a report. */
  sign(device: number, now: number): void;
  /** Takes those off the list that were silent for the time-out. */
  sweep(now: number): void;
  find(device: number): OnlineDevice | undefined;
  /** All, or the viewers of a service, in order of device number. */
  list(query: { service?: string; after?: number; limit: number }): OnlineDevice[];
  /** Devices that watch the service now, in no order. */
  watching(service: string): Iterable<OnlineDevice>;
  /** A user's devices that are online, in no order. */
  devicesOf(viewer: number): Iterable<OnlineDevice>;
  /** Has `listener` told of every device that begins to watch a service or programme; there is one listener. */
  tellWatching(listener: (device: OnlineDevice) => void): void;
  /** Has `listener` told of every change of what a device is counted at (V9: verified ones only); there is one listener. */
  tellCounted(listener: CountedListener): void;
  countViewers(service: string): number;
  size(): number;
  removeViewer(viewer: number): void;
}

export function createOnline(timeoutMs: number): Online {
  const devices = new Map<number, OnlineDevice>();
  const viewersOf = new Map<string, Set<number>>();
  const ownedBy = new Map<number, Set<number>>();
  let tell: (device: OnlineDevice) => void = () => undefined;
  let tellCounted: CountedListener = () => undefined;

  const watch = (entry: OnlineDevice, next: Watching | undefined): void => {
    const isCounted = entry.loginMethod === 'digest';
    if (isCounted && entry.watching !== next) tellCounted(entry.viewer, entry.watching, next);
    if (entry.watching !== undefined) {
      const viewers = viewersOf.get(entry.watching.service);
      viewers?.delete(entry.device);
      if (viewers?.size === 0) viewersOf.delete(entry.watching.service);
    }
    delete entry.watching;
    if (next === undefined) return;
    entry.watching = next;
    const viewers = viewersOf.get(next.service) ?? new Set();
    viewersOf.set(next.service, viewers.add(entry.device));
    tell(entry);
  };

  const add = (entry: OnlineDevice): void => {
    devices.set(entry.device, entry);
    ownedBy.set(entry.viewer, (ownedBy.get(entry.viewer) ?? new Set()).add(entry.device));
  };

  const listed = function* (numbers: Iterable<number> | undefined): Iterable<OnlineDevice> {
    for (const number of numbers ?? []) {
      const entry = devices.get(number);
      if (entry !== undefined) yield entry;
    }
  };

  const remove = (entry: OnlineDevice): void => {
    watch(entry, undefined);
    devices.delete(entry.device);
    const owned = ownedBy.get(entry.viewer);
    owned?.delete(entry.device);
    if (owned?.size === 0) ownedBy.delete(entry.viewer);
  };

  const logIn = (entry: OnlineDevice, report: OnlineReport): void => {
    const { service, programme, sentAt, access } = report;
    const same = entry.watching?.service === service && entry.watching.programme === programme;
    const by = access === undefined ? {} : { access };
    if (!same) watch(entry, service === '' ? undefined : { service, programme, since: sentAt, ...by });
  };

  return {
    apply(report, receivedAt, now = receivedAt) {
      let entry = devices.get(report.device);
      if (entry !== undefined && entry.reportedAt > now) {
        remove(entry); // the clock was set back: what comes now counts
        entry = undefined;
      }
      if (entry !== undefined && report.sentAt < entry.reportedAt) {
        entry.lastSignAt = Math.max(entry.lastSignAt, receivedAt);
        return;
      }
      if (entry === undefined) {
        if (report.type === 'LogOutInfo' && report.onlineState !== 'online') return;
        if (receivedAt - report.sentAt > timeoutMs) return; // a late report says nothing of now
        entry = {
          device: report.device,
          viewer: report.viewer,
          since: report.since ?? report.sentAt,
          lastSignAt: receivedAt,
          loginMethod: 'unverified',
          reportedAt: report.sentAt,
        };
        add(entry);
      }
      entry.lastSignAt = Math.max(entry.lastSignAt, receivedAt);
      entry.reportedAt = report.sentAt;
      if (report.verified && entry.loginMethod !== 'digest') {
        entry.loginMethod = 'digest';
        if (entry.watching !== undefined) tellCounted(entry.viewer, undefined, entry.watching);
      }
      if (report.type === 'LogInInfo') logIn(entry, report);
      else if (report.onlineState === 'online') watch(entry, undefined);
      else remove(entry);
    },
    sign(device, now) {
      const entry = devices.get(device);
      if (entry !== undefined) entry.lastSignAt = Math.max(entry.lastSignAt, now);
    },
    sweep(now) {
      for (const entry of devices.values()) {
        entry.lastSignAt = Math.min(entry.lastSignAt, now); // the clock may have been set back
        if (now - entry.lastSignAt > timeoutMs) remove(entry);
      }
    },
    find: (device) => devices.get(device),
    list({ service, after, limit }) {
      const numbers = [...(service === undefined ? devices.keys() : (viewersOf.get(service) ?? []))].sort(
        (a, b) => a - b,
      );
      const found: OnlineDevice[] = [];
      for (const number of numbers) {
        const entry = devices.get(number);
        if (entry === undefined || (after !== undefined && number <= after)) continue;
        if (found.length === limit) break;
        found.push(entry);
      }
      return found;
    },
    watching: (service) => listed(viewersOf.get(service)),
    devicesOf: (viewer) => listed(ownedBy.get(viewer)),
    tellWatching(listener) {
      tell = listener;
    },
    tellCounted(listener) {
      tellCounted = listener;
    },
    countViewers: (service) => viewersOf.get(service)?.size ?? 0,
    size: () => devices.size,
    removeViewer(viewer) {
      for (const entry of listed([...(ownedBy.get(viewer) ?? [])])) remove(entry);
    },
  };
}
