// Reads viewing for figures: sealed hours as they lie, and the others session by session (ratings R18).

import { Problem } from '../../server/problem.ts';
import { LONGEST_SESSION_MS } from '../../server/viewing/derive-sessions.ts';
import { compareRows, createBatch, createNameBooks, type NameBooks } from './batch-rows.ts';
import { countedBatches } from './counted-rows.ts';
import { isValid } from './hour-sealing.ts';
import { mergeViewing } from './merge-viewing.ts';
import { createBlockReader, openBlock } from './sealed-block.ts';
import type { Seal, SealedHourStore } from './sealed-hour-store.ts';
import { HOUR_MS, hourOf, type SessionHours } from './session-hours.ts';
import type { ReadViewing, ViewingBatch } from './viewing-batch.ts';

const ROWS_AT_ONCE = 512; // a month is some 1,500 readings, each with so many rows in memory beside its block

/** A seal counts only under the present version of its hour's sessions. Problem `unavailable` when what was sealed is sealed anew meanwhile. */
export function createReadViewing(deps: {
  sessions: SessionHours;
  sealed: SealedHourStore;
  /** Resolves when all reports that were taken have their effect on sessions. */
  settled(): Promise<void>;
  clock: () => number;
}): ReadViewing {
  const { sessions, sealed, clock } = deps;

  async function* readLane(seal: Seal, lane: number, books: NameBooks): AsyncGenerator<ViewingBatch> {
    const batch = createBatch(ROWS_AT_ONCE);
    let blocks = 0;
    for await (const bytes of sealed.readLane(seal, lane)) {
      const block = await openOf(seal, bytes);
      const read = createBlockReader(block, books);
      for (let at = 0; at < block.count; at += ROWS_AT_ONCE) {
        batch.count = 0;
        read(batch, at, Math.min(at + ROWS_AT_ONCE, block.count));
        yield batch;
      }
      blocks += 1;
    }
    if (blocks !== seal.lanes[lane]?.blocks)
      throw new Problem('unavailable', 'an hour of viewing was sealed anew meanwhile', { retryAfterS: 1 });
  }

  /** What is damaged is not read again: the hour is read session by session until it is sealed anew. */
  async function openOf({ hour, version }: Seal, bytes: Uint8Array): Promise<ReturnType<typeof openBlock>> {
    try {
      return openBlock(bytes);
    } catch (cause) {
      await sealed.moveVersion(hour, version, -1);
      throw new Problem('unavailable', 'sealed viewing is damaged and will not be used again', {
        cause,
        retryAfterS: 1,
      });
    }
  }

  async function* batchesOf(from: number, to: number, books: NameBooks): AsyncGenerator<ViewingBatch> {
    await deps.settled();
    const now = clock();
    const earliest = from - LONGEST_SESSION_MS;
    const first = hourOf(earliest);
    const end = hourOf(to - 1) + HOUR_MS;
    // In this order: a session that ends meanwhile is in none of them, or in an hour whose seal does not count.
    const open = await sessions.listOpen(from, to);
    const versions = await sessions.versions(first, end);
    const seals = (await sealed.listSeals(first, end)).filter((seal) => isValid(seal, versions));
    const hours = new Set(seals.map(({ hour }) => hour));
    const readings = seals.flatMap((seal) =>
      seal.lanes.flatMap(({ latestEnd }, lane) => (latestEnd > from ? readLane(seal, lane, books) : [])),
    );
    for (let hour = first; hour < end; hour += HOUR_MS) {
      if (hours.has(hour)) continue;
      const startedFrom = Math.max(hour, earliest);
      while (hour + HOUR_MS < end && !hours.has(hour + HOUR_MS)) hour += HOUR_MS;
      const pages = sessions.listByViewer(from, Math.min(to, hour + HOUR_MS), startedFrom);
      readings.push(countedBatches(pages, books, now));
    }
    const openSealed = open.filter(({ startedAt }) => hours.has(hourOf(startedAt))).sort(compareRows);
    readings.push(countedBatches([openSealed], books, now));
    yield* mergeViewing(readings, { from, to });
  }

  return ({ from, to }) => {
    const books = createNameBooks();
    return {
      services: books.services.names,
      programmes: books.programmes.names,
      batches: batchesOf(from, to, books),
    };
  };
}
