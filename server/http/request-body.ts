// Reads a request's whole body within a limit (V18, O11).

import type { IncomingMessage } from 'node:http';
import { Problem } from '../problem.ts';

/** The body's bytes. Problem `too_large` beyond `limitBytes`; `invalid` when the sender breaks off. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = (): Problem => new Problem('too_large', `a body may have ${limitBytes} bytes at most`);
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      request.resume();
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limitBytes) chunks.push(chunk);
      else reject(tooLarge());
    });
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', (cause) => reject(new Problem('invalid', 'the body broke off', { cause })));
    request.on('aborted', () => reject(new Problem('invalid', 'the body broke off')));
  });
}
