// What must hold of any guide in XMLTV, in whatever pieces it comes: items, or a Problem, in bounded memory (G2, O11).

import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../../server/problem.ts';
import { readXmltv } from '../../../sg/xmltv.ts';
import type { FuzzRuns } from './fuzz-runs.ts';
import { BROKEN, collect, cuts, cutUp, expectSame, place } from './pieces.ts';

const GUIDE = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tv SYSTEM "xmltv.dtd">
<tv source-info-name="x"><!-- c -->
<channel id="01"><display-name lang="en">One &amp; Two</display-name><icon src="http://a.example/b.png"/></channel>
<programme start="20070809100000 +0800" stop="20070809110000 +0800" channel="01" id="p1" series="s"><title lang="zh">中文\u{1f600}</title>
<title>x</title><desc><![CDATA[a <b> ]] > c]]></desc><category>News</category><episode-num system="dd_progid">EP01.1</episode-num>
<rating system="x"><value>PG</value></rating><break start="20070809101000 +0800" stop="20070809101500 +0800"/></programme>
<programme start="200708091100" channel="01"><title>y</title></programme>
</tv>`;
const GUIDES = [
  Buffer.from(GUIDE),
  Buffer.from(`\ufeff${GUIDE.replace('UTF-8', 'UTF-16')}`, 'utf16le'),
  Buffer.from(GUIDE.replace('UTF-8', 'ISO-8859-1'), 'latin1'),
];
const GUIDE_PIECES = [
  ...[
    '<',
    '>',
    '"',
    '&',
    '&#0;',
    '&constructor;',
    '&__proto__;',
    ' __proto__="x"',
    ' constructor="y"',
    ' lang="__proto__"',
  ],
  ...[
    '<a>',
    '</a>',
    '<programme',
    '<tv>',
    '</tv>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?x y?>',
    '<?x',
    '\0',
    'é',
    '中',
    '\r',
  ],
  ...[
    '<!DOCTYPE tv [<!ENTITY a "b">]>',
    '20070230',
    'start="99999999999999"',
    ' '.repeat(50),
    '<x>'.repeat(20),
    '\u2028',
  ],
  ...['encoding="utf-7"', 'encoding="utf-16"', 'encoding="replacement"', 'encoding="x-user-defined"'],
].map((piece) => Buffer.from(piece));

const guideChange = fc.record({
  at: place,
  over: fc.nat(20),
  piece: fc.option(fc.constantFrom(...GUIDE_PIECES, ...BROKEN), { nil: undefined }),
  from: place,
  length: fc.nat(60),
});
const guide = fc.tuple(fc.constantFrom(...GUIDES), fc.array(guideChange, { maxLength: 4 })).map(([document, changes]) =>
  changes.reduce((bytes, { at, over, piece, from, length }) => {
    const [to, other] = [Math.floor(at * bytes.length), Math.floor(from * bytes.length)];
    const put = piece ?? bytes.subarray(other, other + length);
    return Buffer.concat([bytes.subarray(0, to), put, bytes.subarray(to + over)]);
  }, document),
);

/** Of two faults in one file either may be told; a fault in a text lies on its first line or its last. */
const alikeInGuides = (one: Problem, other: Problem): boolean => {
  const isEncoding = [one, other].some(({ detail }) => /^the document is not .*, as it says$/.test(detail));
  const withoutLine = ({ detail }: Problem): string => detail.replace(/^line \d+/, '');
  return isEncoding || withoutLine(one) === withoutLine(other);
};

export async function fuzzGuides(runs: FuzzRuns): Promise<{ read: number; refused: number }> {
  const seen = { read: 0, refused: 0 };
  const check = async (bytes: Buffer, at: readonly number[] | 'each'): Promise<void> => {
    const whole = await collect(readXmltv(Readable.from([bytes])));
    if (whole.problem === undefined) seen.read += 1;
    else seen.refused += 1;
    expectSame(whole, await collect(readXmltv(Readable.from(cutUp(bytes, at)))), alikeInGuides);
  };
  await fc.assert(fc.asyncProperty(guide, cuts, check), runs);
  return seen;
}

/** Beginnings of guides, and what then comes without an end. */
const ENDLESS: [head: string, rest: string][] = [
  ['<tv><programme a="', 'x'],
  ['<tv><', 'x'],
  ['<tv><programme ', 'a="b" '],
  ['<tv><!--', 'x'],
  ['<tv><?x ', 'x'],
  ['<tv><programme><title><![CDATA[', 'x'],
  ['<tv><programme><title>', '&amp;'],
  ['<tv><programme><title>&', 'x'],
  ['<!DOCTYPE tv [', '<!ENTITY a "b">'],
  ['<?xml ', 'x'],
  [' ', ' '],
  ['<tv>', '<a>'],
  ['<tv>', '<programme/>'],
  ['<tv><programme>', '<a/>'],
  ['<tv><programme><title>', 'x<!-- -->'],
];

/** A guide that goes on for ever is refused early, or read in bounded memory. Answers the most that any one took, in bytes. */
export async function fuzzEndlessGuides(sizeBytes: number): Promise<number> {
  let most = 0;
  for (const [head, rest] of ENDLESS) {
    const piece = Buffer.from(rest.repeat(Math.ceil(16_384 / rest.length)));
    async function* pieces(): AsyncGenerator<Buffer> {
      yield Buffer.from(head);
      for (let sent = 0; sent < sizeBytes; sent += piece.length) yield piece;
    }
    const before = process.memoryUsage().heapUsed;
    let peak = before;
    const problem = await (async () => {
      for await (const _items of readXmltv(pieces())) peak = Math.max(peak, process.memoryUsage().heapUsed);
    })().catch((error: unknown) => error);
    expect(problem, `${head}${rest}…`).to.be.instanceOf(Problem);
    most = Math.max(most, peak - before);
  }
  return most;
}
