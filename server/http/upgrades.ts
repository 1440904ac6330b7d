// Requests to upgrade to WebSocket on their way through the app: the same credentials, roles and refusals as for all others (RFC 6455, 4.2).

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';

type ResponseClass = new (request: IncomingMessage) => ServerResponse;

/** What came behind the request's header, until the upgrade is taken. */
const heads = new WeakMap<IncomingMessage, Buffer>();

/** Whether node:http is to let go of the connection. Of other protocols it is not: a request may go on without (RFC 9110, 7.8). */
export const isUpgrade = ({ headers, method }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/** Has the app answer upgrades like any request. A route that takes one calls `takeUpgrade`; whatever else is answered ends the connection. */
export function answerUpgrades(server: Server, app: Express, Response: ResponseClass): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const response = new Response(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as never);
    response.once('finish', () => socket.end());
    socket.on('error', () => socket.destroy());
    heads.set(request, head);
    app(request, response);
  });
}

/** The bytes behind the header, and the socket is the caller's; undefined when the request is none to upgrade. */
export function takeUpgrade(request: IncomingMessage, response: ServerResponse): Buffer | undefined {
  const head = heads.get(request);
  if (head === undefined) return undefined;
  heads.delete(request);
  response.detachSocket(request.socket);
  request.socket.removeAllListeners('error');
  request.socket.setTimeout(0);
  return head;
}
