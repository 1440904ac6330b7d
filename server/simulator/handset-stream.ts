// A handset's event stream: held, dropped and resumed, and held against what the server has stored (O10; G12, G14).

import { setTimeout as sleep } from 'node:timers/promises';
import type { Expecting } from './expected-events.ts';
import type { HandsetClient } from './handset-client.ts';
import { listStored, UNTOLD } from './handset-mailbox.ts';
import { type Heard, withQuery } from './handset-wire.ts';
import type { PlannedStream } from './plan.ts';
import { createReceivedEvents, placeOf, type ReceivedEvent, type ReceivedEvents } from './received-events.ts';

export interface HandsetStream {
  /** Waits for what is on its way, and compares with what is expected beside what `GET /updates` tells. */
  finish(expecting: Expecting): Promise<void>;
  /** Hangs up for good. */
  stop(): Promise<void>;
  readonly events: ReceivedEvents;
  /** `refused` are openings that were refused or never answered; `unopened` is 1 where none was let in. */
  readonly counts: { resumes: number; refused: number; unopened: number };
}

const CATCH_UP_MS = 5_000;
const LOOK_EVERY_MS = 50;
const RETRY_MOST_MS = 1_000; // a phone waits as long as it is told, a test of phones does not

/** `onEvent` is told of each event once. */
export function holdStream(deps: {
  client: Pick<HandsetClient, 'listen' | 'get' | 'close'>;
  device: string | undefined;
  planned: PlannedStream;
  onEvent(event: ReceivedEvent): void;
}): HandsetStream {
  const { client, device, planned } = deps;
  const { form, dropsAfterMs } = planned;
  const counts = { resumes: 0, refused: 0, unopened: 1 };
  const events = createReceivedEvents();
  let lastId: string | undefined;
  let isOver = false;
  let hangUp = (): void => undefined;

  const hear = ({ kind, streamId, data }: Heard): void => {
    const { id, at } = data ?? {};
    if (kind === 'stream') {
      counts.unopened = 0;
      events.begin(String(id), data?.recovered !== false);
    } else if (kind !== undefined && typeof id === 'string') {
      // Late ones have no id of the stream in SSE (D25); in a WebSocket message nothing else tells them.
      const isLate = form === 'sse' ? streamId === undefined : data?.validUntil !== undefined;
      const event = { id, kind, at: Date.parse(String(at)) };
      if (events.take(event, isLate)) deps.onEvent(event);
    }
    // What the server says at the start counts in any case: after another epoch, places begin anew.
    if (streamId !== undefined && (kind === 'stream' || lastId === undefined || placeOf(streamId) >= placeOf(lastId)))
      lastId = streamId;
  };

  const hold = async (): Promise<void> => {
    for (let opened = 0; !isOver; opened += 1) {
      // Browsers' WebSockets send no headers.
      const path = withQuery('/events', { device, since: form === 'sse' ? undefined : lastId });
      const headers: Record<string, string> = form === 'sse' && lastId !== undefined ? { 'Last-Event-ID': lastId } : {};
      const line = await client.listen({ path, form, headers }, hear);
      if (line.status !== 200) counts.refused += 1;
      else if (opened > 0) counts.resumes += 1;
      hangUp = line.stop;
      if (isOver) line.stop();
      const dropMs = dropsAfterMs[opened % dropsAfterMs.length];
      const timer = dropMs === undefined ? undefined : setTimeout(line.stop, dropMs);
      await line.ended;
      clearTimeout(timer);
      if (!isOver) await sleep(Math.random() * RETRY_MOST_MS);
    }
  };
  const held = hold();
  held.catch(() => undefined); // awaited at the end

  const patiently = async (isSo: () => boolean): Promise<void> => {
    for (const end = Date.now() + CATCH_UP_MS; !isSo() && Date.now() < end; ) await sleep(LOOK_EVERY_MS);
  };

  return {
    counts,
    events,
    async finish(expecting) {
      await patiently(() => counts.unopened === 0);
      if (counts.unopened > 0) return;
      const stored = await listStored(client, device, events.comparedFrom());
      if (stored === undefined) throw new Error(UNTOLD);
      const expected = await expecting(stored, events.comparedFrom());
      await patiently(() => !events.isMissing(expected));
      events.compare(expected);
    },
    async stop() {
      isOver = true;
      hangUp();
      await held.catch(() => undefined); // a run that is ended tells so elsewhere
      client.close();
    },
  };
}
