// Writes each event to the streams that it concerns, when it comes or when somebody begins to watch what it is for (G13, I2).

import type { Online, OnlineDevice } from '../viewing/online.ts';
import { isValid, type Subject } from './concern.ts';
import type { PushEvent } from './event.ts';
import type { EventStreams } from './event-streams.ts';
import type { EncodedEvent } from './event-writing.ts';
import type { LiveAudience } from './live-audience.ts';
import type { OpenStreams } from './open-streams.ts';
import type { ValidEvents } from './valid-events.ts';

export interface LiveDelivery {
  /** Takes each event once, in order. */
  deliver(encoded: EncodedEvent): void;
  /** Events for what the subject's devices watch now, and since when they do. */
  validFor(subject: Subject): { encoded: EncodedEvent; since: number }[];
  /** The device, or its user for all devices, has a live stream here. */
  isReached(device: number, viewer: number): boolean;
}

export function createLiveDelivery(deps: {
  online: Pick<Online, 'find' | 'devicesOf' | 'tellWatching'>;
  streams: OpenStreams;
  audience: Pick<LiveAudience, 'streamsFor'>;
  valid: ValidEvents;
  open: Pick<EventStreams, 'write' | 'fallBack' | 'end'>;
  /** Told of each event before it is written. */
  note(event: PushEvent): void;
  clock: () => number;
}): LiveDelivery {
  const { online, streams, audience, valid, open, clock } = deps;

  const devicesOf = ({ device, viewer }: Subject): Iterable<OnlineDevice> => {
    if (device === undefined) return online.devicesOf(viewer);
    const entry = online.find(device);
    return entry === undefined ? [] : [entry];
  };

  online.tellWatching(({ device, viewer, watching }) => {
    if (watching === undefined || streams.size() === 0) return;
    const events = valid.listFor(watching, clock());
    if (events.length === 0) return;
    const own = streams.ofDevice(device);
    const shared = [...streams.ofViewer(viewer)].filter((stream) => stream.device === undefined);
    for (const stream of own === undefined ? shared : [own, ...shared])
      if (stream.isLive) for (const encoded of events) open.write(stream, encoded, true);
  });

  return {
    deliver(encoded) {
      const { event } = encoded;
      if (event.kind === 'account-closed') {
        for (const { stream } of [...audience.streamsFor(event)]) open.end(stream);
        return;
      }
      deps.note(event);
      valid.add(encoded);
      if (!isValid(event, clock())) return;
      for (const { stream, unsure } of audience.streamsFor(event)) {
        if (!stream.isLive) continue; // what it missed is being chosen, this too
        if (unsure) open.fallBack(stream, event.offset - 1);
        else open.write(stream, encoded);
      }
    },

    validFor(subject) {
      const found: { encoded: EncodedEvent; since: number }[] = [];
      for (const { watching } of devicesOf(subject))
        if (watching !== undefined)
          for (const encoded of valid.listFor(watching, clock())) found.push({ encoded, since: watching.since });
      return found;
    },

    isReached(device, viewer) {
      if (streams.ofDevice(device)?.isLive === true) return true;
      for (const stream of streams.ofViewer(viewer)) if (stream.device === undefined && stream.isLive) return true;
      return false;
    },
  };
}
