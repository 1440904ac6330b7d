// Accounts as a CSV file: RFC 4180, UTF-8 with or without a byte order mark, header user,password,role,name,provider.

import type { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import type { Role } from '../http/caller.ts';
import { type Fault, Problem } from '../problem.ts';
import { type AccountEntry, faultsOf } from './account.ts';

/** A row that can be imported, or why it can't. `line` counts from 1, and is where the row ends. */
export type AccountRow = { line: number; entry: AccountEntry } | { line: number; faults: Fault[] };

const REQUIRED = ['user', 'password', 'role'];
const TOO_LONG = 'CSV_MAX_RECORD_SIZE';
const COLUMNS = [...REQUIRED, 'name', 'provider'];
const ROW_LIMIT_BYTES = 4_096; // several times the longest good row; ends a quote that is never closed
const ROWS_MOST = 1_000_000;
const SIZE_LIMIT_BYTES = 128 * 2 ** 20; // a million rows; they are read as they come, not kept

export interface CsvLimits {
  rows?: number;
  sizeBytes?: number;
}

/**
 * The rows one by one. Wrong ones don't stop the rest, but a row that doesn't end within 4 KB does; what a stray
 * quote swallows is told last. Problem `invalid` when the header is wrong or the source breaks off, `too_large` beyond a limit.
 */
export async function* readAccountRows(source: Readable, limits: CsvLimits = {}): AsyncIterable<AccountRow> {
  const { rows: rowsMost = ROWS_MOST, sizeBytes: sizeMost = SIZE_LIMIT_BYTES } = limits;
  let skipped: CsvError[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true, // told below, with the line
    skip_empty_lines: true,
    max_record_size: ROW_LIMIT_BYTES,
    skip_records_with_error: true, // an error would take along the rows that wait to be read
    on_skip(error) {
      if (error === undefined || skipped.at(-1)?.code === TOO_LONG) return undefined;
      skipped.push(error);
      if (error.code === TOO_LONG) end(error);
      return undefined;
    },
  });
  let endsAtLine = Number.POSITIVE_INFINITY;
  const end = ({ lines }: CsvError): void => {
    endsAtLine = Number(lines); // what came in one piece with it is parsed yet, and not taken
    source.unpipe(parser);
    setImmediate(() => parser.end());
  };
  const breakOff = (cause?: unknown): void => {
    if (!source.readableEnded) parser.destroy(new Problem('invalid', 'the CSV broke off', { cause }));
  };
  let size = 0;
  source.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > sizeMost) parser.destroy(new Problem('too_large', `an import may have ${sizeMost} bytes at most`));
  });
  source.on('error', breakOff);
  source.on('close', breakOff);
  source.pipe(parser);
  let columns: string[] | undefined;
  let rows = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (info.lines >= endsAtLine) continue;
      if (columns === undefined) {
        columns = readHeader(record);
        continue;
      }
      rows += 1;
      if (rows > rowsMost) throw new Problem('too_large', `an import may have ${rowsMost} rows at most`);
      yield readRow(columns, record, info.lines);
    }
    if (columns === undefined) throw new Problem('invalid', `the first line names the columns: ${COLUMNS.join(',')}`);
    for (const error of skipped) {
      const line = Number(error.lines ?? 1);
      yield {
        line,
        faults: [
          {
            line,
            rule:
              error.code === TOO_LONG
                ? 'a row that does not end: the file was read to here'
                : 'not CSV: a quote up to here is neither closed nor doubled',
          },
        ],
      };
    }
  } finally {
    skipped = [];
    source.unpipe(parser);
    parser.destroy();
    source.resume(); // so that a sender who still sends can read the answer
  }
}

function readHeader(record: string[]): string[] {
  const columns = record.map((name) => name.trim().toLowerCase());
  const missing = REQUIRED.filter((name) => !columns.includes(name));
  const unknown = columns.filter((name) => !COLUMNS.includes(name));
  const twice = columns.filter((name, at) => columns.indexOf(name) !== at);
  const faults = [
    ...missing.map((element) => ({ line: 1, element, rule: 'this column is missing' })),
    ...unknown.map((element) => ({ line: 1, element, rule: 'there is no such column' })),
    ...twice.map((element) => ({ line: 1, element, rule: 'this column is there twice' })),
  ];
  if (faults.length === 0) return columns;
  const told = faults.map(({ element, rule }) => `${element}: ${rule}`).join('; ');
  throw new Problem('invalid', `the first line names the columns ${COLUMNS.join(',')}; ${told}`.slice(0, 1_000), {
    faults,
  });
}

function readRow(columns: string[], record: string[], line: number): AccountRow {
  if (record.length !== columns.length) {
    return { line, faults: [{ line, rule: `${record.length} fields where the header has ${columns.length}` }] };
  }
  const fields = new Map(columns.map((name, at) => [name, record[at] ?? '']));
  const provider = fields.get('provider') ?? '';
  const entry: AccountEntry = {
    user: fields.get('user') ?? '',
    password: fields.get('password') ?? '',
    role: (fields.get('role') ?? '') as Role, // faultsOf refuses what is none
    name: fields.get('name') ?? '',
    ...(provider === '' ? {} : { provider }),
  };
  const faults = faultsOf(entry).map((fault) => ({ line, ...fault }));
  return faults.length === 0 ? { line, entry } : { line, faults };
}
