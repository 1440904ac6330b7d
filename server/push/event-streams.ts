// Event streams: what was missed, then what comes, in order and without a seam; who does not read is cut off (G12, G14, G16).

import type { Socket } from 'node:net';
import type { Log } from '../log.ts';
import { type Concern, isValid, type Subject } from './concern.ts';
import type { EventFeed } from './event-feed.ts';
import { type Resumption, writeId } from './event-id.ts';
import { type EncodedEvent, type StreamForm, writeFarewell, writeStreamStart } from './event-writing.ts';
import type { OpenStream, OpenStreams } from './open-streams.ts';
import { createStreamRounds, type StreamRounds } from './stream-rounds.ts';

export interface StreamRules {
  /** Between two signs of life on a stream. */
  keepAliveMs: number;
  /** A reader that is so much behind is cut off. */
  bufferBytes: number;
  /** A reader that takes nothing for so long is cut off. */
  stuckMs: number;
  /** Handsets come back after a random time up to this, at least a second (G16). */
  retryMs: number;
}

export interface StreamStart extends Subject {
  socket: Socket;
  form: StreamForm;
  /** Where it goes on. */
  resumption: Resumption;
}

export interface EventStreams {
  /** Takes the socket over, with its head written. Resolves when the stream is live, or gone. */
  open(start: StreamStart): Promise<void>;
  /** Writes an event to a stream that is live. `isLate`: the stream is past it. */
  write(stream: OpenStream, encoded: EncodedEvent, isLate?: boolean): void;
  /** What was told after `offset` is chosen and written anew, for it needs time to choose. */
  fallBack(stream: OpenStream, offset: number): void;
  /** Ends a stream from this side. */
  end(stream: OpenStream): void;
  /** Once a second: keep-alives to those whose turn it is, and an end to those who do not read. */
  tick(): void;
  /** Ends all, telling each when to come back, and those that come later. */
  endAll(): Promise<void>;
  counts(): { delivered: number; cutOff: number };
}

export interface EventStreamsDeps {
  feed: EventFeed;
  streams: OpenStreams;
  concern: Concern;
  /** Events for what is watched that are still valid, and since when it is. */
  validFor(stream: Subject): { encoded: EncodedEvent; since: number }[];
  /** A stream that is open shows that its device is alive (V15). */
  onSign(stream: OpenStream): void;
  rules: StreamRules;
  clock: () => number;
  random: () => number;
  log: Log;
}

const PAGE = 200;
const LEAST_RETRY_MS = 1_000;
const MOST_SEEN = 64;
const END_WITHIN_MS = 2_000;

type StreamSocket = Socket & { stream?: OpenStream };

export function createEventStreams(deps: EventStreamsDeps): EventStreams {
  const { feed, streams, concern, rules, clock, log } = deps;
  let isOver = false;
  let delivered = 0;
  let cutOff = 0;

  const retryMs = (): number =>
    LEAST_RETRY_MS + Math.floor(deps.random() * Math.max(0, rules.retryMs - LEAST_RETRY_MS));
  const idOf = (offset: number): string => writeId({ epoch: feed.epoch(), offset });

  const forget = (stream: OpenStream): void => {
    if (stream.isClosed) return;
    stream.isClosed = true;
    rounds.forget(stream);
    streams.remove(stream);
  };

  const end = (stream: OpenStream): void => {
    forget(stream);
    stream.socket.destroy();
  };

  const cut = (stream: OpenStream): void => {
    cutOff += 1;
    end(stream);
  };

  // One function for all sockets: a closure for each would cost as much as the stream.
  function onClose(this: StreamSocket): void {
    if (this.stream !== undefined) forget(this.stream);
  }
  function onOver(this: StreamSocket): void {
    if (this.stream !== undefined) end(this.stream);
  }

  const send = (stream: OpenStream, bytes: Buffer): void => {
    if (stream.isClosed) return;
    const { socket } = stream;
    // What waits, not what comes: one event that is larger than the buffer is no fault of the reader.
    if (socket.writableLength > rules.bufferBytes) {
      cut(stream);
      return;
    }
    socket.write(bytes);
    if (socket.writableLength > 0) rounds.noteStuck(stream);
  };

  const { keepAliveMs, stuckMs } = rules;
  const rounds: StreamRounds = createStreamRounds({ streams, keepAliveMs, stuckMs, send, cut, onSign: deps.onSign });

  const write = (stream: OpenStream, encoded: EncodedEvent, isLate = false): void => {
    const { offset, audience } = encoded.event;
    if ('service' in audience) {
      stream.seen ??= [];
      if (stream.seen.includes(offset)) return;
      stream.seen.push(offset);
      if (stream.seen.length > MOST_SEEN) stream.seen.shift();
    } else if (stream.written === offset) return;
    if (!isLate) stream.written = offset;
    delivered += 1;
    send(stream, isLate ? encoded.lateBytes(stream.form) : encoded.bytes(stream.form));
  };

  /** What its device began to watch after it was told of the event, and that it has not got. `after` is where it was resumed. */
  const writeLate = (stream: OpenStream, after: number): void => {
    const now = clock();
    for (const { encoded, since } of deps.validFor(stream)) {
      const { offset, at } = encoded.event;
      if (isValid(encoded.event, now) && (offset > after || since > at)) write(stream, encoded, true);
    }
  };

  const drained = async ({ socket }: OpenStream): Promise<void> => {
    if (!socket.writableNeedDrain || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.once('drain', done).once('close', done);
    });
  };

  /** Until it has caught up with the feed; from then on, without a turn of the event loop between, events are written as they come. */
  const catchUp = async (stream: OpenStream, from: number): Promise<void> => {
    let after = from;
    while (!stream.isClosed && after < feed.last()) {
      const page = await feed.list(after, PAGE);
      if (page[0]?.event.offset !== after + 1) {
        end(stream); // what comes next was removed meanwhile: it comes again, and is told so
        return;
      }
      const chosen = new Set(
        await concern.choose(
          stream,
          page.map(({ event }) => event),
        ),
      );
      for (const encoded of page) {
        if (!chosen.has(encoded.event)) continue;
        write(stream, encoded);
        await drained(stream);
      }
      after = page.at(-1)?.event.offset ?? after;
    }
    if (stream.isClosed) return;
    stream.isLive = true;
    writeLate(stream, from);
  };

  const run = async (stream: OpenStream, from: number): Promise<void> => {
    try {
      await catchUp(stream, from);
    } catch (error) {
      log.error({ error }, 'an event stream ended: what was missed could not be read');
      end(stream); // it comes again, with the last id that it has
    }
  };

  return {
    async open({ viewer, device, socket, form, resumption }) {
      const replaced = device === undefined ? undefined : streams.ofDevice(device);
      if (isOver) {
        socket.end(writeFarewell(form, retryMs()));
        return;
      }
      if (replaced !== undefined) end(replaced); // the phone has come back before its old line was found dead
      const stream: OpenStream = {
        viewer,
        device,
        form,
        socket,
        slot: rounds.nextSlot(),
        isLive: false,
        written: -1,
        taken: 0,
        stuckRounds: 0,
        isClosed: false,
      };
      (socket as StreamSocket).stream = stream;
      socket.on('close', onClose).on('error', onOver).on('end', onOver);
      socket.setNoDelay(true);
      streams.add(stream);
      deps.onSign(stream);
      const { after, recovered } = resumption;
      send(stream, writeStreamStart(form, { id: idOf(after), recovered, retryMs: retryMs() }));
      await run(stream, after);
    },

    write,
    end,

    fallBack(stream, offset) {
      stream.isLive = false;
      void run(stream, offset);
    },

    tick: () => rounds.turn(idOf(feed.last())),

    async endAll() {
      isOver = true;
      const sockets: Promise<unknown>[] = [];
      for (const stream of [...streams.all()]) {
        const { socket } = stream;
        forget(stream);
        sockets.push(new Promise((resolve) => socket.once('close', resolve)));
        socket.end(writeFarewell(stream.form, retryMs()));
        socket.setTimeout(END_WITHIN_MS, () => socket.destroy());
      }
      await Promise.all(sockets);
    },

    counts: () => ({ delivered, cutOff }),
  };
}
