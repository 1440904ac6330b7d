// The guide made ready to send: one rendering for each version, class of marks and form, compressed, shared by all who ask (G4, G6).

import { hash } from 'node:crypto';
import { Readable, type Transform } from 'node:stream';
import { constants, createBrotliCompress, createGunzip, createGzip } from 'node:zlib';
import { writeGuideJson } from './guide-json.ts';
import type { GuideStore } from './guide-store.ts';
import { type GuideHead, type GuidePart, type GuideQuery, viewGuide } from './guide-view.ts';
import type { MarkClass } from './mark-classes.ts';
import type { NowNext } from './now-next.ts';
import { writeNowJson, writeNowXml } from './now-writing.ts';
import { createRenderedCache } from './rendered-cache.ts';
import { writeServiceGuideXml } from './service-guide-xml.ts';
import { writeXmltv } from './xmltv-writing.ts';

export type GuideFormat = 'xml' | 'xmltv' | 'json';
export type Coding = 'br' | 'gzip' | 'identity';

/** An answer whose body is not made before it is asked for. */
export interface Prepared {
  /** A strong entity-tag: the same tag, the same bytes. */
  etag: string;
  /** The body. Once it is whole its size is known, unless it has to be unpacked. */
  body(): Promise<{ sizeBytes: number | undefined; chunks: AsyncIterable<Uint8Array> }>;
}

export interface GuideDelivery {
  /** Problem `not_found`, `gone` as viewGuide has them. */
  prepare(query: GuideQuery, form: { format: GuideFormat; coding: Coding; marks: MarkClass }): Promise<Prepared>;
  /** What is on now and next, from memory. */
  board: NowNext['board'];
  prepareNow(form: { format: 'xml' | 'json'; coding: Coding; language?: string }): Promise<Prepared>;
}

/** Text is gathered to pieces of that size before it is compressed. */
const PIECE_CHARS = 65_536;
/** Sent at once: a large answer is few pieces. */
const PACKED_BYTES = 262_144;
/** Of 0 to 11: better than gzip at the speed of gzip. */
const BROTLI_QUALITY = 5;

const WRITERS: Record<
  GuideFormat,
  (head: GuideHead, parts: AsyncIterable<GuidePart>, marks: MarkClass) => AsyncIterable<string>
> = { xml: writeServiceGuideXml, xmltv: writeXmltv, json: writeGuideJson };

export function createGuideDelivery(deps: {
  store: GuideStore;
  nowNext: NowNext;
  /** Bound of what is kept of rendered guides. */
  cacheBytes: number;
}): GuideDelivery {
  const { store, nowNext } = deps;
  const cache = createRenderedCache(deps.cacheBytes);

  const prepared = (name: string, coding: Coding, text: () => AsyncIterable<string>): Prepared => ({
    etag: `"${hash('sha256', `${name} ${coding}`, 'base64url').slice(0, 22)}"`,
    async body() {
      // Kept is the compressed form alone: unpacking it costs little, and whoever takes no coding is rare.
      const kept = coding === 'identity' ? 'gzip' : coding;
      const rendered = await cache.get(`${name} ${kept}`, () => compressed(text(), kept));
      return coding === 'identity'
        ? {
            sizeBytes: undefined,
            chunks: Readable.from(rendered.chunks(), { objectMode: false }).pipe(
              createGunzip({ chunkSize: PACKED_BYTES }),
            ),
          }
        : { sizeBytes: rendered.sizeBytes(), chunks: rendered.chunks() };
    },
  });

  return {
    async prepare(query, { format, coding, marks }) {
      const view = await viewGuide(store, query);
      const { version, since, from, to } = view.head;
      const name = JSON.stringify([
        format,
        version,
        since,
        from,
        to,
        query.services,
        query.language,
        format === 'xmltv' ? '' : marks.name,
      ]);
      return prepared(name, coding, () => WRITERS[format](view.head, view.parts(), marks));
    },

    board: nowNext.board,

    async prepareNow({ format, coding, language }) {
      const board = await nowNext.board();
      const name = JSON.stringify(['now', format, board.version, board.changedAt, language]);
      const write = format === 'xml' ? writeNowXml : writeNowJson;
      return prepared(name, coding, () => write(board, language));
    },
  };
}

async function* compressed(text: AsyncIterable<string>, coding: 'br' | 'gzip'): AsyncGenerator<Uint8Array> {
  const packer: Transform =
    coding === 'gzip'
      ? createGzip({ chunkSize: PACKED_BYTES })
      : createBrotliCompress({ chunkSize: PACKED_BYTES, params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
  const source = Readable.from(gathered(text), { objectMode: false });
  source.on('error', (error) => packer.destroy(error));
  yield* source.pipe(packer);
}

async function* gathered(text: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let pieces: string[] = [];
  let chars = 0;
  for await (const piece of text) {
    pieces.push(piece);
    chars += piece.length;
    if (chars < PIECE_CHARS) continue;
    yield Buffer.from(pieces.join(''));
    pieces = [];
    chars = 0;
  }
  if (chars > 0) yield Buffer.from(pieces.join(''));
}
