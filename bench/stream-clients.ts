// Many silent clients in a process of its own, the same for every server: each sends its bytes and counts what comes.

import { createConnection, type Socket } from 'node:net';

/** What the parent says: open these connections, or look for the end of the next update. */
export type Order =
  | { open: { port: number; requests: string[]; greeting: string } }
  | { watch: { marker: string } }
  | { close: true };
/** Times are of the wall clock, ms with fractions. */
export type Told = { opened: number } | { received: number[]; bytes: number };

const AT_ONCE = 100;
const ON_ONE_ADDRESS = 15_000; // an address has 28,000 ports
const GIVE_UP_MS = 30_000;

const sockets: Socket[] = [];
let greeting = '';
let marker: Buffer | undefined;
let received: number[] = [];
let bytes = 0;
let deadline: NodeJS.Timeout | undefined;

const now = (): number => performance.timeOrigin + performance.now();
const tell = (told: Told): void => void process.send?.(told);

function finish(): void {
  clearTimeout(deadline);
  marker = undefined;
  tell({ received, bytes });
}

function read(chunk: Buffer): void {
  if (marker === undefined || !chunk.includes(marker)) return;
  bytes += chunk.length;
  received.push(now());
  if (received.length === sockets.length) finish();
}

/** Resolves when the server's greeting has come. */
function openOne(port: number, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const localAddress = `127.0.0.${2 + Math.floor(sockets.length / ON_ONE_ADDRESS)}`;
    const socket = createConnection({ port, host: '127.0.0.1', localAddress });
    sockets.push(socket);
    let said = '';
    const greet = (chunk: Buffer): void => {
      said += chunk.toString('latin1');
      if (!said.includes(greeting)) {
        if (/^HTTP\/1.1 [^2]/.test(said)) reject(new Error(said));
        return;
      }
      socket.off('data', greet).on('data', read);
      resolve();
    };
    socket.on('data', greet).on('error', reject);
    socket.write(request, 'latin1');
  });
}

process.on('message', (order: Order) => {
  if ('open' in order) {
    const { port, requests } = order.open;
    greeting = order.open.greeting;
    void (async () => {
      for (let from = 0; from < requests.length; from += AT_ONCE)
        await Promise.all(requests.slice(from, from + AT_ONCE).map((request) => openOne(port, request)));
      tell({ opened: sockets.length });
    })();
  } else if ('watch' in order) {
    [marker, received, bytes] = [Buffer.from(order.watch.marker), [], 0];
    deadline = setTimeout(finish, GIVE_UP_MS);
  } else {
    for (const socket of sockets.splice(0)) socket.destroy();
    process.disconnect();
  }
});
