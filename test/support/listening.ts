// A TCP server on a free port of the loopback, and a proxy before another one whose line can be cut, frozen and slow.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

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

/** A line to a host's port. */
export interface Line extends Listening {
  /** Drops connections, old and new, until it is mended. */
  cut(): void;
  /** Takes connections and bytes and passes nothing on until it is mended: what a frozen host looks like. */
  hold(): void;
  mend(): void;
  /** From now on bytes come so much later, to and from the host. */
  delay(toHostMs: number, fromHostMs: number): void;
}

export async function startProxy(host: string, port: number): Promise<Line> {
  let state: 'whole' | 'cut' | 'held' = 'whole';
  let delaysMs: [number, number] = [0, 0];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy();
    const far = connect(port, host);
    for (const [way, from, to] of [
      [0, near, far],
      [1, far, near],
    ] as const) {
      let passing = Promise.resolve();
      const pass = async (chunk: Buffer, dueAt: number): Promise<void> => {
        const leftMs = dueAt - performance.now();
        if (leftMs > 0) await sleep(leftMs);
        to.write(chunk);
      };
      sockets.add(from);
      if (state === 'held') from.pause();
      from.on('data', (chunk) => {
        const dueAt = performance.now() + delaysMs[way];
        passing = passing.then(() => pass(chunk, dueAt));
      });
      from.on('error', () => undefined);
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  return {
    ...(await listenOn(server)),
    cut() {
      state = 'cut';
      for (const socket of sockets) socket.destroy();
    },
    hold() {
      state = 'held';
      for (const socket of sockets) socket.pause();
    },
    mend() {
      state = 'whole';
      for (const socket of sockets) socket.resume();
    },
    delay(toHostMs, fromHostMs) {
      delaysMs = [toHostMs, fromHostMs];
    },
  };
}
