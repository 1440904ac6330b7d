// What handsets are told: GET /events as a stream, GET /updates for those who hold none (G12, G14, G16).

import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import { WebSocketServer } from 'ws';
import { answerFormOf, eitherEncoder } from '../http/answer-form.ts';
import { callerOf, type Guard } from '../http/caller.ts';
import { readLimit, readText } from '../http/query.ts';
import { takeSocket } from '../http/take-socket.ts';
import { takeUpgrade } from '../http/upgrades.ts';
import { Problem } from '../problem.ts';
import type { Subject } from './concern.ts';
import { shownEvent } from './event-writing.ts';
import type { Push } from './push.ts';
import { writeUpdatesXml } from './updates-xml.ts';

export interface EventsRouterDeps {
  push: Pick<Push, 'admit' | 'openStream' | 'mailbox'>;
  guard: Guard;
  findHandset(user: string): { viewer: number } | undefined | Promise<{ viewer: number } | undefined>;
  /** The number of a user's device, as its reports have it. */
  deviceOf(user: string, deviceId: string): number;
  clock: () => number;
  /** Tell faults in the form that was asked for. */
  encodeProblem: Record<'xml' | 'json', ErrorRequestHandler>;
}

const LONGEST_MESSAGE = 1_024; // of a handset on a WebSocket: nothing it may say is heard

export function eventsRouter(deps: EventsRouterDeps): Router {
  const { push } = deps;
  const router = Router();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false, // 300 KB a connection
    maxPayload: LONGEST_MESSAGE,
  });

  const subjectOf = async (request: Request, response: Response): Promise<Subject> => {
    const { user } = callerOf(response);
    const account = await deps.findHandset(user);
    if (account === undefined) throw new Problem('unauthorized', 'the account is gone');
    const deviceId = readText(request.query, 'device');
    return { viewer: account.viewer, device: deviceId === undefined ? undefined : deps.deviceOf(user, deviceId) };
  };

  router.get('/events', deps.guard('handset'), async (request, response) => {
    const subject = await subjectOf(request, response);
    const header = request.headers['last-event-id'];
    const since = typeof header === 'string' && header !== '' ? header : readText(request.query, 'since');
    if (request.method === 'HEAD') {
      response.type(STREAM_TYPE).end();
      return;
    }
    const resumption = await push.mailbox.resume(subject, since); // while a problem can still be answered
    push.admit(subject);
    const start = { ...subject, resumption };
    const head = takeUpgrade(request, response);
    if (head === undefined) {
      const lines = streamHead(response, deps.clock());
      const socket = takeSocket(request, response);
      socket.write(lines);
      await push.openStream({ ...start, socket, form: 'sse' });
      return;
    }
    const { socket } = request;
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      void push.openStream({ ...start, socket, form: 'websocket' });
    });
  });

  router.get('/updates', deps.guard('handset'), async (request, response) => {
    const format = answerFormOf(request);
    const since = readText(request.query, 'since');
    const limit = readLimit(request.query);
    const subject = await subjectOf(request, response);
    const updates = await push.mailbox.list(subject, { limit, ...(since === undefined ? {} : { since }) });
    response.setHeader('Cache-Control', 'no-store').vary('Accept');
    const { epoch, recovered, events, id, isMore } = updates;
    if (format === 'xml') response.type('application/xml').send(writeUpdatesXml(updates));
    else response.json({ recovered, items: events.map((event) => shownEvent(event, epoch)), id, more: isMore });
  });

  router.use(eitherEncoder(isEventsAddress, deps.encodeProblem));
  return router;
}

/** Whether faults are told in the handsets' form, unless JSON is asked for. */
export const isEventsAddress = (method: string, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') && /^\/(?:events|updates)\/?$/i.test(path);

const STREAM_TYPE = 'text/event-stream';

/** The end of the stream is that of the connection, so that events need no chunks around them [RFC 9112, 6.3]. */
function streamHead(response: Response, now: number): string {
  const fields = {
    ...response.getHeaders(),
    'Content-Type': STREAM_TYPE,
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no', // nginx and others pass events on at once
    Connection: 'close',
    Date: new Date(now).toUTCString(),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`;
}
