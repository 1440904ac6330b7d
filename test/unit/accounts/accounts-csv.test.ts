// Accounts as CSV: what is read, and what is said of what can't be (O8, O11).

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { type AccountRow, readAccountRows } from '../../../server/accounts/accounts-csv.ts';
import type { CsvLimits } from '../../../server/csv-rows.ts';
import { Problem } from '../../../server/problem.ts';

const rowsOf = async (source: Readable, limits?: CsvLimits): Promise<AccountRow[]> => {
  const rows: AccountRow[] = [];
  for await (const row of readAccountRows(source, limits)) rows.push(row);
  return rows;
};
const readText = (text: string, limits?: CsvLimits): Promise<AccountRow[]> =>
  rowsOf(Readable.from([Buffer.from(text)]), limits);
const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof Problem)) throw new Error(`expected a Problem, not ${String(error)}`);
  return error;
};

describe('accounts as CSV', () => {
  it('reads the fixture', async () => {
    expect(await rowsOf(createReadStream('fixtures/accounts/accounts.csv'))).to.deep.equal([
      { line: 2, entry: { user: '13800000001', password: 'handset-1', role: 'handset', name: 'Ada' } },
      {
        line: 3,
        entry: { user: '13800000002', password: 'handset-2', role: 'handset', name: 'Grace "the" Hopper, Adm.' },
      },
      {
        line: 4,
        entry: {
          user: 'news',
          password: 'long-enough-1',
          role: 'provider',
          name: 'The news desk',
          provider: 'news-corp',
        },
      },
      { line: 5, entry: { user: 'studio', password: 'long-enough-2', role: 'operator', name: '' } },
    ]);
  });

  it('O11: tells each fault by its line and goes on; a byte order mark, CRLF and another order of columns do no harm', async () => {
    const rows = await rowsOf(createReadStream('fixtures/accounts/faulty.csv'));
    const told = rows.map((row) =>
      'entry' in row
        ? [row.line, row.entry.user]
        : [row.line, ...row.faults.map((fault) => fault.element ?? fault.rule)],
    );
    expect(told).to.deep.equal([
      [2, 'ok'],
      [3, 'user'],
      [5, 'role', 'password'],
      [6, '2 fields where the header has 3'],
      [7, 'password'],
      [8, 'last'],
    ]);
  });

  it('R3: reads demographics from columns of their names, and refuses a weight that is none (R2)', async () => {
    const header = 'user,password,role,demographics.region,Demographics.Age,demographics.weight\n';
    const rows = await readText(
      `${header}a,p,handset,North,5-9,0.5\nb,p,handset,,,\n${['0', '-1', '1e3', 'x', '1.', '0.000'].map((weight) => `c,p,handset,,,${weight}`).join('\n')}`,
    );
    expect(rows.map((row) => ('entry' in row ? row.entry.demographics : row.faults[0]?.element))).to.deep.equal([
      { region: 'North', age: '5-9', weight: '0.5' },
      {},
      ...Array.from({ length: 6 }, () => 'demographics.weight'),
    ]);
    expect((await problemOf(readText('user,password,role,demographics.a b\n'))).faults[0]?.element).to.equal(
      'demographics.a b',
    );
  });

  it('gives back what was written, for any good row', async () => {
    // Filtered, as fast-check takes seconds to take such a class apart.
    const matching = (form: RegExp): fc.Arbitrary<string> =>
      fc.string({ unit: 'grapheme', maxLength: 15 }).filter((text) => form.test(text));
    const row = fc.record({
      user: matching(/^[^\p{C}:"\\ ]{1,20}$/u),
      password: matching(/^[^\p{C}]{1,40}$/u),
      role: fc.constant('handset'),
      name: matching(/^[^\p{C}]{0,40}$/u),
      provider: fc.constant(''),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), fc.boolean(), async (written, bom) => {
        const rows = await readText(stringify(written, { header: true, bom }));
        const read = rows.map((each) => ('entry' in each ? { ...each.entry, provider: '' } : each));
        expect(read).to.deep.equal(written);
      }),
    );
  });

  it('O11: refuses a wrong header by name, and an empty file', async () => {
    const problem = await problemOf(readText('user,pasword,role,user\na,b,handset,c\n'));
    expect(problem.code).to.equal('invalid');
    expect(problem.faults.map(({ element, rule }) => `${element} ${rule}`)).to.deep.equal([
      'password this column is missing',
      'pasword there is no such column',
      'user this column is there twice',
    ]);
    expect((await problemOf(readText(''))).detail).to.contain('user,password,role,name,provider,demographics.region');
    expect((await problemOf(readText(`"${'x'.repeat(5_000)}`))).code).to.equal('invalid');
  });

  it('O11: a quote that is never closed ends the file with a fault', async () => {
    const rows = await readText(`user,password,role\na,p,handset\n"b,p,handset\n${'c,p,handset\n'.repeat(1_000)}`);
    expect(rows).to.have.length(2);
    const last = rows[1];
    expect(last !== undefined && 'faults' in last ? last.faults[0]?.rule : '').to.match(/does not end/);
  });

  it('O11: a row that is too long is one fault, in whatever pieces the file comes', async () => {
    const text = `user,password,role\n${'x'.repeat(5_000)}"\nb,p,handset\n`;
    const whole = await readText(text);
    expect(whole.map((row) => ('entry' in row ? row.entry.user : row.line))).to.deep.equal([2]);
    const pieces = [text.slice(0, 21), text.slice(21)].map((piece) => Buffer.from(piece));
    expect(await rowsOf(Readable.from(pieces))).to.deep.equal(whole);
  });

  it('O11: what a stray quote swallows is told', async () => {
    const rows = await readText('user,password,role\na,p,handset\n"b"x,p,handset\nc,p,handset\n');
    expect(rows.map((row) => ('entry' in row ? row.entry.user : row.faults[0]))).to.deep.equal([
      'a',
      { line: 3, rule: 'not CSV: a quote up to here is neither closed nor doubled' },
      { line: 4, rule: 'not CSV: a quote up to here is neither closed nor doubled' },
    ]);
  });

  it('O11: a source that breaks off is told', async () => {
    const source = new Readable({ read() {} });
    source.push('user,password,role\na,p,handset\n');
    setImmediate(() => source.destroy());
    expect((await problemOf(rowsOf(source))).code).to.equal('invalid');
  });

  it('O11: bounds rows and size', async () => {
    const text = 'user,password,role\na,p,handset\nb,p,handset\n';
    expect(await readText(text, { rows: 2, sizeBytes: 43 })).to.have.length(2);
    expect((await problemOf(readText(text, { rows: 1 }))).code).to.equal('too_large');
    expect((await problemOf(readText(text, { sizeBytes: 42 }))).code).to.equal('too_large');
  });
});
