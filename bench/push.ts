// Idle event streams of one process in memory, and one update to all viewers of a service against brokers written in C (G16, G17).

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readChallenge, writeCredentials } from '../server/simulator/digest-credentials.ts';
import { createHandsetClient } from '../server/simulator/handset-client.ts';
import { type BenchUser, prepareAccounts, readMetric } from './ingest-accounts.ts';
import { CORE, coreTimeMs, start } from './pinned-server.ts';
import { startMosquitto, startNchan } from './push-brokers.ts';
import type { Order, Told } from './stream-clients.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '19600' }, // what a process may have of open files, less what else it needs
    viewers: { type: 'string', default: '10000' },
    updates: { type: 'string', default: '7' },
    'per-user': { type: 'string', default: '200' },
    profile: { type: 'boolean', default: false },
  },
});
const [STREAMS, VIEWERS, UPDATES] = [values.streams, values.viewers, values.updates].map(Number) as [
  number,
  number,
  number,
];
const OF_ONE_USER = Number(values['per-user']);
const OF_ONE_NONCE = 50;
const SETTLE_MS = 5_000;
const PAYLOAD = 'An update of about two hundred characters, as an operator sends it to who watches. '.repeat(2);
const ADMIN_PASSWORD = 'bench only';
const ADMIN = `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}`;

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Clients on the other core, with their connections open. */
async function openClients(port: number, requests: string[], greeting: string) {
  const child = fork(join(import.meta.dirname, 'stream-clients.ts'), {
    execPath: 'taskset',
    execArgv: ['-c', CORE.load, process.execPath],
  });
  const ask = async (order: Order): Promise<Told> => {
    const settled = new AbortController(); // else each order leaves its listeners behind
    const { signal } = settled;
    child.send(order);
    try {
      return await Promise.race([
        once(child, 'message', { signal }).then(([told]) => told as Told),
        once(child, 'exit', { signal }).then(() => Promise.reject(new Error('the clients ended'))),
      ]);
    } finally {
      settled.abort();
    }
  };
  await ask({ open: { port, requests, greeting } });
  return {
    pid: child.pid ?? 0,
    /** Milliseconds from the publishing until each had it. */
    async measure(publish: (marker: string) => Promise<void>, count: number): Promise<number[]> {
      const marker = `update-${process.hrtime.bigint()}`;
      const told = ask({ watch: { marker } });
      await sleep(200);
      const begun = performance.timeOrigin + performance.now();
      await publish(marker);
      const answer = await told;
      const received = 'received' in answer ? answer.received : [];
      if (received.length !== count) console.log(`  only ${received.length} of ${count} had it`);
      return received.map((at) => at - begun).sort((a, b) => a - b);
    },
    async close(): Promise<void> {
      const ended = once(child, 'exit');
      child.send({ close: true } satisfies Order);
      await ended;
    },
  };
}
type Clients = Awaited<ReturnType<typeof openClients>>;

interface Raced {
  /** Deliveries a second until the last; the median. */
  rate: number;
  /** What the server's core spent on one of them, microseconds. With what else it does meanwhile, as keep-alives; clients that are slow do not raise it. */
  costUs: number;
}

/** Prints the time until 99 of 100 had it, too. */
async function race(
  name: string,
  pid: number,
  clients: Clients,
  publish: (marker: string) => Promise<void>,
): Promise<Raced> {
  const spent = [pid, clients.pid].map(coreTimeMs);
  const rates: number[] = [];
  const p99s: number[] = [];
  for (let update = 0; update < UPDATES; update += 1) {
    const times = await clients.measure(publish, VIEWERS);
    rates.push((1_000 * times.length) / (times.at(-1) ?? Number.NaN));
    p99s.push(times[Math.floor(0.99 * times.length)] ?? Number.NaN);
  }
  const rate = median(rates);
  const [server, client] = [pid, clients.pid].map((each, index) => {
    return (1_000 * (coreTimeMs(each) - (spent[index] ?? 0))) / (UPDATES * VIEWERS);
  }) as [number, number];
  console.log(
    `${name}: ${rate.toFixed(0)} deliveries/s, p99 ${median(p99s).toFixed(0)} ms, to ${VIEWERS} streams; ` +
      `core time of one: server ${server.toFixed(1)} us, clients ${client.toFixed(1)} us`,
  );
  return { rate, costUs: server };
}

async function signRequests(url: string, users: readonly BenchUser[], count: number): Promise<string[]> {
  const { host } = new URL(url);
  const requests: string[] = [];
  for (let number = 0; number < count; ) {
    const { user, password } = users[number % users.length] as BenchUser;
    const asked = await fetch(`${url}/events`);
    await asked.arrayBuffer();
    const challenge = readChallenge([asked.headers.get('www-authenticate') ?? '']);
    if (challenge === undefined) throw new Error(`no challenge, but ${asked.status}`);
    for (let nc = 1; nc <= OF_ONE_NONCE && number < count; nc += 1, number += 1) {
      const of = users[Math.floor(number / OF_ONE_USER)] ?? { user, password };
      const login = { ...of, method: 'GET', target: '/events', count: nc, cnonce: '0a4f113b' };
      const credentials = writeCredentials(challenge, login);
      requests.push(
        `GET /events HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\nAuthorization: ${credentials}\r\n\r\n`,
      );
    }
    await sleep(2); // a nonce is of its millisecond
  }
  return requests;
}

async function logIn(url: string, { user, password }: BenchUser): Promise<void> {
  const client = createHandsetClient({ url, user, password, keepAlive: false, clock: Date.now });
  const body = `<LogReport><Message_Type Message_Type_Type="LogInInfo"/><User_ID User_ID_Type="${user}"/>
<Service_ID Service_ID_Type="01"/><Program_ID Program_ID_Type="11"/></LogReport>`;
  const { status } = await client.post({ path: '/', body: () => body, date: () => new Date() });
  client.close();
  if (status !== 200) throw new Error(`a LogIn was answered ${status}`);
}

const residentOf = (url: string): Promise<number> => readMetric(url, 'process_resident_memory_bytes');

const folder = await mkdtemp(join(tmpdir(), 'bench-push-'));
try {
  const environment = {
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    ADMIN_PASSWORD,
    LOG_LEVEL: 'info',
    EVENT_STREAMS_PER_USER: '1000',
    ONLINE_TIMEOUT_S: '3600',
    NONCE_LIFE_S: '3600',
  };
  const users = await prepareAccounts(environment, Math.ceil(Math.max(STREAMS, VIEWERS) / OF_ONE_USER));
  const profile = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${join(tmpdir(), 'bench-profile')}`] : [];
  const product = await start([...profile, 'server/main.ts'], environment);
  const port = Number(new URL(product.url).port);
  const requests = await signRequests(product.url, users, STREAMS);
  await sleep(SETTLE_MS);
  const before = await residentOf(product.url);
  const idle = await openClients(port, requests, 'event: stream');
  await sleep(SETTLE_MS);
  const [open, after] = [
    await readMetric(product.url, 'pocketmeter_event_streams_open'),
    await residentOf(product.url),
  ];
  const each = (after - before) / STREAMS / 1_000;
  console.log(
    `${open} idle streams: ${each.toFixed(1)} KB resident each (bound 20), ${(after / 1e6).toFixed(0)} MB in all`,
  );
  await idle.close();
  await sleep(SETTLE_MS);

  const viewing = users.slice(0, Math.ceil(VIEWERS / OF_ONE_USER));
  const clients = await openClients(port, await signRequests(product.url, viewing, VIEWERS), 'event: stream');
  for (const user of viewing) await logIn(product.url, user);
  const push = async (marker: string): Promise<void> => {
    const answer = await fetch(`${product.url}/pushes`, {
      method: 'POST',
      headers: { Authorization: ADMIN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ audience: { service: '01' }, content: { en: `${PAYLOAD}${marker}` } }),
    });
    if (answer.status !== 201) throw new Error(`a push was answered ${answer.status}`);
    await answer.arrayBuffer();
  };
  const ours = await race('pocketmeter', product.pid, clients, push);
  await clients.close();
  await product.stop();

  const theirs: Raced[] = [];
  for (const [name, startBroker] of Object.entries({ nchan: startNchan, mosquitto: startMosquitto })) {
    const broker = await startBroker(folder);
    if (broker === undefined) {
      console.log(`${name.toUpperCase()} IS NOT INSTALLED: NOT COMPARED WITH`);
      continue;
    }
    try {
      const subscribers = await openClients(broker.port, new Array(VIEWERS).fill(broker.request), broker.greeting);
      theirs.push(await race(name, broker.pid, subscribers, (marker) => broker.publish(`${PAYLOAD}${marker}`)));
      await subscribers.close();
    } finally {
      await broker.stop();
    }
  }
  if (theirs.length > 0)
    console.log(
      `ratio to the faster: ${(ours.rate / Math.max(...theirs.map(({ rate }) => rate))).toFixed(2)} (bound 0.3, aim 0.5); ` +
        `by core time ${(Math.min(...theirs.map(({ costUs }) => costUs)) / ours.costUs).toFixed(2)}`,
    );
} finally {
  await rm(folder, { recursive: true, force: true });
}
