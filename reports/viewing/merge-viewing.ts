// Several ordered readings of viewing as one: whole viewers, in batches (ratings R18).

import { setImmediate } from 'node:timers/promises';
import { copyRow, createBatch, makeRoom, orderRows } from './batch-rows.ts';
import type { ViewingBatch } from './viewing-batch.ts';

const BATCH_ROWS = 16_384;

/** A page, the place of its next row, and where more come from. */
interface Reading {
  pages: AsyncIterator<ViewingBatch>;
  page: ViewingBatch;
  at: number;
}

const FULL = -1;
const DONE = -2;

/**
 * Each reading comes by (viewer, startedAt, device), its viewers may span pages, and all number their names alike. Rows that don't
 * overlap [from, to) are left out. Memory goes by the number of readings, and by the rows of one viewer.
 */
export async function* mergeViewing(
  given: readonly AsyncIterable<ViewingBatch>[],
  window: { from: number; to: number },
  batchRows = BATCH_ROWS,
): AsyncGenerator<ViewingBatch> {
  const batch = createBatch(Math.min(batchRows, 1_024));
  const readings = given.map((pages): Reading => ({ pages: pages[Symbol.asyncIterator](), page: batch, at: 0 }));
  const heads = new Float64Array(given.length).fill(Number.POSITIVE_INFINITY);
  const goOn = createTaking(readings, heads, batch, window, batchRows);

  async function turnPage(index: number): Promise<void> {
    const reading = readings[index] as Reading;
    reading.at = 0;
    do {
      const { value, done } = await reading.pages.next();
      if (done === true) {
        heads[index] = Number.POSITIVE_INFINITY;
        return;
      }
      reading.page = value;
    } while (reading.page.count === 0);
    heads[index] = reading.page.viewer[0] as number;
  }

  try {
    await Promise.all(readings.map((_, index) => turnPage(index)));
    for (;;) {
      const wanted = goOn();
      if (wanted === DONE) break;
      if (wanted === FULL) {
        yield batch;
        batch.count = 0;
        await setImmediate(); // requests are answered between batches
      } else await turnPage(wanted);
    }
    if (batch.count > 0) yield batch;
  } finally {
    for (const { pages } of readings) await pages.return?.();
  }
}

/** What is done for each row, apart from what is waited for: answers which reading needs its next page, or FULL, or DONE. */
function createTaking(
  readings: readonly Reading[],
  heads: Float64Array, // the next viewer of each reading, infinite behind the last
  batch: ViewingBatch,
  { from, to }: { from: number; to: number },
  batchRows: number,
): () => number {
  let viewer = Number.NEGATIVE_INFINITY; // whose rows are taken
  let next = Number.NEGATIVE_INFINITY; // the one after, of the readings before `index`
  let index = heads.length;
  let first = 0;

  /** The viewer's rows on a page. */
  function takeRun(reading: Reading, mine: number): void {
    const { page } = reading;
    const { count, startedAt, endedAt, viewer: viewers } = page;
    let at = reading.at;
    for (; at < count && viewers[at] === mine; at++) {
      if ((startedAt[at] as number) >= to || (endedAt[at] as number) <= from) continue;
      if (batch.count === batch.viewer.length) makeRoom(batch, 1);
      copyRow(batch, page, at);
    }
    reading.at = at;
  }

  /** Goes on with the viewer: answers a reading that needs its next page before that, or DONE. */
  function takeViewer(): number {
    // In variables of its own: these are the loops that run for each viewer and reading.
    const mine = viewer;
    const { length } = heads;
    let least = next;
    for (let at = index; at < length; at++) {
      let head = heads[at] as number;
      if (head === mine) {
        const reading = readings[at] as Reading;
        if (reading.at < reading.page.count) takeRun(reading, mine);
        if (reading.at === reading.page.count) {
          index = at;
          next = least;
          return at;
        }
        head = reading.page.viewer[reading.at] as number;
        heads[at] = head;
      }
      if (head < least) least = head;
    }
    next = least;
    return DONE;
  }

  return () => {
    if (viewer === Number.NEGATIVE_INFINITY)
      next = heads.reduce((least, head) => Math.min(least, head), Number.POSITIVE_INFINITY);
    for (;;) {
      const wanted = takeViewer();
      if (wanted !== DONE) return wanted;
      orderRows(batch, first);
      if (next === Number.POSITIVE_INFINITY) return DONE;
      first = batch.count;
      viewer = next;
      next = Number.POSITIVE_INFINITY;
      index = 0;
      if (first >= batchRows) {
        first = 0;
        return FULL;
      }
    }
  };
}
