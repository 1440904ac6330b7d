// Accounts as a CSV file with the header user,password,role,name,provider,demographics.region,…; all but three may be left out (O8).

import type { Readable } from 'node:stream';
import { type CsvLimits, readCsvRows } from '../csv-rows.ts';
import type { Role } from '../http/caller.ts';
import type { Fault } from '../problem.ts';
import { type AccountEntry, faultsOf } from './account.ts';

/** A row that can be imported, or why it can't. `line` counts from 1, and is where the row ends. */
export type AccountRow = { line: number; entry: AccountEntry } | { line: number; faults: Fault[] };

const DEMOGRAPHICS = 'demographics.';
const COLUMNS = {
  required: ['user', 'password', 'role'],
  optional: ['name', 'provider'],
  open: { form: /^demographics\.[\w-]{1,32}$/, shown: 'demographics.region,demographics.…' },
};

/** The rows one by one, as `readCsvRows` gives them, with its Problems. */
export async function* readAccountRows(source: Readable, limits: CsvLimits = {}): AsyncIterable<AccountRow> {
  for await (const row of readCsvRows(source, COLUMNS, limits)) {
    if ('faults' in row) {
      yield row;
      continue;
    }
    const { line, fields } = row;
    const provider = fields.get('provider') ?? '';
    const demographics = demographicsOf(fields);
    const entry: AccountEntry = {
      user: fields.get('user') ?? '',
      password: fields.get('password') ?? '',
      role: (fields.get('role') ?? '') as Role, // faultsOf refuses what is none
      name: fields.get('name') ?? '',
      ...(provider === '' ? {} : { provider }),
      ...(demographics === undefined ? {} : { demographics }),
    };
    const faults = faultsOf(entry).map((fault) => ({ line, ...fault }));
    yield faults.length === 0 ? { line, entry } : { line, faults };
  }
}

/** Undefined without such a column; what is empty in the row is absent. */
function demographicsOf(fields: ReadonlyMap<string, string>): Record<string, string> | undefined {
  const given = [...fields].filter(([column]) => column.startsWith(DEMOGRAPHICS));
  if (given.length === 0) return undefined;
  const told = given.filter(([, value]) => value !== '');
  return Object.fromEntries(told.map(([column, value]) => [column.slice(DEMOGRAPHICS.length), value]));
}
