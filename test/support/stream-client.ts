// Handsets that hold an event stream, over real HTTP: Server-Sent Events read by the letter of HTML 9.2, and WebSocket (G12).

import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { digestAuthorization } from './digest-client.ts';

interface ReceivedEvent {
  /** Of the stream as it was when the event came. */
  lastId: string;
  /** That the event itself brought; undefined where the stream goes on from where it was, as WebSocket has it only in the data. */
  ownId?: string | undefined;
  kind: string;
  data: Record<string, unknown>;
}

export interface StreamClient {
  /** All but the first, which says how the stream begins. */
  events: ReceivedEvent[];
  start: Record<string, unknown>;
  /** What the server said to wait, ms. */
  retryMs(): number;
  lastId(): string;
  /** Resolves when the server has shown that it is alive so many times more. */
  signs(more: number): Promise<void>;
  isOver(): boolean;
  /** Resolves with the events when there are so many; throws when they are not there within 5 s. */
  until(length: number): Promise<ReceivedEvent[]>;
  /** Reads no more, until `resume`. */
  pause(): void;
  resume(): void;
  over(): Promise<void>;
  close(): void;
}

interface Opening {
  url: string;
  user: string;
  /** With its query. */
  path?: string;
  lastEventId?: string;
  password?: string;
}

const WITHIN_MS = 5_000;

/** The Authorization of a GET, for a challenge of its own. */
export async function authorizationOf({ url, user, path = '/events', password = 'secret' }: Opening): Promise<string> {
  const asked = await fetch(`${url}/reports`, { method: 'POST' });
  const challenge = (asked.headers.get('www-authenticate') ?? '').split(/, (?=Digest )/);
  return digestAuthorization({ challenge, user, password, method: 'GET', uri: path, nc: 1, cnonce: 'x' });
}

async function waitFor(what: () => string, isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + WITHIN_MS; !isSo(); await sleep(5))
    if (Date.now() > end) throw new Error(`${what()} did not come within ${WITHIN_MS} ms`);
}

/** The answer's status, and the stream when it is 200. */
export async function openSse(opening: Opening): Promise<StreamClient> {
  const { url, path = '/events', lastEventId } = opening;
  const authorization = await authorizationOf(opening);
  const headers = { authorization, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url + path, { headers, agent: false }, resolve).on('error', reject);
  });
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode} of ${path}`);
  const events: ReceivedEvent[] = [];
  let start: Record<string, unknown> | undefined;
  let [text, lastId, retryMs, isOver, signs] = ['', '', 0, false, 0];
  response.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => line.split(/: (.*)/s) as [string, string]),
      );
      text = text.slice(end + 2);
      retryMs = Number(fields.get('retry') ?? retryMs);
      lastId = fields.get('id') ?? lastId;
      const data = fields.get('data');
      if (data === undefined) {
        signs += 1;
        continue;
      }
      const event = { lastId, ownId: fields.get('id'), kind: fields.get('event') ?? 'message', data: JSON.parse(data) };
      if (event.kind === 'stream') start = event.data;
      else events.push(event);
    }
  });
  response
    .on('error', () => undefined)
    .on('close', () => {
      isOver = true;
    });
  await waitFor(
    () => 'the start of the stream',
    () => start !== undefined || isOver,
  );
  return {
    events,
    start: start ?? {},
    retryMs: () => retryMs,
    lastId: () => lastId,
    signs(more) {
      const wanted = signs + more;
      return waitFor(
        () => `sign of life ${wanted}`,
        () => signs >= wanted,
      );
    },
    isOver: () => isOver,
    async until(length) {
      await waitFor(
        () => `event ${length} after ${JSON.stringify(events.at(-1))?.slice(0, 300)}`,
        () => events.length >= length,
      );
      return events;
    },
    pause: () => void response.socket.pause(),
    resume: () => void response.socket.resume(),
    over: () =>
      waitFor(
        () => 'the end of the stream',
        () => isOver,
      ),
    close: () => void response.destroy(),
  };
}

export async function openWebSocket(opening: Opening): Promise<StreamClient> {
  const { url, path = '/events' } = opening;
  const authorization = await authorizationOf(opening);
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, { headers: { authorization } });
  const events: ReceivedEvent[] = [];
  let start: Record<string, unknown> | undefined;
  let [lastId, retryMs, isOver, signs] = ['', 0, false, 0];
  socket.on('message', (bytes) => {
    const data = JSON.parse(String(bytes)) as Record<string, unknown>;
    if (typeof data.id === 'string') lastId = data.id;
    if (typeof data.retryMs === 'number') retryMs = data.retryMs;
    if (data.kind === 'stream') start = data;
    else if (data.kind !== 'close') events.push({ lastId, kind: String(data.kind), data });
  });
  socket.on('ping', (id) => {
    lastId = String(id);
    signs += 1;
  });
  let refused = '';
  socket.on('unexpected-response', (_request, response) => {
    refused = `status ${response.statusCode} of ${path}`;
    socket.terminate();
  });
  socket
    .on('error', () => undefined)
    .on('close', () => {
      isOver = true;
    });
  await waitFor(
    () => 'the start of the stream',
    () => start !== undefined || isOver,
  );
  if (refused !== '') throw new Error(refused);
  return {
    events,
    start: start ?? {},
    retryMs: () => retryMs,
    lastId: () => lastId,
    signs(more) {
      const wanted = signs + more;
      return waitFor(
        () => `sign of life ${wanted}`,
        () => signs >= wanted,
      );
    },
    isOver: () => isOver,
    async until(length) {
      await waitFor(
        () => `event ${length} after ${JSON.stringify(events.at(-1))?.slice(0, 300)}`,
        () => events.length >= length,
      );
      return events;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    over: () =>
      waitFor(
        () => 'the end of the stream',
        () => isOver,
      ),
    close: () => socket.terminate(),
  };
}
