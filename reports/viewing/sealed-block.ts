// Some thousand sessions in a few bytes each: how sealed viewing is written down (ratings R18).

import { crc32 } from 'node:zlib';
import { makeRoom, type NameBooks } from './batch-rows.ts';
import type { ViewingBatch } from './viewing-batch.ts';

/** A seal of another format is not read, and made anew. */
export const BLOCK_FORMAT = 1;

/*
 * Four words of 32 bits: mark, checksum of all that follows, rows, length of the head. The head, in JSON: the block's own names, and of
 * each column its least value, the bytes of a value and their number. Then the columns, each from a multiple of eight: what is to be
 * added to the least value; eight bytes are a double, none mean that all have the least value. A processor with the other order of
 * bytes meets a mark that it does not know.
 */
const MARK = 0x504d4200 + BLOCK_FORMAT;
const LEAD_BYTES = 16;

type Words = Uint8Array | Uint16Array | Uint32Array | Float64Array;
type Numbers = Float64Array | Uint32Array | Int32Array;

interface Head {
  services: string[];
  programmes: string[];
  columns: [least: number, width: number, length: number][];
}

/** A block that was checked, its columns read as they lie. */
export interface SealedBlock {
  count: number;
  head: Head;
  columns: Words[];
}

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

function wordsOf(width: number, buffer: ArrayBufferLike, offset: number, length: number): Words {
  if (width === 8) return new Float64Array(buffer, offset, length);
  if (width === 4) return new Uint32Array(buffer, offset, length);
  if (width === 2) return new Uint16Array(buffer, offset, length);
  return new Uint8Array(buffer, offset, width === 0 ? 0 : length);
}

/** What tells apart, once each in order of appearance, and for every row its place in that. */
function told(values: Float64Array | Uint32Array): { distinct: number[]; places: number[] } {
  const places = new Map<number, number>();
  return {
    places: Array.from(values, (value) => places.get(value) ?? places.set(value, places.size).size - 1),
    distinct: [...places.keys()],
  };
}

/** `names` are those that the batch's numbers mean. */
export function encodeBlock(
  batch: ViewingBatch,
  names: { services: readonly string[]; programmes: readonly string[] },
): Uint8Array {
  const of = <T extends Numbers>(column: T): T => column.subarray(0, batch.count) as T;
  const viewers = told(of(batch.viewer));
  const devices = told(of(batch.device));
  const services = told(of(batch.service));
  const programmes = told(of(batch.programme));
  const startedAt = of(batch.startedAt);
  const columns = [
    viewers.distinct,
    viewers.places,
    devices.distinct,
    devices.places,
    startedAt,
    of(batch.endedAt).map((end, at) => end - (startedAt[at] as number)),
    of(batch.imputedMs),
    services.places,
    programmes.places,
    of(batch.timeShiftS),
  ].map(narrowed);
  const head: Head = {
    services: services.distinct.map((number) => names.services[number] as string),
    programmes: programmes.distinct.map((number) => names.programmes[number] as string),
    columns: columns.map(({ least, width, values }) => [least, width, values.length]),
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const size = columns.reduce((sum, { width, values }) => sum + padded(width * values.length), 0);
  const bytes = new Uint8Array(LEAD_BYTES + padded(text.length) + size);
  bytes.set(text, LEAD_BYTES);
  let offset = LEAD_BYTES + padded(text.length);
  for (const { least, width, values } of columns) {
    const words = wordsOf(width, bytes.buffer, offset, values.length);
    for (let at = 0; at < words.length; at++) words[at] = (values[at] as number) - (width === 8 ? 0 : least);
    offset += padded(width * values.length);
  }
  new Uint32Array(bytes.buffer, 0, 4).set([MARK, 0, batch.count, text.length]);
  new Uint32Array(bytes.buffer, 4, 1)[0] = crc32(bytes.subarray(8));
  return bytes;
}

function narrowed(values: ArrayLike<number>): { least: number; width: number; values: ArrayLike<number> } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let isWhole = true;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    least = Math.min(least, value);
    most = Math.max(most, value);
    isWhole &&= Number.isSafeInteger(value);
  }
  if (values.length === 0) return { least: 0, width: 0, values };
  const range = most - least;
  const width = !isWhole || range > 0xffff_ffff ? 8 : range === 0 ? 0 : range < 0x100 ? 1 : range < 0x1_0000 ? 2 : 4;
  return { least, width, values };
}

/** Throws when the bytes are not what `encodeBlock` made. */
export function openBlock(given: Uint8Array): SealedBlock {
  const bytes = given.byteOffset % 8 === 0 ? given : new Uint8Array(given); // slice() of a Buffer would not copy
  const [mark, sum, count, headBytes] =
    bytes.length < LEAD_BYTES ? [] : new Uint32Array(bytes.buffer, bytes.byteOffset, 4);
  if (mark !== MARK || sum !== crc32(bytes.subarray(8)) || count === undefined || headBytes === undefined)
    throw new Error(`a sealed block of ${bytes.length} bytes is damaged, or of another format`);
  const head: Head = JSON.parse(new TextDecoder().decode(bytes.subarray(LEAD_BYTES, LEAD_BYTES + headBytes)));
  let offset = bytes.byteOffset + LEAD_BYTES + padded(headBytes);
  const columns = head.columns.map(([, width, length]) => {
    const words = wordsOf(width, bytes.buffer, offset, length);
    offset += padded(width * length);
    return words;
  });
  return { count, head, columns };
}

/** Adds rows [from, to) of a block to a batch. */
export function createBlockReader({ head, columns }: SealedBlock, books: NameBooks) {
  const services = Uint32Array.from(head.services, books.services.numberOf);
  const programmes = Uint32Array.from(head.programmes, books.programmes.numberOf);
  const viewers = wide(columns[0], head.columns[0]);
  const devices = wide(columns[2], head.columns[2]);
  return (batch: ViewingBatch, from: number, to: number): void => {
    makeRoom(batch, to - from);
    const read = (column: number, into: Numbers, names?: Float64Array | Uint32Array): void => {
      const [least = 0, width = 0] = head.columns[column] ?? [];
      spread(columns[column] as Words, width === 8 ? 0 : least, from, to, into, batch.count, names);
    };
    read(1, batch.viewer, viewers);
    read(3, batch.device, devices);
    read(4, batch.startedAt);
    read(5, batch.endedAt);
    read(6, batch.imputedMs);
    read(7, batch.service, services);
    read(8, batch.programme, programmes);
    read(9, batch.timeShiftS);
    const { startedAt, endedAt } = batch;
    const end = batch.count + to - from;
    for (let at = batch.count; at < end; at++) endedAt[at] = (endedAt[at] as number) + (startedAt[at] as number);
    batch.count = end;
  };
}

/** The numbers that the places of a column stand for. */
function wide(words: Words | undefined, [least, width, length]: Head['columns'][number] = [0, 0, 0]): Float64Array {
  const values = new Float64Array(length);
  if (words !== undefined) spread(words, width === 8 ? 0 : least, 0, length, values, 0);
  return values;
}

function spread(
  words: Words,
  least: number,
  from: number,
  to: number,
  into: Numbers,
  at: number,
  names?: Float64Array | Uint32Array,
): void {
  const shift = at - from;
  if (words.length === 0) into.fill(names === undefined ? least : (names[least] as number), at, at + to - from);
  else if (names === undefined)
    for (let row = from; row < to; row++) into[row + shift] = (words[row] as number) + least;
  else for (let row = from; row < to; row++) into[row + shift] = names[(words[row] as number) + least] as number;
}

/** Whether rows of the viewer may be in the block. */
export function holdsViewer({ head, columns }: SealedBlock, viewer: number): boolean {
  return wide(columns[0], head.columns[0]).includes(viewer);
}
