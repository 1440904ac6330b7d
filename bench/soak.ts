// Steady load on the server as its own process: reports a second, latency, memory, and what was lost (V17, V19).

import { rm } from 'node:fs/promises';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeData, startReporting, userNames } from '../test/support/reporting-handsets.ts';
import { spawnServer } from '../test/support/server-process.ts';
import { findLostAndDoubled } from '../test/support/store-check.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    handsets: { type: 'string', default: '6000' },
    rate: { type: 'string', default: '2400' },
  },
});
const MINUTES = Number(values.minutes);
const HANDSETS = Number(values.handsets);
const RATE = Number(values.rate);
const TICK_MS = 10_000;
const WARM_UP_MS = 60_000;
const MIB = 1_048_576;

const latencies = { all: createHistogram(), tick: createHistogram() }; // in µs
const memory: { minutes: number; mib: number }[] = [];

/** MiB a minute, by least squares, over what was measured after the warm-up. */
function slopeOf(points: typeof memory): number {
  const late = points.filter(({ minutes }) => minutes * 60_000 >= WARM_UP_MS);
  const meanOf = (numbers: number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const at = meanOf(late.map(({ minutes }) => minutes));
  const mib = meanOf(late.map((point) => point.mib));
  const spread = late.map((point) => (point.minutes - at) ** 2);
  return meanOf(late.map((point) => (point.minutes - at) * (point.mib - mib))) / meanOf(spread);
}

const told = (latency: RecordableHistogram): string =>
  `p50 ${(latency.percentile(50) / 1_000).toFixed(1)} ms  p99 ${(latency.percentile(99) / 1_000).toFixed(1)} ms  ` +
  `max ${(latency.max / 1_000).toFixed(0)} ms`;

const users = userNames(HANDSETS);
const dataDir = await makeData(users);
const server = spawnServer({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
try {
  const port = await server.ready();
  const rssMib = (): number => (server.rssBytes() ?? Number.NaN) / MIB;
  console.log(`${HANDSETS} handsets, ${RATE} reports/s for ${MINUTES} min; RSS at start ${rssMib().toFixed(0)} MiB`);
  const beatMs = (1_000 * HANDSETS) / RATE;
  const reporting = startReporting({
    users,
    port: () => port,
    pauseMs: (latencyMs) => Math.max(0, beatMs * (0.5 + Math.random()) - latencyMs),
    onAnswered(latencyMs) {
      const micros = Math.max(1, Math.round(1_000 * latencyMs));
      latencies.all.record(micros);
      latencies.tick.record(micros);
    },
  });
  const begunAt = performance.now();
  for (let tick = 1; tick <= (MINUTES * 60_000) / TICK_MS; tick += 1) {
    const before = reporting.acknowledged();
    const tickAt = performance.now();
    await sleep(begunAt + tick * TICK_MS - tickAt);
    const rate = (1_000 * (reporting.acknowledged() - before)) / (performance.now() - tickAt);
    const heap = /^nodejs_heap_size_used_bytes (\d+)/m.exec(await (await server.ask('/metrics')).text())?.[1];
    memory.push({ minutes: (performance.now() - begunAt) / 60_000, mib: rssMib() });
    console.log(
      `${String((tick * TICK_MS) / 1_000).padStart(5)} s  ${rate.toFixed(0)} reports/s  ${told(latencies.tick)}  ` +
        `RSS ${rssMib().toFixed(0)} MiB heap ${(Number(heap) / MIB).toFixed(0)}`,
    );
    latencies.tick.reset();
  }
  await reporting.stop();
  const seconds = (performance.now() - begunAt) / 1_000;
  const acknowledged = reporting.acknowledged();
  const errors = server.logLines().filter(({ level }) => level >= 50);
  server.kill('SIGTERM');
  const { code } = await server.ended;
  const { stored, lost, doubled } = await findLostAndDoubled(dataDir, reporting.handsets);
  console.log(`all: ${(acknowledged / seconds).toFixed(0)} reports/s  ${told(latencies.all)}`);
  const minutely = memory.filter((_, index) => (index + 1) % (60_000 / TICK_MS) === 0);
  console.log(`RSS after each minute: ${minutely.map(({ mib }) => mib.toFixed(0)).join(' ')} MiB`);
  if (MINUTES > 1) console.log(`RSS slope after the first minute: ${slopeOf(memory).toFixed(2)} MiB/min`);
  const answers = [...reporting.statuses].map(([status, { count }]) => `${count} × ${status}`).join(', ');
  console.log(`answers: ${answers}; error lines in the log: ${errors.length}; ended with ${code}`);
  for (const { msg, error, detail, cause } of errors.slice(0, 5)) console.log(msg, detail, error, cause);
  console.log(`acknowledged ${acknowledged}, stored ${stored}, lost ${lost.length}, doubled ${doubled.length}`);
  if (lost.length + doubled.length > 0 || code !== 0) process.exitCode = 1;
} finally {
  if (server.isAlive()) server.kill('SIGKILL');
  await server.ended;
  await rm(dataDir, { recursive: true });
}
