// Sealed blocks give back what was put in, or nothing (ratings R18).

import { expect } from 'chai';
import fc from 'fast-check';
import { addRow, createBatch, createNameBooks, type ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { createBlockReader, encodeBlock, holdsViewer, openBlock } from '../../../../reports/viewing/sealed-block.ts';
import type { ViewingBatch } from '../../../../reports/viewing/viewing-batch.ts';
import { rowsOf } from '../../../support/viewing-rows.ts';

const pseudonym = fc.integer({ min: 0, max: 2 ** 52 - 1 });
const few = fc.integer({ min: 0, max: 9 });
const row: fc.Arbitrary<ViewingRow> = fc
  .record(
    {
      viewer: fc.oneof(pseudonym, few),
      device: fc.oneof(pseudonym, few),
      service: fc.string(),
      programme: fc.oneof(fc.string(), fc.constant('')),
      startedAt: fc.integer({ min: 1, max: 2 ** 42 }),
      length: fc.oneof(few, fc.integer({ min: 0, max: 86_400_000 })),
      imputedMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 86_400_000 })),
      timeShiftS: fc.oneof(fc.constant(-1), few, fc.integer({ min: 0, max: 2 ** 31 - 1 })),
    },
    { noNullPrototype: true },
  )
  .map(({ length, ...rest }) => ({ ...rest, endedAt: rest.startedAt + length }));

function blockOf(rows: readonly ViewingRow[]): Uint8Array {
  const books = createNameBooks();
  const batch = createBatch(0);
  for (const one of rows) addRow(batch, one, books);
  return encodeBlock(batch, { services: books.services.names, programmes: books.programmes.names });
}

function read(bytes: Uint8Array, atOnce = Number.POSITIVE_INFINITY): { batch: ViewingBatch; rows: ViewingRow[] } {
  const books = createNameBooks();
  books.services.numberOf('of another block');
  const block = openBlock(bytes);
  const reader = createBlockReader(block, books);
  const batch = createBatch(0);
  for (let at = 0; at < block.count; at += atOnce) reader(batch, at, Math.min(at + atOnce, block.count));
  return { batch, rows: rowsOf(batch, { services: books.services.names, programmes: books.programmes.names }) };
}

describe('sealed blocks', () => {
  it('R18: what is read is what was written, at once or piece by piece, wherever the bytes lie', () => {
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 1, max: 9 }), (rows, atOnce) => {
        const bytes = blockOf(rows);
        expect(read(bytes).rows).to.deep.equal(rows);
        for (const larger of [new Uint8Array(bytes.length + 3), Buffer.alloc(bytes.length + 3)]) {
          const moved = larger.subarray(3);
          moved.set(bytes);
          expect(read(moved, atOnce).rows).to.deep.equal(rows);
        }
        const viewers = new Set(rows.map(({ viewer }) => viewer));
        for (const viewer of [...viewers, 10])
          expect(holdsViewer(openBlock(bytes), viewer)).to.equal(viewers.has(viewer));
      }),
      { numRuns: 200 },
    );
  });

  it('R18: a session takes some twenty bytes', () => {
    const rows = Array.from({ length: 4_096 }, (_, at): ViewingRow => {
      const viewer = 2 ** 40 * Math.floor(at / 5);
      const startedAt = 1_790_000_000_000 + ((at * 7_919) % 3_600_000);
      const rest = { imputedMs: (at * 31) % 90_000, timeShiftS: -1 };
      return {
        viewer,
        device: viewer + 1,
        service: `s${at % 50}`,
        programme: `p${at % 300}`,
        startedAt,
        endedAt: startedAt + at * 999,
        ...rest,
      };
    });
    expect(blockOf(rows).length / rows.length).to.be.lessThan(23);
  });

  it('R18: bytes that were changed, cut off or of another format are refused', () => {
    const bytes = blockOf([
      { viewer: 1, device: 2, service: 's', programme: 'p', startedAt: 5, endedAt: 9, imputedMs: 1, timeShiftS: 3 },
      { viewer: 7, device: 2, service: 't', programme: '', startedAt: 6, endedAt: 7, imputedMs: 0, timeShiftS: -1 },
    ]);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => openBlock(changed), `byte ${at}`).to.throw('damaged');
      expect(() => openBlock(bytes.slice(0, at)), `${at} bytes`).to.throw('damaged');
    }
  });
});
