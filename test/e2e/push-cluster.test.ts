// Events between servers on one MongoDB: what one is told reaches streams at the others, also when one dies (G15, O4). Runs where STORES asks for mongo.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { dropDatabase, isMongoAsked, newDatabaseName, uriOfDatabase } from '../support/mongo.ts';
import { logReport } from '../support/reports.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { openSse, type StreamClient } from '../support/stream-client.ts';

const SOON_MS = 5_000;
const textOf = ({ data }: { data: Record<string, unknown> }): unknown =>
  (data.content as { text: { en: string } }).text?.en;

(isMongoAsked ? describe : describe.skip)('events of two servers on one MongoDB', () => {
  let uri: string;
  let servers: [TestServer, TestServer];
  const clock = { now: 0 };
  beforeEach(async () => {
    clock.now = Date.UTC(2026, 10, 20, 18);
    uri = uriOfDatabase(newDatabaseName());
    servers = [await start(), await start()];
    for (const user of ['abc', 'other'])
      await servers[0].products.accounts.add({ user, password: 'secret', role: 'handset' }, 'test');
    for (const { products } of servers) await soon(async () => (await guideEvents(products.push)) > 0);
  });
  afterEach(async () => {
    for (const server of new Set(servers)) await server.close();
    await dropDatabase(uri);
  });

  const start = (): Promise<TestServer> =>
    startServer({ MONGODB_URI: uri, EVENT_KEEP_ALIVE_S: '1' }, undefined, {}, clock);
  const guideEvents = async ({ mailbox }: TestServer['products']['push']): Promise<number> =>
    (await mailbox.list({ viewer: 0 }, { limit: 9 })).events.length;
  const soon = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
    for (const end = Date.now() + SOON_MS; !(await isSo()); await sleep(20))
      if (Date.now() > end) throw new Error(`it is not so within ${SOON_MS} ms`);
  };
  const push = async (server: TestServer, audience: object, en: string, more: object = {}) => {
    const body = JSON.stringify({ audience, content: { text: { en } }, ...more });
    const answer = await server.ask('/pushes', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    return (await answer.json()) as { reached: number; marked: number };
  };
  const report = async (server: TestServer, user: string, type: string, service: string): Promise<string> => {
    clock.now += 1_000;
    const client = createHandsetClient({
      url: server.url,
      user,
      password: 'secret',
      keepAlive: false,
      clock: Date.now,
    });
    const body = logReport(type, user, service, `${service}1`);
    const answer = await client.post({ path: '/', body: () => body, date: () => new Date(clock.now) });
    client.close();
    return answer.body;
  };

  it('G15, I2: an event through one reaches who watches at the other, and who begins to', async () => {
    const [one, other] = servers;
    const [watching, late] = [
      await openSse({ url: other.url, user: 'abc' }),
      await openSse({ url: one.url, user: 'other' }),
    ];
    await report(one, 'abc', 'LogInInfo', '01');
    await soon(() => other.products.viewing.online.countViewers('01') === 1);
    await push(one, { service: '01' }, 'now', { validUntil: new Date(clock.now + 60_000).toISOString() });
    expect((await watching.until(1)).map(textOf)).to.deep.equal(['now']);
    await report(other, 'other', 'LogInInfo', '01');
    expect((await late.until(1)).map(textOf)).to.deep.equal(['now']);
    for (const client of [watching, late]) client.close();
  });

  it('V5, V15, G12: streams at one are known at the other: as signs of life, as reached, and as delivered', async () => {
    const [one, other] = servers;
    const client = await openSse({ url: other.url, user: 'abc' });
    expect(await report(one, 'abc', 'LogInInfo', '01')).to.contain('<Interaction needsUpdate="false"/>');
    await soon(async () => (await push(one, { user: 'abc' }, 'count')).reached === 1);
    expect(await push(one, { service: '01' }, 'count')).to.include({ reached: 1, marked: 0 });
    await soon(async () =>
      (await report(one, 'abc', 'LogInInfo', '01')).includes('<Interaction needsUpdate="false"/>'),
    );
    for (const _ of [1, 2]) {
      clock.now += 200_000;
      const { items } = (await (await one.ask('/online?service=01')).json()) as { items: { lastSignAt: string }[] };
      expect(items).to.have.length(1);
      await soon(async () => {
        const [device] = one.products.viewing.online.list({ limit: 1 });
        return device !== undefined && clock.now - device.lastSignAt < 100_000;
      });
    }
    client.close();
    await soon(async () => (await push(one, { user: 'abc' }, 'gone')).reached === 0);
    expect(await report(one, 'abc', 'LogInInfo', '01')).to.contain('<Interaction needsUpdate="true"/>');
  });

  it('O1: an account that is disabled at one loses its streams at the other', async () => {
    const [one, other] = servers;
    const client = await openSse({ url: other.url, user: 'abc' });
    await one.products.accounts.disable('abc', 'test');
    await client.over();
  });

  it('G13: a guide that changes is told once, whoever sees it', async () => {
    const [one, other] = servers;
    const clients = [await openSse({ url: one.url, user: 'abc' }), await openSse({ url: other.url, user: 'other' })];
    const service = (await one.products.guide.listServices())[0];
    if (service === undefined) throw new Error('there is no sample guide');
    const revision = await other.products.guide.putService({ role: 'administrator' }, { ...service, genre: 'new' });
    for (const client of clients) {
      const [event] = await client.until(1);
      expect(event?.kind).to.equal('guide-changed');
      expect(event?.data.content).to.deep.equal({ version: revision, since: revision - 1, services: [service.id] });
    }
    await push(one, { all: true }, 'end');
    for (const client of clients) {
      expect((await client.until(2)).map(textOf)).to.deep.equal([undefined, 'end']);
      client.close();
    }
  });

  it('G14, O4: an id that one has just given out is known at the other, and a forged one is not', async () => {
    const [one, other] = servers;
    const device = await openSse({ url: one.url, user: 'abc' });
    for (let round = 0; round < 3; round += 1) {
      await sleep(1_500); // where nobody has a stream it is looked for events but once a second
      await push(one, { user: 'abc' }, `event ${round}`);
      await device.until(round + 1);
      const [epoch, offset] = device.lastId().split(':');
      const there = await openSse({ url: other.url, user: 'abc', lastEventId: device.lastId() });
      expect(there.start).to.include({ recovered: true, id: device.lastId() });
      there.close();
      const forged = await openSse({ url: other.url, user: 'abc', lastEventId: `${epoch}:${Number(offset) + 1}` });
      expect(forged.start).to.include({ recovered: false });
      forged.close();
    }
    device.close();
  });

  it('G14, G15: one dies while events flow: every device ends up with every event, in order, once by id', async () => {
    const [one, other] = servers;
    const devices = Array.from({ length: 8 }, (_, index) => `d${index}`);
    const got = new Map<string, string[]>(devices.map((device) => [device, []]));
    let isOver = false;
    /** A handset: when its stream ends it comes back, to the one that is there. */
    const hold = async (device: string, at: TestServer): Promise<void> => {
      let lastEventId: string | undefined;
      for (let server = at; !isOver; server = other) {
        const path = `/events?device=${device}`;
        const resume = lastEventId === undefined ? {} : { lastEventId };
        const client: StreamClient = await openSse({ url: server.url, user: 'abc', path, ...resume });
        const seen = got.get(device) ?? [];
        for (let at = 0; !(client.isOver() || isOver); await sleep(5))
          for (; at < client.events.length; at += 1) {
            const id = String(client.events[at]?.data.id);
            if (!seen.includes(id)) seen.push(id);
          }
        lastEventId = client.lastId();
        client.close();
      }
    };
    const holding = devices.map((device, index) => hold(device, index % 2 === 0 ? one : other));
    await soon(() => one.products.push.counts().open + other.products.push.counts().open === devices.length);
    const { push: at } = other.products;
    const sendOne = (index: number) =>
      (index < 20 && index % 2 === 0 ? one : other).products.push.notify({
        kind: 'message',
        audience: { all: true },
        content: {},
        key: `k${index}`,
      });
    for (let index = 0; index < 40; index += 1) {
      await sendOne(index);
      if (index === 20) servers = [other, other];
      if (index === 20) void one.close();
      await sleep(10);
    }
    const wanted = (await at.mailbox.list({ viewer: -1 }, { limit: 1_000 })).events.filter(
      ({ kind }) => kind === 'message',
    );
    expect(wanted).to.have.length(40);
    const ids = wanted.map(({ offset }) => `${at.epoch()}:${offset}`);
    await soon(() => [...got.values()].every((seen) => ids.every((id) => seen.includes(id))));
    isOver = true;
    await Promise.all(holding);
    for (const seen of got.values()) expect(seen.filter((id) => ids.includes(id))).to.deep.equal(ids);
  });
});
