// A million requests without credentials: the server keeps nothing of them, and is no slower at the end (V7).

import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './pinned-server.ts';

const COUNT = Number(process.argv[2] ?? 1_000_000);
const STEPS = 20; // the first and the last are compared
const CONNECTIONS = 64;

/** Sends so many challenges' worth of requests; answers the time per request, ms of all connections together. */
async function send(url: string, agent: Agent, count: number): Promise<number> {
  let left = count;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const sending = request(url, { method: 'POST', agent, headers: { 'Content-Type': 'text/xml' } }, (response) => {
        if (response.statusCode !== 401) reject(new Error(`answered ${response.statusCode}`));
        response.resume().on('end', resolve);
      });
      sending.on('error', reject).end('<LogReport/>');
    });
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await one();
    }),
  );
  return (performance.now() - begun) / count;
}

const folder = await mkdtemp(join(tmpdir(), 'bench-challenges-'));
try {
  const environment = { DATA_DIR: folder, PORT: '0', ADMIN_PASSWORD: 'bench only', SAMPLE_GUIDE: 'false' };
  const server = await start(['server/main.ts'], environment);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  await send(server.url, agent, 20_000); // the engine warms up
  const rss: number[] = [server.rssMiB()];
  const times: number[] = [];
  for (let step = 1; step <= STEPS; step += 1) {
    times.push(await send(server.url, agent, COUNT / STEPS));
    rss.push(server.rssMiB());
  }
  const shown = (values: number[], digits: number): string => values.map((value) => value.toFixed(digits)).join(' ');
  console.log(`${COUNT} challenges; RSS in MiB at the start and after each step: ${shown(rss, 0)}`);
  console.log(
    `us per request by step: ${shown(
      times.map((ms) => ms * 1_000),
      0,
    )}`,
  );
  console.log(
    `last to first step: time ${((times.at(-1) ?? 0) / (times[0] ?? 1)).toFixed(2)}, RSS ${((rss.at(-1) ?? 0) / (rss[1] ?? 1)).toFixed(2)}`,
  );
  agent.destroy();
  await server.stop();
} finally {
  await rm(folder, { recursive: true });
}
