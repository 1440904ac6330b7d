// Sealing a day of viewing, and reading it for figures: time, bytes a session, peak memory (ratings R18).

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openMongoPorts } from '../server/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../server/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../server/store/store.ts';
import { wireViewingRecord } from '../server/wired-viewing-record.ts';
import { openScratchDatabase, uriOfDatabase } from '../test/support/mongo.ts';
import { fillDataSet, fillSqlite } from './filled-viewing.ts';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    store: { type: 'string', default: 'sqlite' },
    file: { type: 'string' }, // of a store that stays, filled if it is not there
    step: { type: 'string' }, // what a child process does with it
  },
});
const DAY = Date.UTC(2026, 10, 20);
const DAY_MS = 86_400_000;
const SESSIONS = Number(values.sessions);
const FILLED = { sessions: SESSIONS, services: 50, day: DAY, seed: Number(values.seed) };

const recordOf = (store: Store) => {
  const config = { rawRetentionMs: 5 * DAY_MS };
  return wireViewingRecord({ store, config, settled: async () => undefined, clock: () => DAY + 3 * DAY_MS });
};

const STEPS: Record<string, (store: Store) => Promise<string>> = {
  async seal(store) {
    let longest = 0;
    let before = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - before - 5);
      before = performance.now();
    }, 5);
    const { rows } = await recordOf(store).sealHours({
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    clearInterval(beat);
    return `${rows} sessions, others wait ${longest.toFixed(0)} ms at most`;
  },
  read: (store) => read(store, DAY),
  'read from 02:00': (store) => read(store, DAY + 7_200_000),
  async rows(store) {
    let rows = 0;
    for await (const page of store.sessions.listByViewer(DAY, DAY + DAY_MS)) rows += page.length;
    return `${rows} sessions`;
  },
};

async function read(store: Store, from: number): Promise<string> {
  let rows = 0;
  let watchedMs = 0;
  for await (const batch of recordOf(store).readViewing({ from, to: from + DAY_MS }).batches) {
    rows += batch.count;
    for (let at = 0; at < batch.count; at++)
      watchedMs += (batch.endedAt[at] as number) - (batch.startedAt[at] as number);
  }
  return `${rows} sessions of ${(watchedMs / 3_600_000).toFixed(0)} hours`;
}

async function measured(name: string, store: Store): Promise<void> {
  const before = process.cpuUsage();
  const begunAt = performance.now();
  const told = await STEPS[name]?.(store);
  const seconds = ((performance.now() - begunAt) / 1_000).toFixed(2);
  const { user, system } = process.cpuUsage(before);
  // Not of getrusage: there a child begins with what its parent had.
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) >> 10;
  console.log(`${name}: ${told}; ${seconds} s, of the core ${((user + system) / 1e6).toFixed(2)} s, peak ${peak} MiB`);
}

if (values.store === 'mongo') {
  const store = await openMongoPorts(await openScratchDatabase(uriOfDatabase('bench_sealed')), { clock: Date.now });
  await fillDataSet(store.dataSet, FILLED);
  for (const name of Object.keys(STEPS)) await measured(name, store);
  await store.close();
} else if (values.step !== undefined) {
  const store = openSqliteStore(String(values.file));
  await measured(values.step, store);
  await store.close();
} else {
  const folder = mkdtempSync(join(tmpdir(), 'bench-sealed-'));
  const file = values.file ?? join(folder, 'pocketmeter.db');
  if (statSync(file, { throwIfNoEntry: false }) === undefined) fillSqlite(file, FILLED);
  const bytes = statSync(file).size;
  console.log(`${SESSIONS} sessions: ${(bytes / SESSIONS).toFixed(0)} bytes each as rows with their index`);
  for (const step of Object.keys(STEPS)) {
    spawnSync(process.execPath, [String(process.argv[1]), '--file', file, '--step', step], { stdio: 'inherit' });
    if (step === 'seal') console.log(`${((statSync(file).size - bytes) / SESSIONS).toFixed(1)} bytes each sealed`);
  }
  rmSync(folder, { recursive: true });
}
