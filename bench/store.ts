// The hot reads of every port on a filled store, one call after another: calls/s, p50, p99, and MongoDB against SQLite (O3).
// With MONGODB_URI in the environment a database of its own there is filled, too, and dropped.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../server/simulator/random.ts';
import { openMongoPorts } from '../server/store/mongo/open-mongo-store.ts';
import { openDataFolder } from '../server/store/sqlite/data-folder.ts';
import type { Store } from '../server/store/store.ts';
import { openScratchDatabase } from '../test/support/mongo.ts';
import { fillStore } from './store-data.ts';
import { readsOf } from './store-reads.ts';

const { values } = parseArgs({
  options: {
    reports: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    store: { type: 'string', default: process.env.MONGODB_URI === undefined ? 'sqlite' : 'sqlite,mongo' },
  },
});
const [REPORTS, SEED] = [Number(values.reports), Number(values.seed)];
const NOW = Date.now();
const READ_FOR_MS = 700;
const CALLS = { least: 3, most: 2_000 };

interface Figures {
  perSecond: number;
  p50: number;
  p99: number;
}

async function measure(read: () => Promise<unknown>): Promise<Figures> {
  await read(); // statements are prepared, connections and plans are there
  const times: number[] = [];
  const begunAt = performance.now();
  for (let now = begunAt; times.length < CALLS.most; ) {
    if (times.length >= CALLS.least && now - begunAt > READ_FOR_MS) break;
    await read();
    times.push(performance.now() - now);
    now = performance.now();
  }
  const perSecond = (1_000 * times.length) / (performance.now() - begunAt);
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? Number.NaN;
  return { perSecond, p50: at(0.5), p99: at(0.99) };
}

async function run(name: string, store: Store): Promise<Map<string, Figures>> {
  const begunAt = performance.now();
  const seconds = (): string => ((performance.now() - begunAt) / 1_000).toFixed(0);
  const onProgress = (count: number): void => {
    if (process.stdout.isTTY) process.stdout.write(`\r${name}: ${count} reports settled in ${seconds()} s `);
  };
  const data = await fillStore(store, { count: REPORTS, seed: SEED, now: NOW, onProgress });
  console.log(`${name}: ${REPORTS} reports of ${data.devices} devices and their sessions, filled in ${seconds()} s`);
  const figures = new Map<string, Figures>();
  for (const [read, call] of Object.entries(readsOf(store, data, createRandom(SEED, -1))))
    figures.set(read, await measure(call));
  return figures;
}

async function runSqlite(): Promise<Map<string, Figures>> {
  const folder = await mkdtemp(join(tmpdir(), 'store-bench-'));
  const store = openDataFolder(folder);
  try {
    return await run('sqlite', store);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

async function runMongo(): Promise<Map<string, Figures>> {
  const store = await openMongoPorts(await openScratchDatabase(), { clock: Date.now });
  try {
    return await run('mongo', store);
  } finally {
    await store.close();
  }
}

const RUNS: Record<string, () => Promise<Map<string, Figures>>> = { sqlite: runSqlite, mongo: runMongo };
const found: [string, Map<string, Figures>][] = [];
for (const name of values.store.split(',')) {
  const each = RUNS[name];
  if (each === undefined) throw new Error(`--store takes sqlite and mongo, not ${name}`);
  found.push([name, await each()]);
}
const told = (number: number): string => (number < 10 ? number.toFixed(number < 1 ? 3 : 1) : number.toFixed(0));
const columns = found.map(([name]) => ` ${name}: calls/s | p50 ms | p99 ms |`).join('');
console.log(`| read |${columns}${found.length === 2 ? ' p50, ratio |' : ''}`);
console.log(`|---|${'---|'.repeat(3 * found.length + (found.length === 2 ? 1 : 0))}`);
for (const read of found[0]?.[1].keys() ?? []) {
  const figures = found.flatMap(([, of]) => of.get(read) ?? []);
  const cells = figures
    .map(({ perSecond, p50, p99 }) => ` ${told(perSecond)} | ${told(p50)} | ${told(p99)} |`)
    .join('');
  const [one, other] = figures;
  const ratio = one === undefined || other === undefined ? '' : ` ${told(other.p50 / one.p50)} |`;
  console.log(`| ${read} |${cells}${ratio}`);
}
