// Figures of all programmes of a day, by the product from its store and by DuckDB from memory: time, peak memory, the same answers (R18).

import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RatingReport } from '../reports/ratings/rating-report.ts';
import { openSqliteStore } from '../server/store/sqlite/open-sqlite-store.ts';
import { openSqlEngine } from './figures-by-duckdb.ts';
import { fillGuide, openRatings, sealDay } from './figures-by-ratings.ts';
import { differencesOf, type Summed } from './figures-compared.ts';
import { measureServed } from './figures-served.ts';
import { fillSqlite } from './filled-viewing.ts';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000000' },
    people: { type: 'string', default: '2000000' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    file: { type: 'string' }, // of a store that stays, filled if it is not there
    alone: { type: 'boolean', default: false }, // without DuckDB
    side: { type: 'string' }, // what a child process is
  },
});
const [SESSIONS, PEOPLE, ROUNDS] = [Number(values.sessions), Number(values.people), Number(values.rounds)];
const FILLED = { sessions: SESSIONS, services: 50, day: Date.UTC(2026, 10, 20), seed: Number(values.seed) };

const QUESTIONS = ['programme, consecutive', 'programme, cumulative', 'service,minute'] as const;
type Question = (typeof QUESTIONS)[number];

interface Told<T> {
  answer: T;
  seconds: number;
  coreSeconds: number;
  peakMiB: number;
}

/** Answers questions until the parent goes. */
async function serve(side: string): Promise<void> {
  const ask =
    side === 'duckdb'
      ? await openSqlEngine(FILLED)
      : await openRatings(openSqliteStore(String(values.file)), FILLED, PEOPLE);
  process.on('message', async (question: Question) => {
    const before = process.cpuUsage();
    const begunAt = performance.now();
    const answer = await ask(question);
    const seconds = (performance.now() - begunAt) / 1_000;
    const { user, system } = process.cpuUsage(before);
    // Not of getrusage: there a child begins with what its parent had.
    const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) >> 10;
    process.send?.({ answer, seconds, coreSeconds: (user + system) / 1e6, peakMiB });
  });
  process.send?.('ready');
}

async function startSide(side: string, file: string): Promise<ChildProcess> {
  const child = fork(String(process.argv[1]), [...process.argv.slice(2), '--file', file, '--side', side], {
    serialization: 'advanced',
  });
  await heard(child);
  return child;
}

const heard = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a side ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });

async function askedOf<T>(child: ChildProcess, question: Question): Promise<Told<T>> {
  child.send(question);
  return heard(child);
}

const shown = ({ seconds, coreSeconds, peakMiB }: Told<unknown>): string =>
  `${seconds.toFixed(2)} s, of the core ${coreSeconds.toFixed(2)} s, peak ${peakMiB} MiB`;

const middle = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

async function compare(file: string): Promise<void> {
  const ratings = await startSide('ratings', file);
  const duckdb = values.alone ? undefined : await startSide('duckdb', file);
  for (const question of QUESTIONS) {
    const ratios: { wall: number[]; core: number[] } = { wall: [], core: [] };
    for (let round = 1; round <= ROUNDS; round++) {
      const ours = await askedOf<RatingReport>(ratings, question);
      console.log(`${question}, round ${round}, load ${loadavg()[0]?.toFixed(1)}: ratings ${shown(ours)}`);
      if (duckdb === undefined) continue;
      const theirs = await askedOf<Summed>(duckdb, question);
      console.log(`  DuckDB ${shown(theirs)}`);
      const differences = differencesOf(ours.answer, theirs.answer, FILLED.day);
      if (differences.length > 0)
        throw new Error(
          `${differences.length} figures differ, such as ${[...differences.slice(0, 2), ...differences.slice(-2)].join('; ')}`,
        );
      ratios.wall.push(ours.seconds / theirs.seconds);
      ratios.core.push(ours.coreSeconds / theirs.coreSeconds);
    }
    if (duckdb !== undefined)
      console.log(
        `${question}: the same to the last second; ${middle(ratios.wall).toFixed(2)} of DuckDB's time, ${middle(ratios.core).toFixed(2)} of its time of the core (bound 1.5, aim 1.0)`,
      );
  }
  for (const child of [ratings, duckdb]) child?.disconnect();
}

if (values.side !== undefined) await serve(values.side);
else {
  const folder = mkdtempSync(join(tmpdir(), 'bench-figures-'));
  const file = values.file ?? join(folder, 'pocketmeter.db');
  if (statSync(file, { throwIfNoEntry: false }) === undefined) fillSqlite(file, FILLED);
  const store = openSqliteStore(file);
  if ((await store.guide.revision()) === 0) await fillGuide(store, FILLED);
  await sealDay(store, FILLED);
  await store.close();
  await compare(file);
  if (!values.alone) await measureServed();
  rmSync(folder, { recursive: true });
}
