// Accounts as a CSV file with the header user,password,role,name,provider; the last two may be left out (O8).

import type { Readable } from 'node:stream';
import { type CsvLimits, readCsvRows } from '../csv-rows.ts';
import type { Role } from '../http/caller.ts';
import type { Fault } from '../problem.ts';
import { type AccountEntry, faultsOf } from './account.ts';

/** A row that can be imported, or why it can't. `line` counts from 1, and is where the row ends. */
export type AccountRow = { line: number; entry: AccountEntry } | { line: number; faults: Fault[] };

const COLUMNS = { required: ['user', 'password', 'role'], optional: ['name', 'provider'] };

/** The rows one by one, as `readCsvRows` gives them, with its Problems. */
export async function* readAccountRows(source: Readable, limits: CsvLimits = {}): AsyncIterable<AccountRow> {
  for await (const row of readCsvRows(source, COLUMNS, limits)) {
    if ('faults' in row) {
      yield row;
      continue;
    }
    const { line, fields } = row;
    const provider = fields.get('provider') ?? '';
    const entry: AccountEntry = {
      user: fields.get('user') ?? '',
      password: fields.get('password') ?? '',
      role: (fields.get('role') ?? '') as Role, // faultsOf refuses what is none
      name: fields.get('name') ?? '',
      ...(provider === '' ? {} : { provider }),
    };
    const faults = faultsOf(entry).map((fault) => ({ line, ...fault }));
    yield faults.length === 0 ? { line, entry } : { line, faults };
  }
}
