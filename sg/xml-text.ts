// A document's bytes as text, by its byte order mark or its declaration (XML 1.0, 4.3.3 and appendix F).

import { setImmediate } from 'node:timers/promises';
import { TextDecoder } from 'node:util';
import { Problem } from '../server/problem.ts';

/** Parsed at one go; a request waits no longer than that takes. */
const PIECE_BYTES = 65_536;
/** The declaration is in the first few bytes or nowhere. */
const HEAD_BYTES = 256;

/** Text in pieces of at most 64 Ki characters, other work running between them. Problem `invalid` for bytes that are no text. */
export async function* decodeXml(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let head = new Uint8Array(0);
  let decoder: TextDecoder | undefined;
  for await (const chunk of stream) {
    let bytes = chunk;
    if (decoder === undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD_BYTES) continue;
      decoder = decoderFor(head);
      bytes = head;
    }
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      yield decode(decoder, bytes.subarray(start, start + PIECE_BYTES), true);
      await setImmediate();
    }
  }
  if (decoder === undefined) yield decode(decoderFor(head), head, false);
  else yield decode(decoder, new Uint8Array(0), false);
}

function decode(decoder: TextDecoder, bytes: Uint8Array, more: boolean): string {
  try {
    return decoder.decode(bytes, { stream: more });
  } catch (cause) {
    throw new Problem('invalid', `the document is not ${decoder.encoding}, as it says`, { cause });
  }
}

function decoderFor(head: Uint8Array): TextDecoder {
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be', { fatal: true });
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le', { fatal: true });
  const start = Buffer.from(head.subarray(0, HEAD_BYTES)).toString('latin1');
  const label = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label, { fatal: true });
  } catch (cause) {
    throw new Problem('invalid', `the encoding ${label} is not known`, { cause });
  }
}
