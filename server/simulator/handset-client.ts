// One handset's HTTP: Digest with a kept nonce, Date, patience with a busy or absent server (O10; V3, V5, V6, V18).

import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { type DigestChallenge, readChallenge, readNextNonce, writeCredentials } from './digest-credentials.ts';
import { type Heard, type Message, type OpenLine, type Reply, type StreamForm, sendMessage } from './handset-wire.ts';

/** What became of one message. `status` 0: the server was never reached. */
interface Answer {
  status: number;
  body: string;
  /** The entity-tag of what was fetched. */
  etag: string | undefined;
  /** Of the last attempt, from the first byte sent to the whole answer; its challenge included. */
  latencyMs: number;
  /** Attempts that failed before: no connection, 429 or 503. */
  retries: number;
}

export interface HandsetClient {
  /** Posts until the server accepts or refuses. `body` and `date` are asked for anew at every attempt. */
  post(message: { path: string; body: () => string; date: () => Date }): Promise<Answer>;
  /** Fetches, with the same patience; 304 when `etag` is given and still so. */
  get(request: { path: string; accept?: string; etag?: string }): Promise<Answer>;
  /** Asks for something to be done that needs no words, with the same patience. */
  send(request: { method: 'PUT' | 'DELETE'; path: string }): Promise<Answer>;
  /** Opens an event stream, with the same patience; `hear` gets what comes on it. */
  listen(
    request: { path: string; form: StreamForm; headers: Record<string, string> },
    hear: (heard: Heard) => void,
  ): Promise<Line>;
  /** Closes a connection that is kept. */
  close(): void;
}

/** What came of opening an event stream; one that is not open has ended. */
interface Line extends OpenLine {
  status: number;
}

const CHALLENGES_PER_ATTEMPT = 6; // a nonce may go stale as it arrives
const REJECTIONS_PER_ATTEMPT = 1; // one may be of a nonce that another handset got too; two mean a wrong password
const NEXT_NONCE_MS = 1_000;
const ATTEMPTS = 8;
const BACK_OFF_MS = 250; // doubled at each attempt
const BACK_OFF_MOST_MS = 15_000;
const RETRY_AFTER_MOST_S = 60;

/**
 * `keepAlive` false sends Connection: close, as simple handsets do. Aborting `signal` ends waits and requests. Of several servers that act as
 * one, each attempt goes to the next, as behind a balancer.
 */
export function createHandsetClient(deps: {
  url: string | readonly string[];
  user: string;
  password: string;
  keepAlive: boolean;
  /** Epoch ms, to measure latency. */
  clock: () => number;
  signal?: AbortSignal;
}): HandsetClient {
  const { user, password, keepAlive, clock, signal } = deps;
  const agentOptions = { keepAlive, maxSockets: 1 };
  const servers = [deps.url].flat().map((url) => {
    const base = new URL(url);
    const secure = base.protocol === 'https:';
    return { base, secure, agent: secure ? new SecureAgent(agentOptions) : new Agent(agentOptions) };
  });
  let attempts = Math.floor(Math.random() * servers.length);
  let challenge: DigestChallenge | undefined;
  let count = 0;

  const authenticated = async (message: Message): Promise<Reply> => {
    const server = servers[attempts % servers.length];
    if (server === undefined) throw new Error('no server is named');
    attempts += 1;
    let rejections = 0;
    for (let challenges = 0; ; challenges += 1) {
      let authorization: string | undefined;
      if (challenge !== undefined) {
        count += 1;
        const cnonce = randomBytes(8).toString('hex');
        const { method, path: target } = message;
        authorization = writeCredentials(challenge, { user, password, method, target, count, cnonce });
      }
      const headers = {
        ...message.headers,
        Connection: keepAlive ? 'keep-alive' : 'close',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      };
      const reply = await sendMessage(server, message, headers, signal);
      if (reply.status === 401 && challenges < CHALLENGES_PER_ATTEMPT) {
        const refused = challenge?.nonce;
        challenge = readChallenge(reply.challenges);
        count = 0;
        if (refused !== undefined && challenge?.stale === false) rejections += 1;
        if (challenge === undefined || rejections > REJECTIONS_PER_ATTEMPT) return reply;
        if (challenge.nonce === refused) {
          challenge = undefined; // another handset counts with it: ask when the server's time-stamp has moved on
          await setTimeout(NEXT_NONCE_MS, undefined, signal === undefined ? {} : { signal });
        }
        continue;
      }
      const nextNonce = reply.info === undefined ? undefined : readNextNonce(reply.info);
      if (challenge !== undefined && nextNonce !== undefined && nextNonce !== challenge.nonce) {
        challenge = { ...challenge, nonce: nextNonce };
        count = 0;
      }
      return reply;
    }
  };

  const patiently = async (message: () => Message): Promise<Answer> => {
    for (let retries = 0; ; retries += 1) {
      const startedAt = clock();
      let reply: Reply | undefined;
      try {
        reply = await authenticated(message());
      } catch (error) {
        if (signal?.aborted === true) throw error;
      }
      const busy = reply === undefined || reply.status === 503 || reply.status === 429;
      if (!busy || retries >= ATTEMPTS) {
        const { status, body, etag } = reply ?? { status: 0, body: '', etag: undefined };
        return { status, body, etag, latencyMs: clock() - startedAt, retries };
      }
      const backOffMs = Math.min(BACK_OFF_MOST_MS, BACK_OFF_MS * 2 ** retries) * (0.5 + Math.random() / 2);
      const askedMs = Math.min(RETRY_AFTER_MOST_S, reply?.retryAfterS ?? 0) * 1_000;
      await setTimeout(Math.max(backOffMs, askedMs), undefined, signal === undefined ? {} : { signal });
    }
  };

  return {
    post: ({ path, body: write, date }) =>
      patiently(() => {
        const body = write();
        const headers = {
          Date: date().toUTCString(),
          'Content-Type': 'text/xml; charset=utf-8',
          'Content-Length': String(Buffer.byteLength(body)),
        };
        return { method: 'POST', path, body, headers };
      }),
    get: ({ path, accept = 'application/xml', etag }) =>
      patiently(() => {
        const headers = { Accept: accept, ...(etag === undefined ? {} : { 'If-None-Match': etag }) };
        return { method: 'GET', path, body: '', headers };
      }),
    send: ({ method, path }) => patiently(() => ({ method, path, body: '', headers: { Accept: 'application/xml' } })),
    async listen({ path, form, headers }, hear) {
      let line: OpenLine = { ended: Promise.resolve(), stop: () => undefined };
      const take = (open: OpenLine): void => {
        line = open;
      };
      const stream = { form, hear, take };
      const { status } = await patiently(() => ({ method: 'GET', path, body: '', headers, stream }));
      return { status, ...line };
    },
    close() {
      for (const { agent } of servers) agent.destroy();
    },
  };
}
