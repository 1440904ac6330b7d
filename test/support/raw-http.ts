// HTTP by the byte, for what no client library would send.

import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

export interface RawAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
}

/** Between two pieces, so that they arrive apart. */
const APART_MS = 5;

/**
 * Sends the pieces one after the other, and gives all answers once the server has closed the connection. `stop` breaks
 * off instead after the last piece.
 */
export async function exchange(
  url: string,
  pieces: readonly (string | Uint8Array)[],
  stop = false,
): Promise<RawAnswer[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined); // what came before it is the answer
  const closed = new Promise((resolve) => socket.on('close', resolve));
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await setTimeout(APART_MS);
    if (socket.destroyed) break;
    socket.write(piece);
  }
  if (stop) {
    await setTimeout(APART_MS);
    socket.destroy();
  }
  await closed;
  return readAnswers(Buffer.concat(chunks));
}

function readAnswers(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) throw new Error(`half an answer: ${rest.toString('latin1')}`);
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const bodyEnd = end + 4 + Number(headers['content-length'] ?? 0);
    if (rest.length < bodyEnd) throw new Error('a body that breaks off');
    const answer = { status: Number(first.split(' ')[1]), headers, body: rest.subarray(end + 4, bodyEnd).toString() };
    if (answer.status >= 200) answers.push(answer);
    rest = rest.subarray(bodyEnd);
  }
  return answers;
}
