// The rows of a CSV file with named columns: RFC 4180, UTF-8 with or without a byte order mark, in any order of columns.

import type { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { type Fault, Problem } from './problem.ts';

/** What a row holds by column, '' where it has nothing; or why it can't be read. `line` counts from 1, and is where the row ends. */
export type CsvRow = { line: number; fields: ReadonlyMap<string, string> } | { line: number; faults: Fault[] };

const TOO_LONG = 'CSV_MAX_RECORD_SIZE';
const ROW_LIMIT_BYTES = 4_096; // several times the longest good row; ends a quote that is never closed
const ROWS_MOST = 1_000_000;
const SIZE_LIMIT_BYTES = 128 * 2 ** 20; // a million rows; they are read as they come, not kept

export interface CsvLimits {
  rows?: number;
  sizeBytes?: number;
}

/** The first line must have all of the required columns, and may have the others. */
export interface CsvColumns {
  required: readonly string[];
  optional: readonly string[];
  /** There may be any columns of such a name, too; `shown` is how people are told of them. */
  open?: { form: RegExp; shown: string };
}

/**
 * The rows one by one. Wrong ones don't stop the rest, but a row that doesn't end within 4 KB does; what a stray
 * quote swallows is told last. Problem `invalid` when the header is wrong or the source breaks off, `too_large` beyond a limit.
 */
export async function* readCsvRows(
  source: Readable,
  wanted: CsvColumns,
  limits: CsvLimits = {},
): AsyncGenerator<CsvRow> {
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
        columns = readHeader(record, wanted);
        continue;
      }
      rows += 1;
      if (rows > rowsMost) throw new Problem('too_large', `an import may have ${rowsMost} rows at most`);
      yield readRow(columns, record, info.lines);
    }
    if (columns === undefined)
      throw new Problem('invalid', `the first line names the columns: ${shownColumns(wanted)}`);
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

const shownColumns = ({ required, optional, open }: CsvColumns): string =>
  [...required, ...optional, ...(open === undefined ? [] : [open.shown])].join(',');

function readHeader(record: string[], wanted: CsvColumns): string[] {
  const { required, optional, open } = wanted;
  const known = [...required, ...optional];
  const columns = record.map((name) => name.trim().toLowerCase());
  const missing = required.filter((name) => !columns.includes(name));
  const unknown = columns.filter((name) => !known.includes(name) && open?.form.test(name) !== true);
  const twice = columns.filter((name, at) => columns.indexOf(name) !== at);
  const faults = [
    ...missing.map((element) => ({ line: 1, element, rule: 'this column is missing' })),
    ...unknown.map((element) => ({ line: 1, element, rule: 'there is no such column' })),
    ...twice.map((element) => ({ line: 1, element, rule: 'this column is there twice' })),
  ];
  if (faults.length === 0) return columns;
  const told = faults.map(({ element, rule }) => `${element}: ${rule}`).join('; ');
  throw new Problem('invalid', `the first line names the columns ${shownColumns(wanted)}; ${told}`.slice(0, 1_000), {
    faults,
  });
}

function readRow(columns: string[], record: string[], line: number): CsvRow {
  if (record.length !== columns.length) {
    return { line, faults: [{ line, rule: `${record.length} fields where the header has ${columns.length}` }] };
  }
  return { line, fields: new Map(columns.map((name, at) => [name, record[at] ?? ''])) };
}
