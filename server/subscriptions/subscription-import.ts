// Subscriptions from outside as a CSV file, a line at a time, each with its answer (G7, O8).

import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type CsvRow, readCsvRows } from '../csv-rows.ts';
import { readInstant } from '../http/query.ts';
import { Problem } from '../problem.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What came of a line; `unchanged` where it was so before, such as by the same file. */
export interface ImportAnswer {
  line: number;
  outcome: 'ordered' | 'changed' | 'cancelled' | 'unchanged' | 'refused';
  user?: string;
  item?: string;
  /** Why it was refused. */
  reason?: string;
}

interface ImportDeps {
  subscriptions: Pick<Subscriptions, 'order' | 'cancel'>;
  findViewer(user: string): Promise<number | undefined>;
}

const COLUMNS = { required: ['user', 'item'], optional: ['action', 'since', 'until'] };
const AT_ONCE = 50; // lines in flight: some share a write, and other work runs between

/**
 * Columns user,item and, if wanted, action (order by default, or cancel), since and until (ISO 8601). Lines are done in order of the
 * file for each user; the answers come in order of the lines. Done again, it changes nothing. Problems as `readCsvRows` has them.
 */
export async function* importSubscriptions(deps: ImportDeps, source: Readable): AsyncGenerator<ImportAnswer> {
  let rows: CsvRow[] = [];
  for await (const row of readCsvRows(source, COLUMNS)) {
    rows.push(row);
    if (rows.length < AT_ONCE) continue;
    yield* await importRows(deps, rows);
    rows = [];
    await setImmediate();
  }
  yield* await importRows(deps, rows);
}

function importRows(deps: ImportDeps, rows: readonly CsvRow[]): Promise<ImportAnswer[]> {
  const last = new Map<string, Promise<unknown>>();
  return Promise.all(
    rows.map((row) => {
      const user = 'fields' in row ? (row.fields.get('user') ?? '') : '';
      const answer = (last.get(user) ?? Promise.resolve()).then(() => importRow(deps, row));
      last.set(user, answer);
      return answer;
    }),
  );
}

async function importRow({ subscriptions, findViewer }: ImportDeps, row: CsvRow): Promise<ImportAnswer> {
  const { line } = row;
  if ('faults' in row) return { line, outcome: 'refused', reason: row.faults.map(({ rule }) => rule).join('; ') };
  const [user = '', item = '', action = ''] = ['user', 'item', 'action'].map((name) => row.fields.get(name));
  const answer = (outcome: ImportAnswer['outcome']): ImportAnswer => ({ line, outcome, user, item });
  try {
    const viewer = await findViewer(user);
    if (viewer === undefined) throw new Problem('not_found', 'there is no such enabled handset user');
    if (action === 'cancel')
      return answer((await subscriptions.cancel(viewer, item)).isChanged ? 'cancelled' : 'unchanged');
    if (action !== '' && action !== 'order') throw new Problem('invalid', 'action is order or cancel');
    const [since, until] = ['since', 'until'].map((name) =>
      readInstant({ [name]: row.fields.get(name) || undefined }, name),
    );
    const times = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
    const { isChanged, isNew } = await subscriptions.order(viewer, { item, bought: 'business', ...times });
    return answer(isNew ? 'ordered' : isChanged ? 'changed' : 'unchanged');
  } catch (error) {
    if (!(error instanceof Problem) || error.code === 'unavailable') throw error; // the file can be imported again
    return { ...answer('refused'), reason: error.detail };
  }
}
