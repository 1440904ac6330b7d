// Several readings as one (ratings R18).

import { expect } from 'chai';
import {
  addRow,
  compareRows,
  createBatch,
  createNameBooks,
  type ViewingRow,
} from '../../../../reports/viewing/batch-rows.ts';
import { mergeViewing } from '../../../../reports/viewing/merge-viewing.ts';
import type { ViewingBatch } from '../../../../reports/viewing/viewing-batch.ts';
import { rowsOf } from '../../../support/viewing-rows.ts';

const books = createNameBooks();
const names = { services: books.services.names, programmes: books.programmes.names };
const row = (viewer: number, startedAt: number, endedAt: number, device = viewer): Required<ViewingRow> => ({
  ...{ viewer, device, startedAt, endedAt, service: `s${device % 3}`, programme: `p${startedAt % 5}` },
  ...{ imputedMs: 0, timeShiftS: -1 },
});

/** Pages of so many rows in one batch that is used again. */
async function* paged(rows: readonly ViewingRow[], size: number, ended?: () => void): AsyncGenerator<ViewingBatch> {
  const batch = createBatch(1);
  try {
    for (let at = 0; at < rows.length; at += size) {
      batch.count = 0;
      for (const one of rows.slice(at, at + size)) addRow(batch, one, books);
      yield batch;
    }
  } finally {
    ended?.();
  }
}

const WINDOW = { from: 100, to: 200 };

describe('merging viewing', () => {
  it('R18: viewers stay whole, across pages and readings, in order of start and device', async () => {
    const many = Array.from({ length: 700 }, (_, at) => row(5, 100 + (at % 90), 195, at)).sort(compareRows);
    const first = [row(1, 100, 110), row(1, 120, 130), ...many, row(9, 150, 160)];
    const second = [row(1, 100, 105, 0), row(1, 115, 125), row(5, 101, 102, 9_000), row(7, 100, 200)];
    const batches: Required<ViewingRow>[][] = [];
    for await (const batch of mergeViewing([paged(first, 3), paged([], 1), paged(second, 2)], WINDOW, 2))
      batches.push(rowsOf(batch, names));
    expect(batches.flat()).to.deep.equal([...first, ...second].sort(compareRows));
    expect(batches.map((batch) => [...new Set(batch.map(({ viewer }) => viewer))])).to.deep.equal([[1], [5], [7, 9]]);
  });

  it('R18: what does not overlap the window is left out', async () => {
    const rows = [row(1, 50, 100), row(1, 60, 101), row(1, 199, 300), row(1, 200, 300)];
    const found: Required<ViewingRow>[] = [];
    for await (const batch of mergeViewing([paged(rows, 9)], WINDOW)) found.push(...rowsOf(batch, names));
    expect(found).to.deep.equal([rows[1], rows[2]]);
  });

  it('R18: readings are ended when nobody reads on', async () => {
    let ended = 0;
    const reading = () => paged([row(1, 100, 110), row(2, 100, 110)], 1, () => ended++);
    for await (const _ of mergeViewing([reading(), reading()], WINDOW, 1)) break;
    expect(ended).to.equal(2);
  });
});
