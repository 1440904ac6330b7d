// Sessions as rows, made into the columns that figures read, and back.

import {
  addRow,
  compareRows,
  createBatch,
  createNameBooks,
  type ViewingRow,
} from '../../reports/viewing/batch-rows.ts';
import type { ReadViewing, ViewingBatch, ViewingSource } from '../../reports/viewing/viewing-batch.ts';

/** All rows in one batch, in the order of batches. */
export function batchOf(
  rows: readonly ViewingRow[],
  books = createNameBooks(),
): { batch: ViewingBatch; services: readonly string[]; programmes: readonly string[] } {
  const batch = createBatch(rows.length);
  for (const row of rows.toSorted(compareRows)) addRow(batch, row, books);
  return { batch, services: books.services.names, programmes: books.programmes.names };
}

/** One reading of rows, a viewer a batch. */
export function sourceOf(rows: readonly ViewingRow[]): ViewingSource {
  const books = createNameBooks();
  async function* batches(): AsyncGenerator<ViewingBatch> {
    for (const own of Map.groupBy(rows, ({ viewer }) => viewer).values()) yield batchOf(own, books).batch;
  }
  return { services: books.services.names, programmes: books.programmes.names, batches: batches() };
}

export function rowsOf(
  batch: ViewingBatch,
  names: { services: readonly string[]; programmes: readonly string[] },
): Required<ViewingRow>[] {
  return Array.from({ length: batch.count }, (_, at) => ({
    viewer: batch.viewer[at] as number,
    device: batch.device[at] as number,
    service: names.services[batch.service[at] as number] as string,
    programme: names.programmes[batch.programme[at] as number] as string,
    startedAt: batch.startedAt[at] as number,
    endedAt: batch.endedAt[at] as number,
    imputedMs: batch.imputedMs[at] as number,
    timeShiftS: batch.timeShiftS[at] as number,
  }));
}

/** All that a window has, in the order in which it comes. */
export async function readRows(read: ReadViewing, window: { from: number; to: number }) {
  const source = read(window);
  const rows: Required<ViewingRow>[] = [];
  for await (const batch of source.batches) rows.push(...rowsOf(batch, source));
  return rows;
}
