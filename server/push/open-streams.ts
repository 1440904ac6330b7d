// The streams that are open in this process, by user and device, and how many there may be (G12, O11).

import type { Socket } from 'node:net';
import { Problem } from '../problem.ts';
import type { StreamForm } from './event-writing.ts';

/** One open stream. Kept small: a process holds tens of thousands. */
export interface OpenStream {
  readonly viewer: number;
  /** Absent: it is for all of the user's devices. */
  readonly device: number | undefined;
  readonly form: StreamForm;
  readonly socket: Socket;
  /** When in the round of keep-alives its turn is. */
  readonly slot: number;
  /** It has got all that was told so far, and gets what comes when it comes. Else what it missed is being written. */
  isLive: boolean;
  /** Offset of the event that was written last, so that none is written twice when several devices of a user are concerned. */
  written: number;
  /** Offsets of the newest events for a service that were written; absent while there were none. */
  seen?: number[];
  /** Bytes that the socket had taken when it was looked at last, and rounds since which it takes no more. */
  taken: number;
  stuckRounds: number;
  isClosed: boolean;
}

export interface OpenStreams {
  /** Problem `unavailable` when the user or the process has as many as it may; one of the same device is replaced, and does not count. */
  admit(viewer: number, device: number | undefined): void;
  add(stream: OpenStream): void;
  remove(stream: OpenStream): void;
  ofDevice(device: number): OpenStream | undefined;
  /** All of the user's, those of single devices too. */
  ofViewer(viewer: number): Iterable<OpenStream>;
  all(): Iterable<OpenStream>;
  viewers(): Iterable<number>;
  size(): number;
}

const RETRY_AFTER_S = 60;

export function createOpenStreams(limits: { perUser: number; perProcess: number }): OpenStreams {
  const streams = new Set<OpenStream>();
  const byDevice = new Map<number, OpenStream>();
  // Most users have one: it takes the place of a set of its own.
  const byViewer = new Map<number, OpenStream | Set<OpenStream>>();

  const ofViewer = (viewer: number): Iterable<OpenStream> => {
    const found = byViewer.get(viewer);
    if (found === undefined) return [];
    return found instanceof Set ? found : [found];
  };

  const countOf = (viewer: number): number => {
    const found = byViewer.get(viewer);
    if (found === undefined) return 0;
    return found instanceof Set ? found.size : 1;
  };

  return {
    admit(viewer, device) {
      if (device !== undefined && byDevice.has(device)) return;
      const retry = { retryAfterS: RETRY_AFTER_S };
      if (streams.size >= limits.perProcess)
        throw new Problem('unavailable', 'this server has as many event streams as it may', retry);
      if (countOf(viewer) >= limits.perUser)
        throw new Problem('unavailable', `a user may have ${limits.perUser} event streams at a time`, retry);
    },

    add(stream) {
      streams.add(stream);
      if (stream.device !== undefined) byDevice.set(stream.device, stream);
      const found = byViewer.get(stream.viewer);
      if (found === undefined) byViewer.set(stream.viewer, stream);
      else if (found instanceof Set) found.add(stream);
      else byViewer.set(stream.viewer, new Set([found, stream]));
    },

    remove(stream) {
      streams.delete(stream);
      if (stream.device !== undefined && byDevice.get(stream.device) === stream) byDevice.delete(stream.device);
      const found = byViewer.get(stream.viewer);
      if (found instanceof Set) {
        found.delete(stream);
        const [only] = found;
        if (found.size === 1 && only !== undefined) byViewer.set(stream.viewer, only);
      } else if (found === stream) byViewer.delete(stream.viewer);
    },

    ofDevice: (device) => byDevice.get(device),
    ofViewer,
    all: () => streams,
    viewers: () => byViewer.keys(),
    size: () => streams.size,
  };
}
