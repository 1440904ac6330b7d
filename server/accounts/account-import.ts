// Loads accounts from rows in batches; the same rows again give the same accounts (O8).

import { setImmediate } from 'node:timers/promises';
import { type Fault, Problem } from '../problem.ts';
import type { AccountEntry } from './account.ts';
import type { AccountRecord, AccountStore } from './account-store.ts';
import type { AccountRow } from './accounts-csv.ts';
import type { CredentialsCheck } from './credentials.ts';

export interface ImportResult {
  rows: number;
  added: number;
  updated: number;
  /** Rows that were not taken, all told; `faults` says why, for the first thousand faults. */
  refused: number;
  faults: Fault[];
}

/** Called after each batch with the rows done so far. */
export type OnProgress = (rows: number) => void;

export interface ImportDeps {
  store: AccountStore;
  credentials: CredentialsCheck;
  clock: () => number;
  newPseudonym: () => number;
}

const BATCH = 500; // some 10 ms of hashing and writing, between which requests are answered
const FAULTS_MOST = 1_000;
const ATTEMPTS = 3; // a random viewer that is taken is one in millions of imports

export async function importAccounts(
  deps: ImportDeps,
  rows: AsyncIterable<AccountRow>,
  onProgress: OnProgress | undefined,
): Promise<ImportResult> {
  const result: ImportResult = { rows: 0, added: 0, updated: 0, refused: 0, faults: [] };
  const refuse = (faults: Fault[]): void => {
    result.refused += 1;
    result.faults.push(...faults.slice(0, FAULTS_MOST - result.faults.length));
  };
  let batch: { line: number; entry: AccountEntry }[] = [];
  const flush = async (): Promise<void> => {
    const outcomes = await putBatch(deps, batch);
    for (const [at, { line, entry }] of batch.entries()) {
      const outcome = outcomes[at];
      if (outcome === 'added') result.added += 1;
      else if (outcome === 'updated') result.updated += 1;
      else refuse([{ line, element: 'role', rule: `${entry.user} exists with another role` }]);
      deps.credentials.forget(entry.user);
    }
    batch = [];
    onProgress?.(result.rows);
    await setImmediate();
  };
  for await (const row of rows) {
    result.rows += 1;
    if ('faults' in row) refuse(row.faults);
    else batch.push(row);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return result;
}

async function putBatch(
  deps: ImportDeps,
  batch: readonly { entry: AccountEntry }[],
): Promise<Awaited<ReturnType<AccountStore['put']>>> {
  if (batch.length === 0) return [];
  const records: AccountRecord[] = [];
  for (const { entry } of batch) records.push(await makeRecord(deps, entry));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deps.store.put(records);
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Problem) || error.code !== 'conflict') throw error;
      for (const record of records) record.viewer = deps.newPseudonym();
    }
  }
}

/** A new account with a pseudonym of its own; enabled, without consent. */
export async function makeRecord(deps: Omit<ImportDeps, 'store'>, entry: AccountEntry): Promise<AccountRecord> {
  const { user, password, role, name, provider, demographics } = entry;
  return {
    user,
    role,
    name: name ?? '',
    viewer: deps.newPseudonym(),
    enabled: true,
    createdAt: deps.clock(),
    ...(provider === undefined ? {} : { provider }),
    ...(demographics === undefined ? {} : { demographics }),
    ...(await deps.credentials.makeSecrets(user, role, password)),
  };
}
