// Closing a listener: answers are finished, kept connections end, nobody holds it open for ever (O7).

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createListenerClose } from '../../../server/http/listener-close.ts';

const GET = 'GET / HTTP/1.1\r\nHost: here\r\n\r\n';
const LARGE_BYTES = 20_000_000; // far more than the sockets' buffers hold

describe('listener close', () => {
  let server: Server;
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.closeAllConnections();
    server.close();
  });

  const listen = async (withinMs: number, listener: RequestListener): Promise<() => Promise<void>> => {
    server = createServer(listener);
    const close = createListenerClose(server, withinMs);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return close;
  };
  const dial = (): Socket => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    return socket;
  };

  it('O7: a slow reader gets the whole answer', async () => {
    const close = await listen(10_000, (_request, response) => response.end(Buffer.alloc(LARGE_BYTES, 'a')));
    const reader = dial();
    let bytes = 0;
    reader.write(GET);
    reader.once('data', () => reader.pause());
    reader.on('data', (chunk) => {
      bytes += chunk.length;
    });
    await once(reader, 'data');
    const closed = close();
    await sleep(150);
    reader.resume();
    await closed;
    await once(reader, 'end');
    expect(bytes).to.be.above(LARGE_BYTES);
  });

  it('O7: a kept connection on which requests go on coming is told to close', async () => {
    const close = await listen(10_000, (_request, response) => void setTimeout(() => response.end('ok'), 20));
    const handset = dial();
    let answers = 0;
    handset.on('error', () => undefined); // a request may be on its way when the connection closes
    handset.on('data', () => {
      answers += 1;
      handset.write(GET);
    });
    handset.write(GET);
    await once(handset, 'data');
    await once(server, 'request'); // the connection is seldom idle from here on
    await close();
    expect(answers).to.be.below(6);
  });

  it('O7: connections that are idle or were never used do not delay it', async () => {
    const close = await listen(60_000, (_request, response) => response.end('ok'));
    const idle = dial();
    idle.write(GET);
    dial();
    await once(idle, 'data');
    await close();
  });

  it('O7: who never reads is cut off in the end', async () => {
    const close = await listen(100, (_request, response) => response.end(Buffer.alloc(LARGE_BYTES, 'a')));
    const deaf = dial().pause();
    deaf.on('error', () => undefined);
    deaf.write(GET);
    await once(server, 'request');
    await close();
  });
});
