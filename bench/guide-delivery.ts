// GET /sg of 1,000 services for 14 days: the first rendering, then requests/s and bytes of the kept one, and of 100 changes (G4).

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { readConfig } from '../server/config.ts';
import { createLog } from '../server/log.ts';
import { createProducts } from '../server/products.ts';
import { readSecretKey } from '../server/secret-key.ts';
import { openStore } from '../server/store/open-store.ts';
import { DAY_MS, dayOf, type Page, type Programme } from '../sg/schedule.ts';
import { readMetric } from './ingest-accounts.ts';
import { CORE, start } from './pinned-server.ts';

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '1000' },
    days: { type: 'string', default: '14' },
    seconds: { type: 'string', default: '5' },
  },
});
const [SERVICES, DAYS, SECONDS] = [Number(values.services), Number(values.days), Number(values.seconds)];
const A_DAY = 32; // of 45 minutes each
const CHANGES = 100;
const DESCRIPTION =
  'What happens in it is told here in about two hundred characters, so that the size is that of a real one. ';
const WORDS = ['harbour', 'lantern', 'river', 'garden', 'match', 'weather', 'island', 'question', 'ferry', 'summer'];

function programmesOf(service: string, day: number, seed: number): Programme[] {
  return Array.from({ length: A_DAY }, (_, slot) => {
    const startAt = day * DAY_MS + (slot * DAY_MS) / A_DAY;
    const word = (more: number): string => WORDS[(seed * 7 + day * 3 + slot * more) % WORDS.length] ?? '';
    const titles = { en: `The ${word(1)} and the ${word(3)} ${slot}` };
    const descriptions = { en: `${DESCRIPTION}${word(5)}, ${word(7)}, ${word(9)} ${seed}` };
    return {
      id: `${service}-${day}-${slot}`,
      service,
      startAt,
      stopAt: startAt + DAY_MS / A_DAY,
      titles,
      descriptions,
    };
  });
}

/** The guide in the folder's store, at version 1, and 100 programmes renamed at version 2. Answers a token. */
async function prepare(environment: Record<string, string>): Promise<string> {
  const config = readConfig(environment);
  const log = createLog({ level: 'silent' });
  const store = await openStore(config, { log, clock: Date.now });
  try {
    const ids = Array.from({ length: SERVICES }, (_, index) => `service-${index}`);
    const today = dayOf(Date.now());
    await store.guide.takeTurn('bench', 0, DAY_MS);
    const services = ids.map((id, order) => ({ id, names: { en: id }, provider: 'demo', order, measured: [] }));
    await store.guide.put(1, { services });
    for (const [seed, service] of ids.entries()) {
      const pages = Array.from({ length: DAYS }, (_, day): Page => {
        return { service, day: today + day, programmes: programmesOf(service, today + day, seed) };
      });
      await store.guide.put(1, { pages });
    }
    await store.guide.endTurn('bench', 1, Date.now());
    await store.guide.takeTurn('bench', 0, DAY_MS);
    const changed = Array.from({ length: CHANGES }, (_, index): Page => {
      const service = ids[index % ids.length] ?? '';
      const [first, ...rest] = programmesOf(service, today + (index % DAYS), index % ids.length) as [Programme];
      return {
        service,
        day: today + (index % DAYS),
        programmes: [{ ...first, titles: { en: 'Another title' } }, ...rest],
      };
    });
    await store.guide.put(2, { pages: changed });
    await store.guide.endTurn('bench', 2, Date.now());
    const products = await createProducts({ store, config, key: readSecretKey(config), clock: Date.now, log });
    await products.accounts.add(
      { user: 'news', password: 'a long secret', role: 'provider', provider: 'demo' },
      'bench',
    );
    return (await products.accounts.issueToken('news', {}, 'bench')).token;
  } finally {
    await store.close();
  }
}

/** One request, not unpacked: its size, time, and entity-tag. */
async function once(url: string, headers: Record<string, string>) {
  const begunAt = performance.now();
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    get(url, { headers }, resolve).on('error', reject),
  );
  let size = 0;
  for await (const chunk of answer) size += (chunk as Buffer).length;
  const { statusCode = 0, headers: told } = answer;
  return { status: statusCode, size, etag: told.etag ?? '', seconds: (performance.now() - begunAt) / 1000 };
}

/** Greatest time of a small request while the work goes on, ms. */
async function longestWait(url: string, work: Promise<unknown>): Promise<number> {
  let longest = 0;
  let isOver = false;
  work.finally(() => {
    isOver = true;
  });
  while (!isOver) longest = Math.max(longest, (await once(`${url}/healthz`, {})).seconds * 1000);
  return longest;
}

async function load(url: string, connections: number, headers: Record<string, string>): Promise<string> {
  const named = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-c', CORE.load, 'wrk', '-t1', `-c${connections}`, `-d${SECONDS}s`, '--latency', ...named, url];
  const { stdout } = await promisify(execFile)('taskset', args);
  const failed = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  const perSecond = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  const transfer = /Transfer\/sec:\s+(\S+)/.exec(stdout)?.[1];
  return `${perSecond} requests/s, ${transfer}/s, p99 ${/99%\s+(\S+)/.exec(stdout)?.[1]}${failed > 0 ? `, ${failed} FAILED` : ''}`;
}

const dataDir = await mkdtemp(join(tmpdir(), 'bench-sg-'));
try {
  const environment = {
    DATA_DIR: dataDir,
    PORT: '0',
    SAMPLE_GUIDE: 'false',
    ADMIN_PASSWORD: 'bench only',
    MONGODB_URI: '',
  };
  const token = await prepare(environment);
  const server = await start(['server/main.ts'], environment);
  const rss = async (): Promise<string> =>
    `${((await readMetric(server.url, 'process_resident_memory_bytes')) / 1_048_576).toFixed(0)} MiB resident`;
  const credentials = { authorization: `Bearer ${token}` };
  console.log(`${SERVICES} services, ${SERVICES * DAYS * A_DAY} programmes; ${await rss()}`);
  for (const [what, path] of [
    ['whole', '/sg'],
    [`since, ${CHANGES} changes`, '/sg?since=1'],
    ['now and next', '/sg/now'],
  ]) {
    for (const coding of ['gzip', 'br']) {
      const headers = { ...credentials, 'accept-encoding': coding };
      const first = once(server.url + path, headers);
      const wait = await longestWait(server.url, first);
      const { size, etag, seconds, status } = await first;
      console.log(
        `${what}, ${coding}: ${status}, ${size} bytes, rendered in ${seconds.toFixed(2)} s; others waited ${wait.toFixed(0)} ms at most; ${await rss()}`,
      );
      console.log(`  kept: ${await load(server.url + path, size > 1_000_000 ? 4 : 64, headers)}; ${await rss()}`);
      console.log(`  304:  ${await load(server.url + path, 64, { ...headers, 'if-none-match': etag })}`);
    }
  }
  const plain = await once(`${server.url}/sg`, credentials);
  console.log(`whole, unpacked: ${plain.size} bytes in ${plain.seconds.toFixed(2)} s; ${await rss()}`);
  await server.stop();
} finally {
  await rm(dataDir, { recursive: true });
}
