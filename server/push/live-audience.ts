// Whom an event concerns as it comes: the streams that are open here, and the devices online that have none (G13, V16).

import type { Online } from '../viewing/online.ts';
import { fits, type IsEntitled } from './concern.ts';
import type { PushEvent } from './event.ts';
import type { OpenStream, OpenStreams } from './open-streams.ts';

export interface LiveAudience {
  /** Streams of this process; one may come twice. `unsure`: whether it concerns it takes a while to know. */
  streamsFor(event: PushEvent): Iterable<{ stream: OpenStream; unsure: boolean }>;
  /** Devices that watch what the event is for and have no stream anywhere; none unless it is for a service. */
  watchingWithout(event: PushEvent): Iterable<number>;
  /** Devices, and users with a stream for all of theirs, that a stream anywhere reaches now; and online devices that none does. */
  count(event: PushEvent): Promise<{ reached: number; marked: number }>;
}

/** Which streams other processes have. */
export interface StreamsElsewhere {
  hasDevice(device: number): boolean;
  hasViewer(viewer: number): boolean;
  /** Devices and users, each once a process. */
  size(): number;
  countOfViewer(viewer: number): number;
  viewers(): Iterable<number>;
}

const devicesIn = (audience: { device: number } | { devices: readonly number[] }): readonly number[] =>
  'device' in audience ? [audience.device] : audience.devices;

const MOST_ONLINE = Number.MAX_SAFE_INTEGER;

export function createLiveAudience(deps: {
  online: Pick<Online, 'find' | 'watching' | 'devicesOf' | 'list'>;
  streams: OpenStreams;
  elsewhere: StreamsElsewhere;
  isEntitled: IsEntitled;
}): LiveAudience {
  const { online, streams, elsewhere, isEntitled } = deps;
  const sure = (stream: OpenStream) => ({ stream, unsure: false });

  const streamsOfDevice = function* (device: number, viewer: number | undefined): Generator<OpenStream> {
    const own = streams.ofDevice(device);
    if (own !== undefined) yield own;
    if (viewer === undefined) return;
    for (const stream of streams.ofViewer(viewer)) if (stream.device === undefined) yield stream;
  };

  const watchersOf = function* ({ audience }: PushEvent): Generator<{ device: number; viewer: number }> {
    if (!('service' in audience)) return;
    for (const entry of online.watching(audience.service))
      if (entry.watching !== undefined && fits(audience, entry.watching)) yield entry;
  };

  const hasStream = ({ device, viewer }: { device: number; viewer: number }): boolean => {
    if (elsewhere.hasDevice(device) || elsewhere.hasViewer(viewer)) return true;
    for (const _ of streamsOfDevice(device, viewer)) return true;
    return false;
  };

  const tally = (entries: Iterable<{ device: number; viewer: number }>): { reached: number; marked: number } => {
    const counts = { reached: 0, marked: 0 };
    for (const entry of entries) counts[hasStream(entry) ? 'reached' : 'marked'] += 1;
    return counts;
  };

  const countOf = (viewer: number): { reached: number; marked: number } => ({
    reached: [...streams.ofViewer(viewer)].length + elsewhere.countOfViewer(viewer),
    marked: tally(online.devicesOf(viewer)).marked,
  });

  return {
    *streamsFor(event) {
      const { audience } = event;
      if ('all' in audience) for (const stream of streams.all()) yield sure(stream);
      else if ('viewer' in audience) for (const stream of streams.ofViewer(audience.viewer)) yield sure(stream);
      else if ('device' in audience || 'devices' in audience) {
        for (const device of devicesIn(audience))
          for (const stream of streamsOfDevice(device, online.find(device)?.viewer)) yield sure(stream);
      } else if ('service' in audience) {
        for (const { device, viewer } of watchersOf(event))
          for (const stream of streamsOfDevice(device, viewer)) yield sure(stream);
      } else if ('subscribersOf' in audience) {
        for (const viewer of [...streams.viewers()]) {
          const entitled = isEntitled(viewer, audience.subscribersOf);
          if (entitled === false) continue;
          if (entitled !== true) entitled.catch(() => undefined); // asked again when it is chosen
          for (const stream of streams.ofViewer(viewer)) yield { stream, unsure: entitled !== true };
        }
      }
    },

    *watchingWithout(event) {
      for (const entry of watchersOf(event)) if (!hasStream(entry)) yield entry.device;
    },

    async count(event) {
      const { audience } = event;
      if ('all' in audience) {
        const { marked } = tally(online.list({ limit: MOST_ONLINE }));
        return { reached: streams.size() + elsewhere.size(), marked };
      }
      if ('viewer' in audience) return countOf(audience.viewer);
      if ('device' in audience || 'devices' in audience)
        return tally(devicesIn(audience).flatMap((device) => online.find(device) ?? []));
      return tally(watchersOf(event));
    },
  };
}
