// Takes a connection out of node:http's hands, for an answer that does not end: what Node keeps of a request is let go (G17).

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What node:http hangs on a socket, as lib/_http_server.js and lib/_http_common.js of Node 24 have it. */
interface HttpParser {
  unconsume(): void;
  remove(): void;
  close(): void;
  incoming: unknown;
  outgoing: unknown;
  socket: unknown;
  onIncoming: unknown;
  _consumed?: boolean;
}
type HttpSocket = Socket & { parser?: HttpParser | null; server?: { maxConnections: number } };

/** Told to a socket's listeners when it is taken; they are gone after it. */
export const TAKEN = 'taken';

/**
 * The bare socket of a request that was read to its end, with no listener on it, flowing, and without a time-out. Nothing may be
 * written to `response` before or after. Parser, request and answer cost some 10 kB a connection, and an event stream lasts for hours;
 * as it is counted and closed by who takes it, it no longer counts among the listener's connections.
 */
export function takeSocket(request: IncomingMessage, response: ServerResponse): Socket {
  const socket = request.socket as HttpSocket;
  response.detachSocket(socket);
  socket.emit(TAKEN);
  const { parser, server } = socket;
  if (parser !== undefined && parser !== null) {
    if (parser._consumed === true) parser.unconsume(); // reads go to the socket again, no longer to the parser
    parser.remove(); // from the list of those whose requests may be late
    Object.assign(parser, { incoming: null, outgoing: null, socket: null, onIncoming: null });
    socket.parser = null;
    setImmediate(closeParser, parser); // this may run within it
  }
  socket.removeAllListeners();
  socket.setTimeout(0);
  socket.allowHalfOpen = false;
  if (server !== undefined) {
    server.maxConnections += 1;
    socket.on('close', countAgain);
  }
  socket.resume(); // what is sent on it is of no interest, its end is
  return socket;
}

// No closures: they would hold on to what is let go here.
const closeParser = (parser: HttpParser): void => parser.close();
function countAgain(this: HttpSocket): void {
  if (this.server !== undefined) this.server.maxConnections -= 1;
}
