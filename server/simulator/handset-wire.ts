// One request of a handset on the wire, and answers that do not end: event streams by Server-Sent Events or WebSocket (O10; G12).

import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { WebSocket } from 'ws';

export interface Message {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body: string;
  headers: Record<string, string>;
  /** Of an answer that does not end. */
  stream?: { form: StreamForm; hear(heard: Heard): void; take(line: OpenLine): void };
}

export type StreamForm = 'sse' | 'websocket';

/** What came on a stream, in either form. */
export interface Heard {
  kind?: string;
  /** By which the stream is resumed. */
  streamId?: string;
  data?: Record<string, unknown>;
}

/** A stream that is open. */
export interface OpenLine {
  ended: Promise<void>;
  /** Hangs up. */
  stop(): void;
}

export interface Server {
  base: URL;
  secure: boolean;
  agent: Agent;
}

export interface Reply {
  status: number;
  body: string;
  etag: string | undefined;
  challenges: string[];
  info: string | undefined;
  retryAfterS: number | undefined;
}

/** A path with what is given of a query; with nothing it has no lone `?`, which node:http leaves out and Digest would sign. */
export function withQuery(path: string, fields: Record<string, string | undefined>): string {
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** Resolves with the answer, of a stream with its head; rejects when there is none. */
export function sendMessage(
  server: Server,
  message: Message,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  return message.stream?.form === 'websocket'
    ? openWebSocket(server, message, headers, signal)
    : sendRequest(server, message, headers, signal);
}

function sendRequest(
  { base, secure, agent }: Server,
  { method, path, body, stream }: Message,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sending = (secure ? httpsRequest : httpRequest)(
      new URL(path, base),
      { method, agent, timeout: REQUEST_TIMEOUT_MS, headers, ...(signal === undefined ? {} : { signal }) },
      (response) => {
        if (stream === undefined || response.statusCode !== 200) return void readReply(response).then(resolve, reject);
        sending.setTimeout(0);
        response
          .setEncoding('utf8')
          .on('data', sseReader(stream.hear))
          .on('error', () => undefined);
        const ended = new Promise<void>((over) => response.once('close', over));
        stream.take({ ended, stop: () => void response.destroy() });
        resolve(headOf(response));
      },
    );
    sending.on('timeout', () => sending.destroy(new Error('the server does not answer')));
    sending.on('error', reject);
    sending.end(body);
  });
}

/** A WebSocket that opens is answered 200, as a stream by Server-Sent Events is. */
function openWebSocket(
  { base }: Server,
  { path, stream }: Message,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { Connection: _, ...own } = headers; // it says upgrade
    const url = new URL(path, base.href.replace(/^http/, 'ws'));
    const socket = new WebSocket(url, { headers: own, handshakeTimeout: REQUEST_TIMEOUT_MS, perMessageDeflate: false });
    const stop = (): void => socket.terminate();
    signal?.addEventListener('abort', stop, { once: true });
    const ended = new Promise<void>((over) => socket.once('close', () => over()));
    void ended.then(() => signal?.removeEventListener('abort', stop));
    socket
      .on('error', reject) // once it is open, this changes nothing
      .on('unexpected-response', (_request, response) => {
        void readReply(response).then(resolve, reject).finally(stop);
      })
      .on('message', (text) => stream?.hear(heardIn(JSON.parse(String(text)) as Record<string, unknown>)))
      .on('ping', (id) => stream?.hear({ streamId: String(id) }))
      .on('open', () => {
        stream?.take({ ended, stop });
        resolve({ ...NO_REPLY, status: 200 });
      });
  });
}

const NO_REPLY: Reply = {
  ...{ status: 0, body: '', etag: undefined, challenges: [], info: undefined, retryAfterS: undefined },
};

function heardIn(data: Record<string, unknown>): Heard {
  const { kind, id } = data;
  return { kind: String(kind), data, ...(typeof id === 'string' ? { streamId: id } : {}) };
}

/** Takes a stream in pieces as they come [HTML, 9.2.6]. */
function sseReader(hear: (heard: Heard) => void): (piece: string) => void {
  let text = '';
  return (piece) => {
    const blocks = (text + piece).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const [streamId, kind, data] = [field('id'), field('event'), field('data')];
      hear({
        ...(streamId === undefined ? {} : { streamId }),
        ...(kind === undefined ? {} : { kind }),
        ...(data === undefined ? {} : { data: JSON.parse(data) as Record<string, unknown> }),
      });
    }
  };
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { ...headOf(response), body: Buffer.concat(chunks).toString() };
}

function headOf(response: IncomingMessage): Reply {
  const { headersDistinct, headers } = response;
  const retryAfterS = Number(headers['retry-after'] ?? Number.NaN);
  return {
    status: response.statusCode ?? 0,
    body: '',
    etag: headers.etag,
    challenges: headersDistinct['www-authenticate'] ?? [],
    info: headersDistinct['authentication-info']?.[0],
    retryAfterS: Number.isNaN(retryAfterS) ? undefined : retryAfterS,
  };
}
