// What must hold of any file of accounts, in whatever pieces it comes: rows and faults, or a Problem (O8, O11).

import { Readable } from 'node:stream';
import fc from 'fast-check';
import { readAccountRows } from '../../../server/accounts/accounts-csv.ts';
import type { FuzzRuns } from './fuzz-runs.ts';
import { BROKEN, collect, cuts, cutUp, expectSame, type Outcome } from './pieces.ts';

const csvPiece = fc.constantFrom(
  ...[
    'user',
    'password',
    'role',
    'name',
    'provider',
    ',',
    '"',
    '""',
    '\n',
    '\r\n',
    '\r',
    'a',
    'handset',
    'operator',
    ';',
    ' ',
  ],
  ...[
    'long enough',
    '\ufeff',
    'é',
    '\u{1f600}',
    '\0',
    '=1',
    'x'.repeat(300),
    'x'.repeat(5_000),
    `"${'y'.repeat(5_000)}"`,
  ],
  ...['user,password,role\n', 'a,p,handset\n', 'b,p,handset,n\n', '"q ""x""",p,handset\n', '"two\nlines",p,handset\n'],
);
const csv = fc
  .tuple(
    fc.constantFrom('user,password,role\n', '\ufeffuser,password,role,name,provider\r\n', 'role,user,password\n', ''),
    fc.array(
      fc.oneof(
        { weight: 9, arbitrary: csvPiece.map((piece) => Buffer.from(piece)) },
        { weight: 1, arbitrary: fc.constantFrom(...BROKEN) },
      ),
      { maxLength: 25 },
    ),
  )
  .map(([header, pieces]) => Buffer.concat([Buffer.from(header), ...pieces]));

export async function fuzzAccountFiles(runs: FuzzRuns): Promise<{ read: number; refused: number }> {
  const seen = { read: 0, refused: 0 };
  const check = async (bytes: Buffer, at: readonly number[] | 'each'): Promise<void> => {
    const rowsOf = (pieces: Buffer[]): Promise<Outcome> =>
      collect(readAccountRows(Readable.from(pieces, { objectMode: false })));
    const whole = await rowsOf(bytes.length === 0 ? [] : [bytes]);
    if (whole.problem === undefined) seen.read += 1;
    else seen.refused += 1;
    expectSame(whole, await rowsOf(cutUp(bytes, at)), (one, other) => one.detail === other.detail);
  };
  await fc.assert(fc.asyncProperty(csv, cuts, check), runs);
  return seen;
}
