// A TCP server on a free port of the loopback, and a proxy before another one whose line can be cut.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Listening {
  port: number;
  close(): Promise<void>;
}

export async function listenOn(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Passes bytes on to a host's port. While it is cut, connections are dropped, old and new. */
export async function startProxy(host: string, port: number): Promise<Listening & { cut(): void; mend(): void }> {
  let isCut = false;
  const pairs = new Set<Socket>();
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(port, host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      pairs.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        pairs.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  return {
    ...(await listenOn(server)),
    cut() {
      isCut = true;
      for (const socket of pairs) socket.destroy();
    },
    mend() {
      isCut = false;
    },
  };
}
