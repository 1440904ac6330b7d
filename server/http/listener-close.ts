// Closes a listener so that whoever was heard is answered (O7). Node's own close() destroys connections whose answer is
// written but not yet sent, and waits for handsets that keep theirs and go on reporting.

import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { TAKEN } from './take-socket.ts';

const SWEEP_MS = 50;

/**
 * Call it before the listener takes connections. The function that it answers takes no more of them and resolves when the
 * last is closed; those that take longer than `withinMs` are cut off. Sockets that were taken are closed by who took them.
 */
export function createListenerClose(server: Server, withinMs: number): () => Promise<void> {
  const sockets = new Set<Socket>();
  let closing = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    for (const gone of ['close', TAKEN]) socket.once(gone, () => sockets.delete(socket));
  };
  server.on('connection', keep).on('secureConnection', keep); // the answers of HTTPS wait in the latter
  server.prependListener('request', (_request, response) => {
    if (closing) response.setHeader('Connection', 'close');
  });

  const sweep = (): void => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy(); // opened in advance, and never used
    if ([...sockets].every((socket) => socket.writableLength === 0)) server.closeIdleConnections();
  };

  return async () => {
    closing = true;
    const closed = new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
    const sweeping = setInterval(sweep, SWEEP_MS);
    const bound = setTimeout(() => server.closeAllConnections(), withinMs);
    sweep();
    await closed;
    clearInterval(sweeping);
    clearTimeout(bound);
  };
}
