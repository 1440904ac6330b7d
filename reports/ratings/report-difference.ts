// What changed between two revisions of a report (ratings R6).

import { FIGURE_COLUMNS, KEY_COLUMNS, type RatingReport, type RatingRow, type Shown } from './rating-report.ts';

/** A row that is new, gone, or has other figures or another time. */
export interface RowDifference {
  change: 'added' | 'changed' | 'deleted';
  /** What the row is of: as it is now, or was. */
  key: Partial<RatingRow>;
  /** Only fields that differ; absent where there was none. */
  fields: { name: keyof RatingRow; before?: Shown; after?: Shown }[];
}

/** In the order of the later revision, deleted rows last. A broadcast that moved is the same one: of several of its programme that did, the first, the second … */
export function differenceOf(before: RatingReport, after: RatingReport): RowDifference[] {
  const formerOf = matched(before.items, after.items);
  const differences: RowDifference[] = [];
  for (const row of after.items) {
    const old = formerOf.get(row);
    const fields = fieldsThatDiffer(old, row);
    if (old === undefined) differences.push({ change: 'added', key: keyOf(row), fields });
    else if (fields.length > 0) differences.push({ change: 'changed', key: keyOf(row), fields });
  }
  const staying = new Set(formerOf.values());
  for (const row of before.items) {
    if (staying.has(row)) continue;
    differences.push({ change: 'deleted', key: keyOf(row), fields: fieldsThatDiffer(row, undefined) });
  }
  const totals = fieldsThatDiffer(before.total, after.total);
  if (totals.length > 0) differences.push({ change: 'changed', key: {}, fields: totals });
  return differences;
}

/** What a row of the same thing has in any revision; times only where they name it. */
const NAMING: readonly (keyof RatingRow)[] = [
  ...(['service', 'provider', 'programme', 'series', 'episode', 'genre', 'broadcastDay', 'week', 'weekday'] as const),
  ...(['daypart', 'broadcastTime', 'startAt', 'region', 'device', 'shift', 'group'] as const),
];
/** Of a broadcast, which may be moved. */
const MOVING: ReadonlySet<keyof RatingRow> = new Set(['broadcastDay', 'broadcastTime', 'startAt']);

/** The former row of each later one that has one: what stayed where it was first, then broadcasts that moved. */
function matched(before: readonly RatingRow[], after: readonly RatingRow[]): Map<RatingRow, RatingRow> {
  const formerOf = new Map<RatingRow, RatingRow>();
  for (const hasMoved of [false, true]) {
    const taken = new Set(formerOf.values());
    const former = named(
      before.filter((row) => !taken.has(row)),
      hasMoved,
    );
    const later = named(
      after.filter((row) => !formerOf.has(row)),
      hasMoved,
    );
    for (const [name, row] of later) {
      const old = former.get(name);
      if (old !== undefined) formerOf.set(row, old);
    }
  }
  return formerOf;
}

/** Rows by their names, those of one name by their order; times don't name a broadcast that has moved. */
function named(rows: readonly RatingRow[], hasMoved: boolean): Map<string, RatingRow> {
  const byName = new Map<string, RatingRow>();
  const times = new Map<string, number>();
  for (const row of rows) {
    const isBroadcast = row.programme !== undefined && row.service !== undefined;
    const fields = NAMING.filter((field) => !(hasMoved && isBroadcast && MOVING.has(field)));
    const name = JSON.stringify(fields.map((field) => row[field] ?? null));
    const time = times.get(name) ?? 0;
    times.set(name, time + 1);
    byName.set(`${name} ${time}`, row);
  }
  return byName;
}

function keyOf(row: RatingRow): Partial<RatingRow> {
  return Object.fromEntries(KEY_COLUMNS.flatMap(([key]) => (row[key] === undefined ? [] : [[key, row[key]]])));
}

function fieldsThatDiffer(before: RatingRow | undefined, after: RatingRow | undefined): RowDifference['fields'] {
  return [...KEY_COLUMNS, ...FIGURE_COLUMNS].flatMap(([name]) => {
    const [was, is] = [before?.[name], after?.[name]];
    if (was === is) return [];
    return { name, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) };
  });
}
