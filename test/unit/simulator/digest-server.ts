// A tiny server that challenges with Digest and checks credentials by RFC 2617 §3.2.2, apart from the simulator's own code.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  path: string;
  body: string;
  user: string;
  nonce: string;
  nc: string;
  headers: IncomingMessage['headers'];
}

export interface DigestServer {
  url: string;
  /** Requests with right credentials, in order. */
  received: Received[];
  /** Challenges given. */
  challenges: number;
  /** Requests with wrong credentials for a nonce that was good. */
  rejected: number;
  /** Answers a request with right credentials; false: the server says 200. */
  answer: (request: Received, response: ServerResponse) => boolean;
  /** What good nonces begin with now, before a dot. */
  nonce: string;
  close(): Promise<void>;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export async function startDigestServer(passwordOf: (user: string) => string | undefined): Promise<DigestServer> {
  const seen = new Set<string>();
  const http = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const header = request.headers.authorization ?? '';
    const get = (name: string): string => {
      const [, text, token] = new RegExp(`\\b${name}=(?:"([^"]*)"|([^",]*))`).exec(header) ?? [];
      return text ?? token ?? '';
    };
    const user = get('username');
    const [nonce, nc, path] = [get('nonce'), get('nc'), request.url ?? ''];
    const ha1 = md5(`${user}:the "realm", ours:${passwordOf(user)}`);
    const right = md5(`${ha1}:${nonce}:${nc}:${get('cnonce')}:auth:${md5(`POST:${path}`)}`);
    const current = nonce.startsWith(`${server.nonce}.`);
    const known = current && !seen.has(`${user} ${nonce} ${nc}`);
    const valid = known && get('uri') === path && get('opaque') === 'op,aque' && get('response') === right;
    if (!valid) {
      if (header !== '' && known) server.rejected += 1;
      server.challenges += 1;
      const stale = header !== '' && !current ? 'true' : 'false';
      const common = `realm="the \\"realm\\", ours", qop="auth,auth-int", nonce="${server.nonce}.${server.challenges}", opaque="op,aque", stale=${stale}`;
      response.setHeader('WWW-Authenticate', [
        `Digest algorithm=SHA-256, ${common}`,
        `Digest ${common}, algorithm=MD5`,
      ]);
      response.writeHead(401).end();
      return;
    }
    seen.add(`${user} ${nonce} ${nc}`);
    const got = { path, body, user, nonce, nc, headers: request.headers };
    server.received.push(got);
    if (!server.answer(got, response)) response.writeHead(200).end('<LogReportResult result="recorded"/>');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: DigestServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    received: [],
    challenges: 0,
    rejected: 0,
    answer: () => false,
    nonce: 'first',
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}
