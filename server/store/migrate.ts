// Moves a data set from one store to another, to be gone on with after any interruption, and holds both against each other (O3).

import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../problem.ts';
import { type DataSet, KINDS, type Kind, type Kinds, type Piece } from './data-set.ts';
import type { Store } from './store.ts';

type Side = Pick<Store, 'dataSet' | 'settlingTurn'>;

export interface Sides {
  from: Side;
  to: Side;
}

/** Items done, of about so many. */
export type OnItems = (done: number, total: number) => void;

/** How many items of a kind there are, and the sum of their hashes: it is the same in whatever order a store gives them out. */
export interface Sum {
  count: number;
  checksum: string;
}

const CLAIM_WITHIN_MS = 12_000; // the lease of a process that was killed runs out in 10 s
const CLAIM_AGAIN_MS = 500;

/**
 * Makes sure that nobody else works on either side, and that the target is empty or holds a part of this very source.
 * Problem `conflict` when that is not so, `not_found` without data, `invalid` when both are one place. `isNew` until copying has begun.
 */
export async function beginMigration(sides: Sides): Promise<{ isNew: boolean }> {
  const [from, to] = [sides.from.dataSet, sides.to.dataSet];
  if (from.place === to.place) throw new Problem('invalid', `${to.place} is where the data is already`);
  await claimBoth(sides);
  await refuseUnfinished(from);
  if (!(await holdsAnything(from))) throw new Problem('not_found', `there is no data in ${from.place}`);
  const unknown = await from.listUnknown();
  if (unknown.length > 0)
    throw new Problem('unsupported', `${from.place} holds ${unknown.join(', ')}, which this version does not move`);
  const begun = await to.findMigration();
  if (begun?.from === from.place) return { isNew: false };
  if (begun !== undefined)
    throw new Problem('conflict', `${to.place} holds what was moved there from ${begun.from}: name another target`);
  if (await holdsAnything(to))
    throw new Problem('conflict', `${to.place} holds other data: name a target that is empty`);
  return { isNew: true };
}

/** Copies what is not in the target yet, and keeps there how far it got. After beginMigration; the source's reports are settled. */
export async function copyDataSet(sides: Sides, clock: () => number, onItems: OnItems): Promise<void> {
  const [from, to] = [sides.from.dataSet, sides.to.dataSet];
  const begun = await to.findMigration();
  const migration = begun ?? { from: from.place, startedAt: clock(), done: {} };
  if (begun === undefined) await to.putMigration(migration);
  const total = await countAll(from);
  let done = Object.values(migration.done).reduce((sum, { count }) => sum + count, 0);

  async function copy<K extends Kind>(kind: K): Promise<void> {
    const before = migration.done[kind];
    let count = before?.count ?? 0;
    for await (const { items, position } of ahead(from.read(kind, before?.position))) {
      await hold(sides);
      await to.write(
        kind,
        items.map((item) => asMoved(kind, item)),
      );
      count += items.length;
      migration.done[kind] = { count, position };
      await to.putMigration(migration);
      done += items.length;
      onItems(done, total);
    }
  }
  for (const kind of KINDS) await copy(kind);
}

/**
 * Reads all of both sides and answers what both hold; the target may be worked on from now on. Problem `conflict` when they differ.
 */
export async function compareDataSets(sides: Sides, clock: () => number, onItems: OnItems): Promise<Record<Kind, Sum>> {
  const [from, to] = [sides.from.dataSet, sides.to.dataSet];
  const total = (await countAll(from)) + (await countAll(to));
  let done = 0;
  const onPiece = async (count: number): Promise<void> => {
    await hold(sides);
    done += count;
    onItems(done, total);
  };
  const kinds: Partial<Record<Kind, Sum>> = {};
  const differences: string[] = [];
  for (const kind of KINDS) {
    const [here, there] = await Promise.all([sumUp(from, kind, onPiece), sumUp(to, kind, onPiece)]);
    kinds[kind] = here;
    if (here.checksum !== there.checksum || here.count !== there.count)
      differences.push(`${kind} (${here.count} and ${there.count})`);
  }
  const migration = await to.findMigration();
  if (differences.length > 0) {
    const told = `${from.place} and ${to.place} differ in ${differences.join(', ')}`;
    const why =
      migration?.endedAt === undefined
        ? 'one of them was changed while the data was moved. Empty the target and move again'
        : `the data was moved there at ${new Date(migration.endedAt).toISOString()}, and one of them was used since`;
    throw new Problem('conflict', `${told}: ${why}`);
  }
  if (migration !== undefined && migration.endedAt === undefined)
    await to.putMigration({ ...migration, endedAt: clock() });
  return kinds as Record<Kind, Sum>;
}

/** Problem `conflict` when a migration to this store is not at its end: it holds but a part of the data. */
export async function refuseUnfinished(dataSet: Pick<DataSet, 'findMigration' | 'place'>): Promise<void> {
  const migration = await dataSet.findMigration();
  if (migration === undefined || migration.endedAt !== undefined) return;
  const detail = `${dataSet.place} holds but a part of what is moved there from ${migration.from}: run data migrate again until it is done`;
  throw new Problem('conflict', detail);
}

async function holdsAnything(dataSet: DataSet): Promise<boolean> {
  for (const kind of KINDS) for await (const { items } of dataSet.read(kind)) if (items.length > 0) return true;
  return false;
}

async function countAll(dataSet: DataSet): Promise<number> {
  let sum = 0;
  for (const kind of KINDS) sum += await dataSet.count(kind);
  return sum;
}

async function claimBoth(sides: Sides): Promise<void> {
  for (const { settlingTurn } of Object.values(sides) as Side[]) {
    for (const end = performance.now() + CLAIM_WITHIN_MS; performance.now() < end; await sleep(CLAIM_AGAIN_MS))
      if ((await settlingTurn.claim()) !== undefined) break;
  }
  await hold(sides);
}

/** A server has the turn to settle for as long as it runs. */
async function hold(sides: Sides): Promise<void> {
  for (const { settlingTurn, dataSet } of Object.values(sides) as Side[])
    if ((await settlingTurn.claim()) === undefined)
      throw new Problem('conflict', `${dataSet.place}: a server or another command uses it: stop that first`);
}

/** Leases are of one store: a run that is moved has none, so that any lease of the other store may take it over. */
function asMoved<K extends Kind>(kind: K, item: Kinds[K]): Kinds[K] {
  return kind === 'runs' ? { ...item, fence: 0 } : item;
}

async function sumUp(dataSet: DataSet, kind: Kind, onPiece: (count: number) => Promise<void>): Promise<Sum> {
  let [count, sum] = [0, 0n];
  for await (const { items } of ahead(dataSet.read(kind))) {
    for (const item of items) sum += BigInt(`0x${hash('sha256', canonical(asMoved(kind, item))).slice(0, 32)}`);
    count += items.length;
    await onPiece(items.length);
  }
  return { count, checksum: BigInt.asUintN(128, sum).toString(16).padStart(32, '0') };
}

/** JSON with the fields of every object in one order. */
const canonical = (item: unknown): string =>
  JSON.stringify(item, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** The same pieces; one is read while the one before is worked on. */
async function* ahead<K extends Kind>(pieces: AsyncIterable<Piece<K>>): AsyncGenerator<Piece<K>> {
  const reading = pieces[Symbol.asyncIterator]();
  try {
    for (let next = reading.next(); ; ) {
      const { done, value } = await next;
      if (done === true) return;
      next = reading.next();
      next.catch(() => undefined); // told when its turn comes
      yield value;
    }
  } finally {
    await reading.return?.();
  }
}
