// Making and filling batches of viewing: rows one by one or in runs, growing as needed (ratings R18).

import type { ViewingBatch } from './viewing-batch.ts';

/** What a row is made of. */
export interface ViewingRow {
  viewer: number;
  device: number;
  service: string;
  programme: string;
  /** Epoch ms. */
  startedAt: number;
  endedAt: number;
  imputedMs: number;
  timeShiftS?: number;
}

/** Names as numbers: the first is 0. */
export interface NameBook {
  readonly names: readonly string[];
  numberOf(name: string): number;
}

function createNameBook(): NameBook {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  return {
    names,
    numberOf(name) {
      let number = numbers.get(name);
      if (number === undefined) {
        number = names.push(name) - 1;
        numbers.set(name, number);
      }
      return number;
    },
  };
}

export interface NameBooks {
  services: NameBook;
  programmes: NameBook;
}

export const createNameBooks = (): NameBooks => ({ services: createNameBook(), programmes: createNameBook() });

/** An empty one. */
export function createBatch(capacity: number): ViewingBatch {
  return {
    count: 0,
    viewer: new Float64Array(capacity),
    device: new Float64Array(capacity),
    startedAt: new Float64Array(capacity),
    endedAt: new Float64Array(capacity),
    imputedMs: new Float64Array(capacity),
    service: new Uint32Array(capacity),
    programme: new Uint32Array(capacity),
    timeShiftS: new Int32Array(capacity),
  };
}

const COLUMNS = [
  'viewer',
  'device',
  'startedAt',
  'endedAt',
  'imputedMs',
  'service',
  'programme',
  'timeShiftS',
] as const satisfies readonly (keyof ViewingBatch)[];

const columnsOf = (batch: ViewingBatch) => COLUMNS.map((name) => batch[name]);

/** Gives the batch longer arrays with the same rows when it has no room for `count` more. */
export function makeRoom(batch: ViewingBatch, count: number): void {
  const needed = batch.count + count;
  if (needed <= batch.viewer.length) return;
  const grown = createBatch(Math.max(needed, 2 * batch.viewer.length, 64));
  for (const name of COLUMNS) grown[name].set(batch[name].subarray(0, batch.count));
  Object.assign(batch, { ...grown, count: batch.count });
}

export function addRow(batch: ViewingBatch, row: ViewingRow, { services, programmes }: NameBooks): void {
  makeRoom(batch, 1);
  const at = batch.count++;
  batch.viewer[at] = row.viewer;
  batch.device[at] = row.device;
  batch.startedAt[at] = row.startedAt;
  batch.endedAt[at] = row.endedAt;
  batch.imputedMs[at] = row.imputedMs;
  batch.service[at] = services.numberOf(row.service);
  batch.programme[at] = programmes.numberOf(row.programme);
  batch.timeShiftS[at] = row.timeShiftS ?? -1;
}

/** Adds row `at` of another batch with the same names. There is room. */
export function copyRow(batch: ViewingBatch, from: ViewingBatch, at: number): void {
  const to = batch.count++;
  batch.viewer[to] = from.viewer[at] as number;
  batch.device[to] = from.device[at] as number;
  batch.startedAt[to] = from.startedAt[at] as number;
  batch.endedAt[to] = from.endedAt[at] as number;
  batch.imputedMs[to] = from.imputedMs[at] as number;
  batch.service[to] = from.service[at] as number;
  batch.programme[to] = from.programme[at] as number;
  batch.timeShiftS[to] = from.timeShiftS[at] as number;
}

/** Puts the rows of one viewer, from row `first` to the last, in order of (startedAt, device); they nearly are, as a rule. */
export function orderRows(batch: ViewingBatch, first: number): void {
  const { startedAt, device } = batch;
  const isBefore = (a: number, b: number): boolean =>
    (startedAt[a] as number) < (startedAt[b] as number) ||
    (startedAt[a] === startedAt[b] && (device[a] as number) < (device[b] as number));
  for (let row = first + 1; row < batch.count; row++) {
    let place = row;
    while (place > first && isBefore(row, place - 1)) place--;
    if (place === row) continue;
    for (const column of columnsOf(batch)) {
      const value = column[row] as number;
      column.copyWithin(place + 1, place, row);
      column[place] = value;
    }
  }
}

/** In the order of batches. */
export const compareRows = (
  a: Pick<ViewingRow, 'viewer' | 'startedAt' | 'device'>,
  b: Pick<ViewingRow, 'viewer' | 'startedAt' | 'device'>,
): number => a.viewer - b.viewer || a.startedAt - b.startedAt || a.device - b.device;
