// Steady load on the server as its own process: reports a second, latency, memory, and what was lost (V17, V19).

import { rm } from 'node:fs/promises';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeData, startReporting, userNames } from '../test/support/reporting-handsets.ts';
import { type ServerProcess, spawnServer } from '../test/support/server-process.ts';
import { findLostAndDoubled } from '../test/support/store-check.ts';
import { readMetric } from './ingest-accounts.ts';

// By default each handset reports every 2.5 s: the server keeps its connection, and no two reports have the same Date.
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    handsets: { type: 'string', default: '5000' },
    rate: { type: 'string', default: '2000' },
  },
});
const [MINUTES, HANDSETS, RATE] = [Number(values.minutes), Number(values.handsets), Number(values.rate)];
const TICK_MS = 10_000;
const TICKS_A_MINUTE = 60_000 / TICK_MS;
const MIB = 1_048_576;
const ERRORS_SHOWN = 5;

interface Memory {
  minutes: number;
  rss: number;
  heap: number;
}

/** MiB a minute, by least squares. */
function slopeOf(points: readonly Memory[], value: 'rss' | 'heap'): string {
  const mean = (of: (point: Memory) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [at, height] = [mean(({ minutes }) => minutes), mean((point) => point[value])];
  const together = mean((point) => (point.minutes - at) * (point[value] - height));
  return (together / mean(({ minutes }) => (minutes - at) ** 2)).toFixed(1);
}

async function memoryOf(server: ServerProcess, port: number, minutes: number): Promise<Memory> {
  const heap = await readMetric(`http://127.0.0.1:${port}`, 'nodejs_heap_size_used_bytes');
  return { minutes, rss: (server.rssBytes() ?? Number.NaN) / MIB, heap: heap / MIB };
}

const told = (latency: RecordableHistogram): string =>
  `p50 ${(latency.percentile(50) / 1_000).toFixed(1)} ms, p99 ${(latency.percentile(99) / 1_000).toFixed(0)} ms, ` +
  `max ${(latency.max / 1_000).toFixed(0)} ms`;
const toldMemory = ({ rss, heap }: Memory): string => `RSS ${rss.toFixed(0)} MiB, heap ${heap.toFixed(0)} MiB`;

const users = userNames(HANDSETS);
const environment = await makeData(users);
const server = spawnServer(environment);
try {
  const port = await server.ready();
  console.log(`${HANDSETS} handsets, ${RATE} reports/s for ${MINUTES} min`);
  console.log(`at start: ${toldMemory(await memoryOf(server, port, 0))}`);
  const latencies = [createHistogram(), createHistogram()] as const; // of all and of one tick, µs
  const beatMs = (1_000 * HANDSETS) / RATE;
  const reporting = startReporting({
    users,
    port: () => port,
    pauseMs: (latencyMs) => Math.max(0, beatMs * (0.75 + Math.random() / 2) - latencyMs),
    onAnswered: (latencyMs) => {
      for (const latency of latencies) latency.record(Math.max(1, Math.round(1_000 * latencyMs)));
    },
  });
  const [overall, ofTick] = latencies;
  const memory: Memory[] = [];
  const begunAt = performance.now();
  for (let tick = 1; tick <= MINUTES * TICKS_A_MINUTE; tick += 1) {
    const before = { count: reporting.acknowledged(), at: performance.now() };
    await sleep(begunAt + tick * TICK_MS - before.at);
    const rate = (1_000 * (reporting.acknowledged() - before.count)) / (performance.now() - before.at);
    const now = await memoryOf(server, port, (tick * TICK_MS) / 60_000);
    memory.push(now);
    console.log(`${(tick * TICK_MS) / 1_000} s: ${rate.toFixed(0)} reports/s, ${told(ofTick)}, ${toldMemory(now)}`);
    ofTick.reset();
  }
  const overallRate = (1_000 * reporting.acknowledged()) / (performance.now() - begunAt);
  await reporting.stop();
  const acknowledged = reporting.acknowledged();
  const errors = server.logLines().filter(({ level }) => level >= 50);
  server.kill('SIGTERM');
  const { code } = await server.ended;
  const { stored, lost, doubled } = await findLostAndDoubled(environment, reporting.handsets);

  console.log(`all: ${overallRate.toFixed(0)} reports/s, ${told(overall)}`);
  for (const now of memory.filter(({ minutes }) => minutes % 1 === 0)) {
    console.log(`after ${now.minutes} min: ${toldMemory(now)}`);
  }
  const warm = memory.filter(({ minutes }) => minutes >= 1);
  if (warm.length > 2)
    console.log(
      `slope after the first minute: RSS ${slopeOf(warm, 'rss')} MiB/min, heap ${slopeOf(warm, 'heap')} MiB/min`,
    );
  const answers = [...reporting.statuses].map(([status, { count }]) => `${count} × ${status}`).join(', ');
  console.log(`answers: ${answers}; error lines in the log: ${errors.length}; the server ended with ${code}`);
  for (const { msg, error, cause } of errors.slice(0, ERRORS_SHOWN)) console.log(msg, error ?? cause);
  console.log(`acknowledged ${acknowledged}, stored ${stored}, lost ${lost.length}, doubled ${doubled.length}`);
  if (lost.length + doubled.length > 0 || code !== 0) process.exitCode = 1;
} finally {
  if (server.isAlive()) server.kill('SIGKILL');
  await server.ended;
  await rm(environment.DATA_DIR, { recursive: true });
}
