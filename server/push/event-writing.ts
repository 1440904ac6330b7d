// An event as handsets get it, in JSON, in a Server-Sent Event, in a WebSocket message; each is encoded once for all (G12, G13).

import type { PushEvent } from './event.ts';
import { writeId } from './event-id.ts';

/** How a stream speaks: Server-Sent Events, or WebSocket messages. */
export type StreamForm = 'sse' | 'websocket';

/** An event with its bytes, made when they are first needed. */
export interface EncodedEvent {
  event: PushEvent;
  /** With the id that a stream which breaks off is resumed by. */
  bytes(form: StreamForm): Buffer;
  /** For a stream that is past it: the id is in the data alone, so that it is resumed where it was. */
  lateBytes(form: StreamForm): Buffer;
}

/** What a handset is told of an event: never whom else it is for. Fit for JSON. */
export function shownEvent(event: PushEvent, epoch: string): Record<string, unknown> {
  const { offset, kind, at, validUntil, content } = event;
  return {
    id: writeId({ epoch, offset }),
    kind,
    at: new Date(at).toISOString(),
    ...(validUntil === undefined ? {} : { validUntil: new Date(validUntil).toISOString() }),
    content,
  };
}

export function encodeEvent(event: PushEvent, epoch: string): EncodedEvent {
  const made = new Map<string, Buffer>();
  const once = (name: string, make: () => Buffer): Buffer => {
    let bytes = made.get(name);
    if (bytes === undefined) {
      bytes = make();
      made.set(name, bytes);
    }
    return bytes;
  };
  const id = writeId({ epoch, offset: event.offset });
  const text = (): string => JSON.stringify(shownEvent(event, epoch)); // JSON text has no line breaks
  const message = (): Buffer => once('websocket', () => writeMessage(text()));
  return {
    event,
    bytes: (form) =>
      form === 'websocket'
        ? message()
        : once('sse', () => Buffer.from(`id: ${id}\nevent: ${event.kind}\ndata: ${text()}\n\n`)),
    lateBytes: (form) =>
      form === 'websocket' ? message() : once('late', () => Buffer.from(`event: ${event.kind}\ndata: ${text()}\n\n`)),
  };
}

/** The first event of a stream: whether nothing is lost, and from where it goes on. `retryMs` is how long to wait after it breaks off. */
export function writeStreamStart(form: StreamForm, start: { id: string; recovered: boolean; retryMs: number }): Buffer {
  const { id, recovered, retryMs } = start;
  if (form === 'websocket') return writeMessage(JSON.stringify({ kind: 'stream', id, recovered, retryMs }));
  return Buffer.from(`retry: ${retryMs}\nid: ${id}\nevent: stream\ndata: ${JSON.stringify({ recovered, id })}\n\n`);
}

/** An SSE block without data raises no event, and moves the id [HTML, 9.2.6]; of a ping the id is the payload. */
export const writeKeepAlive = (form: StreamForm, id: string): Buffer =>
  form === 'websocket' ? frame(PING, id) : Buffer.from(`id: ${id}\n\n`);

/** The last of a stream: come again after so long. */
export const writeFarewell = (form: StreamForm, retryMs: number): Buffer =>
  form === 'websocket'
    ? Buffer.concat([writeMessage(JSON.stringify({ kind: 'close', retryMs })), frame(CLOSE, GOING_AWAY)])
    : Buffer.from(`retry: ${retryMs}\n\n`);

// RFC 6455, 5.2 and 7.4.1
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const GOING_AWAY = Buffer.from([0x03, 0xe9]); // 1001

const writeMessage = (text: string): Buffer => frame(TEXT, text);

/** A whole unmasked frame [RFC 6455, 5.2]: written by hand, since it is made once for all and goes straight to the sockets. */
function frame(opcode: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = head.length === 2 ? body.length : head.length === 4 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(body.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}
