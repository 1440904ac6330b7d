// Sessions as rows, made into the columns that figures read, and back.

import type { ViewingRow } from '../../reports/viewing/batch-rows.ts';
import type { ReadViewing, ViewingBatch, ViewingSource } from '../../reports/viewing/viewing-batch.ts';

export interface SessionRow {
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

/** All rows in one batch, in the order of batches. */
export function batchOf(rows: readonly SessionRow[]): {
  batch: ViewingBatch;
  services: string[];
  programmes: string[];
} {
  const sorted = rows.toSorted((a, b) => a.viewer - b.viewer || a.startedAt - b.startedAt || a.device - b.device);
  const services = [...new Set(sorted.map(({ service }) => service))];
  const programmes = [...new Set(sorted.map(({ programme }) => programme))];
  const numbers = (of: (row: SessionRow) => number): Float64Array => Float64Array.from(sorted, of);
  return {
    services,
    programmes,
    batch: {
      count: sorted.length,
      viewer: numbers(({ viewer }) => viewer),
      device: numbers(({ device }) => device),
      startedAt: numbers(({ startedAt }) => startedAt),
      endedAt: numbers(({ endedAt }) => endedAt),
      imputedMs: numbers(({ imputedMs }) => imputedMs),
      service: Uint32Array.from(sorted, ({ service }) => services.indexOf(service)),
      programme: Uint32Array.from(sorted, ({ programme }) => programmes.indexOf(programme)),
      timeShiftS: Int32Array.from(sorted, ({ timeShiftS }) => timeShiftS ?? -1),
    },
  };
}

/** One reading of rows, a viewer a batch. */
export function sourceOf(rows: readonly SessionRow[]): ViewingSource {
  const services = [...new Set(rows.map(({ service }) => service))];
  const programmes = [...new Set(rows.map(({ programme }) => programme))];
  async function* batches(): AsyncGenerator<ViewingBatch> {
    for (const own of Map.groupBy(rows, ({ viewer }) => viewer).values()) {
      const { batch, ...names } = batchOf(own);
      yield {
        ...batch,
        service: batch.service.map((number) => services.indexOf(names.services[number] ?? '')),
        programme: batch.programme.map((number) => programmes.indexOf(names.programmes[number] ?? '')),
      };
    }
  }
  return { services, programmes, batches: batches() };
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
