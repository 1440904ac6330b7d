// What is done with all streams once a second: signs of life, each stream in its turn, and an end to readers that do not read (G16, V15).

import { type StreamForm, writeKeepAlive } from './event-writing.ts';
import type { OpenStream } from './open-streams.ts';

export interface StreamRounds {
  /** The turn of a new stream: turns are spread over the time between two signs of life. */
  nextSlot(): number;
  /** Its socket took not all at once. */
  noteStuck(stream: OpenStream): void;
  forget(stream: OpenStream): void;
  /** Once a second. `id` is how far all live streams are. */
  turn(id: string): void;
}

const TURN_MS = 1_000;

/** One timer for all streams, as one each would cost as much as the stream. */
export function createStreamRounds(deps: {
  streams: { all(): Iterable<OpenStream> };
  keepAliveMs: number;
  stuckMs: number;
  send(stream: OpenStream, bytes: Buffer): void;
  cut(stream: OpenStream): void;
  onSign(stream: OpenStream): void;
}): StreamRounds {
  const slots = Math.max(1, Math.round(deps.keepAliveMs / TURN_MS));
  const stuckRounds = Math.max(1, Math.round(deps.stuckMs / TURN_MS));
  const stuck = new Set<OpenStream>();
  let round = 0;
  let given = 0;

  const cutStuck = (): void => {
    for (const stream of stuck) {
      const { bytesWritten, writableLength } = stream.socket;
      const taken = bytesWritten - writableLength;
      if (taken === stream.taken) stream.stuckRounds += 1;
      else [stream.taken, stream.stuckRounds] = [taken, 0];
      if (writableLength === 0) stuck.delete(stream);
      else if (stream.stuckRounds >= stuckRounds) deps.cut(stream);
    }
  };

  return {
    nextSlot() {
      given += 1;
      return given % slots;
    },
    noteStuck: (stream) => void stuck.add(stream),
    forget: (stream) => void stuck.delete(stream),
    turn(id) {
      cutStuck();
      round += 1;
      const slot = round % slots;
      const bytes: Record<StreamForm, Buffer> = {
        sse: writeKeepAlive('sse', id),
        websocket: writeKeepAlive('websocket', id),
      };
      for (const stream of deps.streams.all()) {
        if (stream.slot !== slot || !stream.isLive) continue;
        deps.send(stream, bytes[stream.form]);
        if (!stream.isClosed) deps.onSign(stream);
      }
    },
  };
}
