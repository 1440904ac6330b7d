// The audience of each service and programme now and minute by minute, kept up as people come and go (ratings R9, R17).

import type { Watching } from '../../server/viewing/online.ts';

/** Whole minutes that are looked back at. */
export const LIVE_MINUTES = 30;

/** Devices by the way in which their stream comes; most handsets don't say. */
export interface DevicesByAccess {
  broadcast: number;
  unicast: number;
  unknown: number;
}

/** One service, one programme on a service, or all together. */
export interface LaneView {
  /** People: somebody with two devices on it counts once. */
  audience: number;
  devices: DevicesByAccess;
  /** Average audience of each whole minute (viewer-seconds / 60), in the order of `minutes`. */
  byMinute: number[];
}

export interface LiveView {
  at: number;
  /** Starts of the last LIVE_MINUTES whole minutes, epoch ms, oldest first; those that were not seen whole are left out. */
  minutes: number[];
  services: Map<string, LaneView>;
  programmes: { service: string; programme: string; lane: LaneView }[];
  /** People who watch any service. */
  all: LaneView;
}

export interface LiveMinutes {
  /** A device of the viewer is counted at `after` from now on, and no longer at `before`. */
  move(viewer: number, before: Watching | undefined, after: Watching | undefined): void;
  view(): LiveView;
}

interface Lane {
  service: string;
  /** Of a programme's lane. */
  programme?: string;
  /** Devices of each viewer. */
  viewers: Map<number, number>;
  devices: DevicesByAccess;
  /** Viewer-ms of each minute, by the minute's number modulo SLOTS. */
  spent: Float64Array;
  /** Through when `spent` is right, epoch ms. */
  through: number;
  /** When somebody was last on it. */
  lastAt: number;
}

const MINUTE_MS = 60_000;
const SLOTS = LIVE_MINUTES + 1; // the running minute, too
/** Services and programmes are named by handsets, whatever they like: so many are followed, some 0.5 kB each. */
const LANES_MOST = 20_000;

/**
 * Memory grows with people who watch and with services times minutes; a view costs services times minutes, however many people there
 * are. Its clock is this process's: who is taken off the list at the time-out counts until then. A clock that is set back makes it
 * begin anew.
 */
export function createLiveMinutes(clock: () => number): LiveMinutes {
  const lanes = new Map<string, Lane>();
  const all = openLane('', undefined, clock());
  let since = clock();
  let now = since;
  let droppedAt = since;

  /** The time of what happens now; never before what was seen, which has been counted. */
  const advance = (): number => {
    const at = clock();
    if (at < now - MINUTE_MS) {
      for (const lane of [all, ...lanes.values()]) forget(lane, at);
      since = at;
      now = at;
    }
    now = Math.max(now, at);
    return now;
  };

  const drop = (at: number): void => {
    droppedAt = at;
    for (const [name, { viewers, lastAt }] of lanes)
      if (viewers.size === 0 && at - lastAt > SLOTS * MINUTE_MS) lanes.delete(name);
  };

  const opened = (service: string, programme?: string): Lane | undefined => {
    const name = nameOf(service, programme);
    const known = lanes.get(name);
    if (known !== undefined || lanes.size >= LANES_MOST) return known;
    const lane = openLane(service, programme, now);
    lanes.set(name, lane);
    return lane;
  };

  const lanesOf = ({ service, programme }: Watching, find: typeof opened): Lane[] =>
    [all, find(service), programme === '' ? undefined : find(service, programme)].filter((lane) => lane !== undefined);

  return {
    move(viewer, before, after) {
      const at = advance();
      if (before !== undefined)
        for (const lane of lanesOf(before, (...name) => lanes.get(nameOf(...name)))) leave(lane, viewer, before, at);
      if (after === undefined) return;
      if (lanes.size >= LANES_MOST && at - droppedAt > MINUTE_MS) drop(at);
      for (const lane of lanesOf(after, opened)) enter(lane, viewer, after, at);
    },

    view() {
      const at = advance();
      drop(at);
      const running = Math.floor(at / MINUTE_MS);
      const first = Math.max(running - LIVE_MINUTES, Math.ceil(since / MINUTE_MS));
      const numbers = Array.from({ length: Math.max(0, running - first) }, (_, index) => first + index);
      const viewOf = (lane: Lane): LaneView => {
        spend(lane, at);
        return {
          audience: lane.viewers.size,
          devices: { ...lane.devices },
          byMinute: numbers.map((minute) => (lane.spent[minute % SLOTS] as number) / MINUTE_MS),
        };
      };
      const services = new Map<string, LaneView>();
      const programmes: LiveView['programmes'] = [];
      for (const lane of lanes.values()) {
        const { service, programme } = lane;
        if (programme === undefined) services.set(service, viewOf(lane));
        else programmes.push({ service, programme, lane: viewOf(lane) });
      }
      return { at, minutes: numbers.map((minute) => minute * MINUTE_MS), services, programmes, all: viewOf(all) };
    },
  };
}

const nameOf = (service: string, programme?: string): string =>
  programme === undefined ? service : `${service}\u0001${programme}`; // XML has no such character

const openLane = (service: string, programme: string | undefined, at: number): Lane => ({
  service,
  ...(programme === undefined ? {} : { programme }),
  viewers: new Map(),
  devices: { broadcast: 0, unicast: 0, unknown: 0 },
  spent: new Float64Array(SLOTS),
  through: at,
  lastAt: at,
});

/** Brings `spent` up to `at`; minutes that begin meanwhile take the places of those that are over for longer. */
function spend(lane: Lane, at: number): void {
  const from = Math.max(lane.through, at - SLOTS * MINUTE_MS);
  for (let minute = Math.floor(from / MINUTE_MS); minute * MINUTE_MS <= at; minute++) {
    const start = minute * MINUTE_MS;
    if (start > lane.through) lane.spent[minute % SLOTS] = 0;
    const spentMs = Math.min(at, start + MINUTE_MS) - Math.max(lane.through, start);
    lane.spent[minute % SLOTS] = (lane.spent[minute % SLOTS] as number) + spentMs * lane.viewers.size;
  }
  lane.through = at;
  if (lane.viewers.size > 0) lane.lastAt = at;
}

function enter(lane: Lane, viewer: number, { access }: Watching, at: number): void {
  spend(lane, at);
  lane.viewers.set(viewer, (lane.viewers.get(viewer) ?? 0) + 1);
  lane.devices[access ?? 'unknown'] += 1;
}

function leave(lane: Lane, viewer: number, { access }: Watching, at: number): void {
  const devices = lane.viewers.get(viewer);
  if (devices === undefined) return; // it came when no more lanes could be opened
  spend(lane, at);
  if (devices === 1) lane.viewers.delete(viewer);
  else lane.viewers.set(viewer, devices - 1);
  lane.devices[access ?? 'unknown'] -= 1;
}

function forget(lane: Lane, at: number): void {
  lane.spent.fill(0);
  lane.through = at;
  lane.lastAt = at;
}
