// The HTTP or HTTPS server around the app: its limits, and the answer to what is no HTTP (V18, O11; RFC 9112).

import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { Problem } from '../problem.ts';
import { expressServerOptions } from './express-server-options.ts';
import { encodeProblem, type ProblemFormat } from './problem-encoder.ts';
import { answerUpgrades, isUpgrade } from './upgrades.ts';

export interface ListenerLimits {
  /** From a connection's start, or the end of its last answer, to the end of a request's header. */
  headerMs: number;
  /** To the end of a request's body. */
  requestMs: number;
  /** Without a byte in either direction while a request is under way. */
  silenceMs: number;
  /** Between two requests. */
  keepAliveMs: number;
  /** How often the first two are looked at. */
  checkMs: number;
  headerBytes: number;
  connections: number;
}

export interface ListenerDeps {
  app: Express;
  /** PEM; absent: HTTP. */
  tls?: { cert: Buffer; key: Buffer };
  /** The form in which problems are told at an address. */
  formatOf(method: string, path: string): ProblemFormat;
  limits?: Partial<ListenerLimits>;
}

const LIMITS: ListenerLimits = {
  headerMs: 15_000, // one packet, as a rule; a handset at the edge of its cell gets some retransmissions
  requestMs: 300_000, // the largest guide, 512 MiB, over a line of 15 Mbit/s
  silenceMs: 300_000, // longer than any answer takes to be made: the peer is gone, or doesn't read. Event streams have bounds of their own
  keepAliveMs: 5_000, // a handset's next report is a minute away: keeping its connection costs more than a new one
  checkMs: 5_000,
  headerBytes: 16_384, // Digest credentials have 1 KiB, a cursor some more
  connections: 30_000, // 15 KB each when idle; event streams do not count, they are bounded by their own number
};

/** Between two requests when a proxy is in front: proxies keep idle connections for a minute, and one closed here under a request is a 502. */
export const KEEP_ALIVE_BEHIND_PROXY_MS = 65_000;

/** A socket of node:http; `_httpMessage` is the answer that it is writing, as Node's own handler of clientError reads it. */
type HttpSocket = Duplex & { _httpMessage?: ServerResponse | null };

/** Not listening yet. */
export function createListener({ app, tls, formatOf, limits }: ListenerDeps): Server {
  const { headerMs, requestMs, silenceMs, keepAliveMs, checkMs, headerBytes, connections } = { ...LIMITS, ...limits };
  const options = {
    ...expressServerOptions(app),
    headersTimeout: headerMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: headerBytes,
    shouldUpgradeCallback: isUpgrade,
  };
  const server =
    tls === undefined
      ? createHttpServer(options, app)
      : createHttpsServer({ ...options, ...tls, handshakeTimeout: headerMs }, app);
  answerUpgrades(server, app, options.ServerResponse);
  server.timeout = silenceMs;
  server.maxConnections = connections;
  server.maxRequestsPerSocket = 0; // any number: what a request may cost is limited request by request

  const refused = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: HttpSocket) => {
    if (refused.has(socket)) return; // the parser complains about every further packet
    refused.add(socket);
    const refuse = (): void => {
      const current = socket._httpMessage ?? undefined;
      if (current?.req.complete === true) {
        current.once('finish', refuse); // good requests before the bad one are answered, in their order
      } else if (!socket.writable || current?.headersSent === true) {
        socket.destroy();
      } else {
        const { method = '', url = '' } = current?.req ?? requestLineOf(error.rawPacket);
        socket.end(writeRefusal(error, formatOf(method, url.split('?')[0] ?? ''), headerBytes), () => socket.destroy());
      }
    };
    refuse();
  });
  return server;
}

/** Of the packet that could not be read; empty when that does not begin a request, or when it came too late. */
function requestLineOf(packet: Buffer | undefined): { method?: string; url?: string } {
  const [, method, url] = /^([A-Z]+) (\S+)/.exec(packet?.subarray(0, 256).toString('latin1') ?? '') ?? [];
  return { ...(method === undefined ? {} : { method }), ...(url === undefined ? {} : { url }) };
}

/** A whole answer, since there is no request for node:http to answer. */
function writeRefusal(error: NodeJS.ErrnoException, format: ProblemFormat, headerBytes: number): string {
  const [status, phrase, problem]: [number, string, Problem] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [
          431,
          'Request Header Fields Too Large',
          new Problem('too_large', `a header may have ${headerBytes} bytes at most`),
        ]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout', new Problem('invalid', 'the request did not arrive in time')]
        : [400, 'Bad Request', new Problem('invalid', 'the request is not HTTP/1.1')];
  const { headers, body } = encodeProblem(problem, '', format, status);
  const fields = { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${phrase}\r\n${lines.join('')}\r\n${body}`;
}
