// Reads a request's body within a limit, whole or as it comes (V18, O11).

import type { IncomingMessage } from 'node:http';
import { Problem } from '../problem.ts';

/** What was read before the route was reached: by a guard that checks auth-int. */
const readBefore = new WeakMap<IncomingMessage, Buffer>();

/** The body's bytes. Problem `too_large` beyond `limitBytes`; `invalid` when the sender breaks off; `unsupported` when it is compressed. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    refuseCompressed(request);
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      request.resume();
      reject(tooLarge(limitBytes));
      return;
    }
    const before = readBefore.get(request);
    if (before !== undefined) {
      if (before.length > limitBytes) reject(tooLarge(limitBytes));
      else resolve(before);
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limitBytes) chunks.push(chunk);
      else reject(tooLarge(limitBytes));
    });
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', (cause) => reject(new Problem('invalid', 'the body broke off', { cause })));
    request.on('aborted', () => reject(new Problem('invalid', 'the body broke off')));
  });
}

/** The same, for who reads before the route does: the route's own `readBody` gets it again. */
export async function readBodyAhead(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const body = await readBody(request, limitBytes);
  readBefore.set(request, body);
  return body;
}

/** The body as it comes, for what is too large to be held. The same Problems. */
export async function* streamBody(request: IncomingMessage, limitBytes: number): AsyncGenerator<Uint8Array> {
  refuseCompressed(request);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  let size = 0;
  // the connection stays open when reading stops early: the answer has to get out
  const chunks: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false });
  while (true) {
    const next = await chunks.next().catch((cause: unknown) => {
      throw new Problem('invalid', 'the body broke off', { cause });
    });
    if (next.done === true) return;
    size += next.value.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    yield next.value;
  }
}

/** Problem `unsupported` for a compressed body: unpacking would let 64 KiB stand for 64 MiB. */
export function refuseCompressed({ headers }: IncomingMessage): void {
  const coding = headers['content-encoding'];
  if (coding === undefined || coding.toLowerCase() === 'identity') return;
  throw new Problem('unsupported', 'a body must not be compressed: send it without Content-Encoding');
}

/** Problem `unsupported` unless the Content-Type matches; `absent` is what a request without one counts as. */
export function requireType({ headers }: IncomingMessage, type: RegExp, told: string, absent = ''): void {
  if (!type.test(headers['content-type'] ?? absent)) throw new Problem('unsupported', told);
}

function tooLarge(limitBytes: number): Problem {
  return new Problem('too_large', `a body may have ${limitBytes} bytes at most`);
}
