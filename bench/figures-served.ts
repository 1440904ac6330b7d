// A report that was made and kept, as GET /reports/ratings serves it, request by request over one connection (ratings R18).

import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../server/config.ts';
import { createLog } from '../server/log.ts';
import { createProducts } from '../server/products.ts';
import { readSecretKey } from '../server/secret-key.ts';
import { openStore } from '../server/store/open-store.ts';
import { DAY_MS } from '../sg/schedule.ts';
import { fillGuide, sealDay } from './figures-by-ratings.ts';
import { type FilledDay, fillSqlite, sessionsOfDay } from './filled-viewing.ts';
import { start } from './pinned-server.ts';

const REQUESTS = 2_000;
const ACCOUNTS_AT_ONCE = 1_000;

/** A store with the day, its guide and its people. Answers a token. */
async function prepare(environment: Record<string, string>, filled: FilledDay): Promise<string> {
  const config = readConfig(environment);
  const log = createLog({ level: 'silent' });
  const store = await openStore(config, { log, clock: Date.now });
  try {
    await fillGuide(store, filled);
    const viewers = new Set(Array.from(sessionsOfDay(filled), ({ viewer }) => viewer));
    const people = Array.from(viewers, (viewer) => ({
      ...{ user: `u${viewer}`, role: 'handset' as const, name: '', viewer, enabled: true, createdAt: filled.day },
    }));
    for (let at = 0; at < people.length; at += ACCOUNTS_AT_ONCE)
      await store.accounts.put(people.slice(at, at + ACCOUNTS_AT_ONCE));
    await sealDay(store, filled);
    const { accounts } = await createProducts({ store, config, key: readSecretKey(config), clock: Date.now, log });
    await accounts.add({ user: 'boss', password: 'a long secret', role: 'administrator' }, 'bench');
    return (await accounts.issueToken('boss', {}, 'bench')).token;
  } finally {
    await store.close();
  }
}

/** Prints how long the first request takes, which makes the report, and the others. */
export async function measureServed(): Promise<void> {
  const day = Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS; // over, and not final yet: each request asks whether it still holds
  const filled = { sessions: 100_000, services: 50, day, seed: 1 };
  const folder = await mkdtemp(join(tmpdir(), 'bench-served-'));
  const environment = {
    DATA_DIR: folder,
    PORT: '0',
    SAMPLE_GUIDE: 'false',
    ADMIN_PASSWORD: 'bench only',
    MONGODB_URI: '',
  };
  fillSqlite(join(folder, 'pocketmeter.db'), filled);
  try {
    const token = await prepare(environment, filled);
    const server = await start(['server/main.ts'], environment);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const window = `from=${new Date(day).toISOString()}&to=${new Date(day + DAY_MS).toISOString()}`;
    const timed = async (path: string): Promise<{ ms: number; size: number }> => {
      const begunAt = performance.now();
      const headers = { authorization: `Bearer ${token}` };
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        get(server.url + path, { agent, headers }, resolve).on('error', reject);
      });
      if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
      let size = 0;
      for await (const chunk of answer) size += (chunk as Buffer).length;
      return { ms: performance.now() - begunAt, size };
    };
    try {
      for (const by of ['programme', 'service']) {
        for (const format of ['json', 'csv']) {
          const path = `/reports/ratings?${window}&by=${by}&format=${format}`;
          const first = await timed(path);
          const times: number[] = [];
          for (let request = 0; request < REQUESTS; request++) times.push((await timed(path)).ms);
          times.sort((a, b) => a - b);
          const at = (part: number): string => (times[Math.floor(part * times.length)] ?? Number.NaN).toFixed(1);
          console.log(
            `served by=${by}, ${format}, ${first.size} bytes: first ${first.ms.toFixed(0)} ms, then p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (bound 10)`,
          );
        }
      }
    } finally {
      agent.destroy();
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
