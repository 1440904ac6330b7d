// A million requests without credentials, each answered with a Digest challenge: they must cost neither memory nor speed (V7).

import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { makeData } from '../test/support/reporting-handsets.ts';
import { spawnServer } from '../test/support/server-process.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    connections: { type: 'string', default: '16' },
    pipelined: { type: 'string', default: '32' },
  },
});
const REQUESTS = Number(values.requests);
const CONNECTIONS = Number(values.connections);
const PIPELINED = Number(values.pipelined);
const SHARE = 0.05;
const MIB = 1_048_576;
const BODY = '<LogReport/>';
const REQUEST = `POST / HTTP/1.1\r\nHost: here\r\nContent-Type: text/xml\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const environment = await makeData([]);
const server = spawnServer({ ...environment, SAMPLE_GUIDE: 'false' });
try {
  const port = await server.ready();
  const rssMib = (): string => ((server.rssBytes() ?? Number.NaN) / MIB).toFixed(0);
  let sent = 0;
  let answered = 0;
  let challenged = 0;
  /** When so many were answered, ms. */
  const marks = [0, SHARE, 0.25, 0.5, 0.75, 1 - SHARE, 1].map((share) => ({
    count: Math.round(share * REQUESTS),
    at: 0,
  }));
  const memory: string[] = [];

  const count = (answers: number): void => {
    answered += answers;
    for (const mark of marks) {
      if (mark.at > 0 || answered < mark.count) continue;
      mark.at = performance.now();
      memory.push(`${Math.round((100 * mark.count) / REQUESTS)} %: ${rssMib()}`);
    }
  };
  /** Each answer is read up to its end; the next request is sent when one is answered. */
  const ask = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    let received = '';
    let open = 0;
    const send = (most: number): void => {
      const more = Math.min(most, REQUESTS - sent);
      sent += more;
      open += more;
      if (more > 0) socket.write(REQUEST.repeat(more));
      else if (open === 0) socket.end();
    };
    socket.on('data', (chunk: string) => {
      received += chunk;
      let answers = 0;
      for (;;) {
        const bodyAt = received.indexOf('\r\n\r\n') + 4;
        const head = received.slice(0, bodyAt);
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
        if (bodyAt < 4 || !(received.length >= bodyAt + length)) break;
        if (head.startsWith('HTTP/1.1 401 ') && head.includes('nonce="')) challenged += 1;
        received = received.slice(bodyAt + length);
        answers += 1;
      }
      open -= answers;
      count(answers);
      send(answers);
    });
    send(PIPELINED);
    await once(socket, 'close');
  };

  count(0);
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  const at = (index: number): number => marks.at(index)?.at ?? Number.NaN;
  const each = (ms: number): string => ((1_000 * ms) / (SHARE * REQUESTS)).toFixed(1);
  console.log(
    `${answered} requests, ${challenged} challenges, ${((1_000 * answered) / (at(-1) - at(0))).toFixed(0)}/s`,
  );
  console.log(
    `time a request: ${each(at(1) - at(0))} µs in the first 5 %, ${each(at(-1) - at(-2))} µs in the last 5 %`,
  );
  console.log(`RSS in MiB: ${memory.join(', ')}`);
  if (challenged !== REQUESTS) process.exitCode = 1;
} finally {
  server.kill('SIGTERM');
  await server.ended;
  await rm(environment.DATA_DIR, { recursive: true });
}
