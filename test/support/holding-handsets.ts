// Handsets that hold event streams through kill -9 and outages, and operators who push meanwhile: who must have what, held against what came (G12-G15).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { passwordOf } from './reporting-handsets.ts';
import { logReport } from './reports.ts';
import { openSse, type StreamClient } from './stream-client.ts';

/** One device's stream, through every server that there was. */
interface Device {
  number: number;
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

export interface Holding {
  /** Every user watches something, or a service that nobody pushes to. */
  logInAll(): Promise<void>;
  /** Opens the streams that are not, each where its last ended; none may say that something is lost. */
  connectAll(): Promise<void>;
  /** To all, to viewers of a service, to one user, in turns; tried again, under the same id, until it is acknowledged. */
  push(): Promise<void>;
  /** Streams that are over now. */
  countOver(): number;
  /** Waits until each device has what was acknowledged and is for it, and expects it to be that alone, once by id, and in order. */
  check(): Promise<{ pushes: number; doubles: number }>;
  close(): void;
}

const AT_ONCE = 50;
const AGAIN_MS = 20;
const WITHIN_MS = 60_000;
const SERVICES = ['01', '02', undefined];
const serviceOf = (user: number): string | undefined => SERVICES[user % SERVICES.length];

/** `urlOf` says where a device goes now, `ask` is a request of the administrator to a server that is there. */
export function holdStreams(deps: {
  users: readonly string[];
  streams: number;
  urlOf(device: number): string;
  ask(path: string, init: RequestInit): Promise<Response>;
  /** From 0 to below `bound`. */
  random(bound: number): number;
}): Holding {
  const { users, urlOf } = deps;
  const sent: Sent[] = [];
  let pushed = 0;
  const devices = Array.from(
    { length: deps.streams },
    (_, number): Device => ({
      ...{ number, user: number % users.length, stream: undefined, lastId: undefined },
      ...{ received: new Map(), doubles: 0, outOfOrder: 0 },
    }),
  );

  const logIn = async (user: number): Promise<void> => {
    const [name, service] = [users[user] ?? '', serviceOf(user)];
    const password = passwordOf(name);
    const client = createHandsetClient({ url: urlOf(user), user: name, password, keepAlive: false, clock: Date.now });
    const { status } = await client.post({
      path: '/',
      body: () => logReport('LogInInfo', name, service ?? '', service === undefined ? '' : `${service}1`),
      date: () => new Date(),
    });
    client.close();
    expect(status).to.equal(200);
  };

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

  const connect = async (device: Device): Promise<void> => {
    while (device.stream === undefined || device.stream.isOver()) {
      take(device);
      const user = users[device.user] ?? '';
      const resumed = device.lastId === undefined ? {} : { lastEventId: device.lastId };
      const opening = { url: urlOf(device.number), user, password: passwordOf(user), ...resumed };
      device.stream = await openSse(opening).catch(() => undefined);
      if (device.stream === undefined) await sleep(AGAIN_MS);
      else if (device.stream.start.recovered === undefined)
        device.stream = undefined; // broken off before it began
      else expect(device.stream.start.recovered, device.lastId).to.equal(true);
    }
  };

  const choose = (number: number): [audience: object, isFor: Sent['isFor']] => {
    const user = deps.random(users.length);
    const choices: [object, Sent['isFor']][] = [
      [{ all: true }, () => true],
      [{ service: '01' }, (each) => serviceOf(each) === '01'],
      [{ service: '02' }, (each) => serviceOf(each) === '02'],
      [{ user: users[user] }, (each) => each === user],
    ];
    return choices[number % choices.length] as [object, Sent['isFor']];
  };

  return {
    async logInAll() {
      await Promise.all(users.map((_, user) => logIn(user)));
    },

    async connectAll() {
      for (let from = 0; from < devices.length; from += AT_ONCE)
        await Promise.all(devices.slice(from, from + AT_ONCE).map(connect));
    },

    async push() {
      const number = pushed;
      pushed += 1;
      const [audience, isFor] = choose(number);
      const text = `push ${number}`;
      const body = JSON.stringify({ audience, content: { en: text }, id: `push-${number}` });
      for (let status = 0; status !== 200 && status !== 201; ) {
        const headers = { 'content-type': 'application/json' };
        const asked = deps.ask('/pushes', { method: 'POST', headers, body });
        status = await asked.then(
          (answer) => answer.status,
          () => 0,
        );
        if (status === 0 || status >= 500) await sleep(AGAIN_MS);
        else expect(status, text).to.be.within(200, 201);
      }
      sent.push({ text, isFor });
    },

    countOver: () => devices.filter(({ stream }) => stream?.isOver() !== false).length,

    async check() {
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
      return { pushes: sent.length, doubles: devices.reduce((sum, { doubles }) => sum + doubles, 0) };
    },

    close() {
      for (const { stream } of devices) stream?.close();
    },
  };
}
