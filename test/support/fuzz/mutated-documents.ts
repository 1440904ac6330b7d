// Documents that look like a handset's and are not quite: fixtures with bytes flipped, pieces cut, moved, doubled and put in.

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';

const FOLDER = new URL('../../../fixtures/viewing/', import.meta.url);
const FIXTURES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.xml'))
  .sort();
const BYTES = FIXTURES.map((name) => readFileSync(new URL(name, FOLDER)));

const GOOD = BYTES.filter((_, index) => /^log(in|out)/.test(FIXTURES[index] ?? ''));
/** Those that are good come more often: what is wrong once seldom gets far. */
export const SINGLES = [...GOOD, ...GOOD, ...BYTES.filter((_, index) => !FIXTURES[index]?.startsWith('batch'))];
export const BATCHES = BYTES.filter((_, index) => FIXTURES[index]?.startsWith('batch'));

/** What breaks parsers, schemas and templates. */
const PIECES = [
  ...['"', "'", '<', '>', '&', '/', '=', ' ', '\n', '\t', '\r', '\0', ';', ':', '-->', '?>', ']]>', '/>', '</', '<a/>'],
  ...['&amp;', '&lt;', '&#65;', '&#x4E2D;', '&#0;', '&#xD800;', '&#xFFFE;', '&#9;', '&who;', '&constructor;', '&'],
  ...['<!-- -->', '<!-- -- -->', '<!--', '<![CDATA[x]]>', '<![CDATA[', '<?x y?>', '<?xml version="1.0"?>', '<?x'],
  '<!DOCTYPE LogReport>',
  '<!DOCTYPE LogReport [<!ENTITY a "b"><!ATTLIST User_ID User_ID_Type CDATA "x">]>',
  '<!ENTITY % a SYSTEM "file:///dev/null">',
  ...[
    ' xmlns="urn:x"',
    ' xmlns=""',
    ' xmlns:r="urn:x"',
    ' xmlns:r="urn:pocketmeter:report:1"',
    ' xmlns:r=""',
    ' r:id="1"',
  ],
  ...[' xsi:type="x"', ' xsi:nil="true"', ' xml:space="preserve"', ' xml:id="a"', ' id="x"', ' User_ID_Type="x"'],
  '<r:Report xmlns:r="urn:pocketmeter:report:1" id="r-2" sequence="1"/>',
  '<Report xmlns="urn:pocketmeter:report:1" clientTime="2007-07-20T22:31:22Z"/>',
  '<IMSI IMSI_Type="1"/>',
  '<User_ID User_ID_Type="eve"/>',
  ...['\u00e9', '\u4e2d', '\ud83d\ude00', '\u0085', '\u2028', '\ufeff', '\ufffe', '\u0000', '\u007f', '\u200b', 'İ'],
  'a'.repeat(200),
  '<x:a xmlns:x="urn:x">'.repeat(300),
];

/** What is nearly a value of some attribute. */
const VALUES = [
  ...[
    '',
    '-0',
    '+5',
    '007',
    ' 12 ',
    '1e3',
    '9007199254740991',
    '9007199254740992',
    '99999999999999999999',
    'zap',
    ' zap',
    'x',
  ],
  ...['2007-07-20T22:31:22Z', '2007-07-20T22:31:22+15:00', '2007-07-20T22:31:22-13:60', '2007-02-29T22:31:22Z'],
  ...[
    '2007-07-20T24:00:00Z',
    '2007-07-20T22:60:00Z',
    '0007-07-20T22:31:22Z',
    '2007-07-20T22:31:22.1234567890Z',
    'unicast',
  ],
  ...['LogOutInfo', ' LogInInfo ', 'logininfo', 'a'.repeat(128), 'a'.repeat(129), 'a&amp;b', 'a&#10;b', "a'b", 'a b'],
];

const PIECE_BYTES = [
  ...PIECES.map((piece) => Buffer.from(piece)),
  Buffer.from([0xff]),
  Buffer.from([0xc3]),
  Buffer.from([0xed, 0xa0, 0x80]),
];

const place = fc.double({ min: 0, max: 1, noNaN: true });

const aValue = fc.record({
  kind: fc.constant('value' as const),
  nth: fc.nat(20),
  piece: fc.constantFrom(...VALUES).map((value) => Buffer.from(value)),
});

/** A change of a document; `at` is a share of its length, moved on to the next boundary of mark-up when `snap` is set. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), at: place, snap: fc.boolean(), length: fc.nat(60) }),
  fc.record({ kind: fc.constant('double' as const), at: place, snap: fc.boolean(), length: fc.nat(80), to: place }),
  fc.record({
    kind: fc.constant('splice' as const),
    at: place,
    snap: fc.boolean(),
    other: fc.nat(BYTES.length - 1),
    from: place,
    length: fc.nat(200),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    snap: fc.boolean(),
    piece: fc.constantFrom(...PIECE_BYTES),
    over: fc.nat(4),
  }),
  fc.record({ kind: fc.constant('value' as const), nth: fc.nat(30), piece: fc.constantFrom(...PIECE_BYTES) }),
  aValue,
  aValue,
);

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** One of the documents with up to four changes. */
export const mutated = (documents: readonly Buffer[]): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.constantFrom(...documents), fc.array(change, { minLength: 0, maxLength: 4 }))
    .map(([document, changes]) => changes.reduce(applyChange, document));

function applyChange(bytes: Buffer, one: Change): Buffer {
  if (bytes.length === 0) return bytes;
  if (one.kind === 'value') return replaceValue(bytes, one.nth, one.piece);
  const exact = Math.min(bytes.length - 1, Math.floor(one.at * bytes.length));
  if (one.kind === 'flip') {
    const flipped = Buffer.from(bytes);
    flipped[exact] = (flipped[exact] ?? 0) ^ (1 << one.bit);
    return flipped;
  }
  const at = one.snap ? boundary(bytes, exact) : exact;
  const put = (piece: Buffer, to: number, over: number): Buffer =>
    Buffer.concat([bytes.subarray(0, to), piece, bytes.subarray(to + over)]);
  switch (one.kind) {
    case 'cut':
      return put(Buffer.alloc(0), at, one.length);
    case 'double':
      return put(bytes.subarray(at, at + one.length), boundary(bytes, Math.floor(one.to * bytes.length)), 0);
    case 'insert':
      return put(one.piece, at, one.over);
    case 'splice': {
      const other = BYTES[one.other] ?? bytes;
      const from = boundary(other, Math.floor(one.from * other.length));
      return put(other.subarray(from, from + one.length), at, one.length);
    }
  }
}

const MARKS = new Set(Buffer.from('<>"= '));

/** The next place at or after `from` where a piece of mark-up begins. */
function boundary(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) if (MARKS.has(bytes[at] ?? 0)) return at;
  return bytes.length;
}

/** Puts a piece into the nth quoted value. */
function replaceValue(bytes: Buffer, nth: number, piece: Buffer): Buffer {
  let from = bytes.indexOf('"');
  for (let left = nth; from >= 0 && left > 0; left -= 1) {
    const end = bytes.indexOf('"', from + 1);
    from = end < 0 ? -1 : bytes.indexOf('"', end + 1);
  }
  const end = from < 0 ? -1 : bytes.indexOf('"', from + 1);
  return end < 0 ? bytes : Buffer.concat([bytes.subarray(0, from + 1), piece, bytes.subarray(end)]);
}
