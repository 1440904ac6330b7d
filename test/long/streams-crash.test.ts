// kill -9 while many event streams are open and updates flow: each device has every event that is for it, once and in order (G12-G14).

import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { createRandom } from '../../server/simulator/random.ts';
import { makeData, passwordOf, userNames } from '../support/reporting-handsets.ts';
import { logReport } from '../support/reports.ts';
import { type Environment, type ServerProcess, spawnServer } from '../support/server-process.ts';
import { openSse, type StreamClient } from '../support/stream-client.ts';

const STREAMS = Number(process.env.STREAMS ?? 1_000);
const ROUNDS = Number(process.env.ROUNDS ?? 4);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const OF_ONE_USER = 10;
const AT_ONCE = 50;
const WORK_MS = 1_500;
const PAUSE_MS = 15; // between pushes
const WITHIN_MS = 60_000;
const SERVICES = ['01', '02', undefined];
const serviceOf = (user: number): string | undefined => SERVICES[user % SERVICES.length];

/** One device's stream, through every server that there was. */
interface Device {
  user: number;
  stream: StreamClient | undefined;
  lastId: string | undefined;
  /** Texts by the event's place, doubles dropped. */
  received: Map<number, string>;
  doubles: number;
  outOfOrder: number;
}

interface Sent {
  text: string;
  isFor(user: number): boolean;
}

describe(`kill -9 under ${STREAMS} event streams, ${ROUNDS} rounds, SEED=${SEED}`, () => {
  const users = userNames(STREAMS / OF_ONE_USER);
  const random = createRandom(SEED, 0);
  let environment: Environment;
  let server: ServerProcess;
  let url: string;
  let isPushing = true;
  const sent: Sent[] = [];

  before(async () => {
    environment = await makeData(users, { EVENT_RETRY_S: '1' });
    await startServer();
  });
  after(async () => {
    if (server.isAlive()) server.kill('SIGKILL');
    await server.ended;
    await rm(environment.DATA_DIR, { recursive: true });
  });

  async function startServer(): Promise<void> {
    server = spawnServer(environment);
    url = `http://127.0.0.1:${await server.ready()}`;
  }

  async function logIn(user: number): Promise<void> {
    const [name, service] = [users[user] ?? '', serviceOf(user)];
    const client = createHandsetClient({
      url,
      user: name,
      password: passwordOf(name),
      keepAlive: false,
      clock: Date.now,
    });
    const { status } = await client.post({
      path: '/',
      body: () => logReport('LogInInfo', name, service ?? '', service === undefined ? '' : `${service}1`),
      date: () => new Date(),
    });
    client.close();
    expect(status).to.equal(200);
  }

  /** Tried again, under the same id, until it is acknowledged. */
  async function push(number: number): Promise<void> {
    const user = random.integer(0, users.length - 1);
    const choices: [object, Sent['isFor']][] = [
      [{ all: true }, () => true],
      [{ service: '01' }, (each) => serviceOf(each) === '01'],
      [{ service: '02' }, (each) => serviceOf(each) === '02'],
      [{ user: users[user] }, (each) => each === user],
    ];
    const [audience, isFor] = choices[number % choices.length] as [object, Sent['isFor']];
    const text = `push ${number}`;
    const body = JSON.stringify({ audience, content: { en: text }, id: `push-${number}` });
    for (let status = 0; status !== 200 && status !== 201; ) {
      const headers = { 'content-type': 'application/json' };
      status = await server.ask('/pushes', { method: 'POST', headers, body }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 0 || status >= 500) await sleep(20);
      else expect(status, text).to.be.within(200, 201);
    }
    sent.push({ text, isFor });
  }

  const take = (device: Device): void => {
    const { stream, received } = device;
    if (stream === undefined) return;
    for (const { kind, data } of stream.events.splice(0)) {
      if (kind !== 'message') continue;
      const place = Number(String(data.id).split(':')[1]);
      if (received.has(place)) device.doubles += 1;
      else if (place < Math.max(0, ...received.keys())) device.outOfOrder += 1;
      received.set(place, (data.content as { text: { en: string } }).text.en);
    }
    device.lastId = stream.lastId() || device.lastId;
  };

  async function connect(device: Device): Promise<void> {
    while (device.stream === undefined || device.stream.isOver()) {
      take(device);
      const user = users[device.user] ?? '';
      const resumed = device.lastId === undefined ? {} : { lastEventId: device.lastId };
      device.stream = await openSse({ url, user, password: passwordOf(user), ...resumed }).catch(() => undefined);
      if (device.stream === undefined) await sleep(20);
      else expect(device.stream.start.recovered).to.equal(true);
    }
  }

  async function connectAll(devices: readonly Device[]): Promise<void> {
    for (let from = 0; from < devices.length; from += AT_ONCE)
      await Promise.all(devices.slice(from, from + AT_ONCE).map(connect));
  }

  it('G14: nothing is missed, doubled, out of order, or meant for another', async () => {
    await Promise.all(users.map((_, user) => logIn(user)));
    const devices = Array.from(
      { length: STREAMS },
      (_, number): Device => ({
        ...{ user: number % users.length, stream: undefined, lastId: undefined },
        ...{ received: new Map(), doubles: 0, outOfOrder: 0 },
      }),
    );
    await connectAll(devices);
    const pushing = (async () => {
      for (let number = 0; isPushing; number += 1) {
        await push(number);
        await sleep(PAUSE_MS);
      }
    })();
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(random.integer(WORK_MS / 3, WORK_MS));
      server.kill('SIGKILL');
      await server.ended;
      await startServer();
      await connectAll(devices);
    }
    await sleep(WORK_MS);
    isPushing = false;
    await pushing;
    const expected = users.map((_, user) => sent.filter(({ isFor }) => isFor(user)).map(({ text }) => text));
    const isThere = (device: Device): boolean => {
      take(device);
      return device.received.size >= (expected[device.user]?.length ?? 0);
    };
    for (const end = Date.now() + WITHIN_MS; !devices.every(isThere) && Date.now() < end; ) await sleep(100);
    for (const { user, received, outOfOrder } of devices) {
      const inOrder = [...received].sort(([a], [b]) => a - b).map(([, text]) => text);
      expect(inOrder, users[user]).to.deep.equal(expected[user]);
      expect(outOfOrder, users[user]).to.equal(0);
    }
    const doubles = devices.reduce((sum, device) => sum + device.doubles, 0);
    console.log(`      ${sent.length} pushes, ${ROUNDS} kills, ${STREAMS} streams; ${doubles} doubles dropped by id`);
    for (const { stream } of devices) stream?.close();
  });
});
