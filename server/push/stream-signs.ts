// Tells other processes which streams are open here, and knows theirs: as signs of life, and as what is delivered there (V15, V5, G15).

import type { Log } from '../log.ts';
import type { StreamSignStore, StreamSigns } from './event-store.ts';
import type { StreamsElsewhere } from './live-audience.ts';
import type { OpenStreams } from './open-streams.ts';

export interface StreamSignsExchange extends StreamsElsewhere {
  /** Events through this offset are delivered to the device, or to all of the user's, on a stream elsewhere; 0: there is none. */
  throughOf(device: number, viewer: number): number;
  start(): void;
  stop(): Promise<void>;
}

const EXCHANGE_MS = 2_000;
/** Told again, unchanged: others keep it for three times as long. */
const REPEAT_MS = 20_000;
const KEEP_MS = 3 * REPEAT_MS;
/** What was put in the same instant as what was read last is read again. */
const OVERLAP_MS = 1_000;

interface Others {
  through: number;
  devices: Set<number>;
  viewers: Map<number, number>;
}

export function createStreamSigns(deps: {
  /** Absent: nobody else has streams. */
  store: StreamSignStore | undefined;
  process: string;
  streams: OpenStreams;
  /** How far events are delivered here. */
  through(): number;
  /** A stream elsewhere was alive in the last seconds: of a device, or of a user for all devices. */
  onSign(sign: { device: number } | { viewer: number }): void;
  clock: () => number;
  log: Log;
}): StreamSignsExchange {
  const { store, process, streams, log } = deps;
  const others = new Map<string, Others>();
  let timer: NodeJS.Timeout | undefined;
  let exchanging: Promise<void> = Promise.resolve();
  let readThrough: number | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  let told = '';
  let failed = false;

  const tell = async (into: StreamSignStore): Promise<void> => {
    const now = performance.now();
    const devices: number[] = [];
    const viewers: number[] = [];
    let sum = 0;
    for (const { device, viewer } of streams.all()) {
      sum = (sum * 31 + (device ?? -viewer)) % Number.MAX_SAFE_INTEGER;
      if (device === undefined) viewers.push(viewer);
      else devices.push(device);
    }
    const through = deps.through();
    const state = `${devices.length} ${viewers.length} ${sum} ${through}`;
    if (state === told && now - toldAt < REPEAT_MS) return;
    if (told === '' && streams.size() === 0) return; // a process that never had one
    await into.put({ process, through, devices, viewers }, KEEP_MS);
    told = state;
    toldAt = now;
  };

  const takeIn = ({ process: name, through, devices, viewers }: StreamSigns): void => {
    const counted = new Map<number, number>();
    for (const viewer of viewers) counted.set(viewer, (counted.get(viewer) ?? 0) + 1);
    others.set(name, { through, devices: new Set(devices), viewers: counted });
    for (const device of devices) deps.onSign({ device });
    for (const viewer of counted.keys()) deps.onSign({ viewer });
  };

  const exchange = async (through: StreamSignStore): Promise<void> => {
    try {
      await tell(through);
      const said = await through.listOthers(process, readThrough);
      for (const { putAt, signs } of said) {
        if (signs !== undefined) takeIn(signs);
        readThrough = Math.max(readThrough ?? 0, putAt - OVERLAP_MS);
      }
      const alive = new Set(said.map(({ process: name }) => name));
      for (const name of others.keys()) if (!alive.has(name)) others.delete(name);
      failed = false;
    } catch (error) {
      if (!failed) log.error({ error }, 'streams of other processes are not known');
      failed = true;
    }
  };

  const next = (into: StreamSignStore): void => {
    timer = setTimeout(() => {
      exchanging = exchange(into).then(() => {
        if (timer !== undefined) next(into);
      });
    }, EXCHANGE_MS);
  };

  const sum = (of: (each: Others) => number): number => {
    let total = 0;
    for (const each of others.values()) total += of(each);
    return total;
  };

  return {
    hasDevice: (device) => sum(({ devices }) => (devices.has(device) ? 1 : 0)) > 0,
    hasViewer: (viewer) => sum(({ viewers }) => viewers.get(viewer) ?? 0) > 0,
    size: () => sum(({ devices, viewers }) => devices.size + [...viewers.values()].reduce((a, b) => a + b, 0)),
    countOfViewer: (viewer) => sum(({ viewers }) => viewers.get(viewer) ?? 0),
    *viewers() {
      for (const { viewers } of others.values()) yield* viewers.keys();
    },
    throughOf(device, viewer) {
      let through = 0;
      for (const each of others.values())
        if (each.devices.has(device) || each.viewers.has(viewer)) through = Math.max(through, each.through);
      return through;
    },
    start() {
      if (store !== undefined) next(store);
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await exchanging;
      await store?.remove(process).catch(() => undefined); // it goes by itself
    },
  };
}
