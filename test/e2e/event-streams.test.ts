// Event streams by real clients: what was missed, what comes, who watches, and an end when there must be one (G12-G16, V15).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { digestAuthorization } from '../support/digest-client.ts';
import { logReport } from '../support/reports.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { authorizationOf, openSse, openWebSocket, type StreamClient } from '../support/stream-client.ts';

const FORMS = { 'Server-Sent Events': openSse, WebSocket: openWebSocket };
const textOf = ({ data }: { data: Record<string, unknown> }): unknown =>
  (data.content as { text: { en: string } }).text?.en;

for (const [name, openStream] of Object.entries(FORMS)) {
  describe(`event streams by ${name}`, () => {
    let server: TestServer;
    const clients: StreamClient[] = [];
    before(async () => {
      server = await startServer({ EVENT_KEEP_ALIVE_S: '1', EVENT_STREAMS_PER_USER: '3' });
      for (const user of ['abc', 'other', 'early', 'late'])
        await server.products.accounts.add({ user, password: 'secret', role: 'handset' }, 'test');
      const { mailbox } = server.products.push;
      while ((await mailbox.list({ viewer: 0 }, { limit: 1 })).events.length === 0) await sleep(20); // the sample guide is told
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) client.close();
      while (server.products.push.counts().open > 0) await sleep(5);
    });
    after(() => server.close());

    const open = async (user: string, path = '/events', lastEventId?: string): Promise<StreamClient> => {
      const query =
        lastEventId === undefined || openStream === openSse
          ? ''
          : `${path.includes('?') ? '&' : '?'}since=${lastEventId}`;
      const header = openStream === openSse && lastEventId !== undefined ? { lastEventId } : {};
      const client = await openStream({ url: server.url, user, path: path + query, ...header });
      clients.push(client);
      return client;
    };
    const push = async (audience: object, en: string, more: object = {}): Promise<Record<string, unknown>> => {
      const body = JSON.stringify({ audience, content: { text: { en } }, ...more });
      const answer = await server.ask('/pushes', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status, await answer.clone().text()).to.be.oneOf([200, 201]);
      return (await answer.json()) as Record<string, unknown>;
    };
    const report = async (user: string, type: string, service: string): Promise<string> => {
      server.clock.now += 1_000;
      const asked = await fetch(server.url, { method: 'POST' });
      const challenge = (asked.headers.get('www-authenticate') ?? '').split(/, (?=Digest )/);
      const authorization = digestAuthorization({
        challenge,
        user,
        password: 'secret',
        method: 'POST',
        uri: '/',
        nc: 1,
        cnonce: 'x',
      });
      const headers = { authorization, 'content-type': 'text/xml', date: new Date(server.clock.now).toUTCString() };
      const answer = await fetch(server.url, {
        method: 'POST',
        headers,
        body: logReport(type, user, service, `${service}1`),
      });
      return await answer.text();
    };

    it('G12: an event arrives on every stream that it is for, with an id, and is reached', async () => {
      const one = await open('abc');
      const other = await open('other');
      expect(one.start).to.include({ recovered: true });
      const told = await push({ all: true }, 'to all');
      expect(told).to.include({ reached: 2, marked: 0 });
      for (const client of [one, other]) {
        const [event] = await client.until(1);
        expect(event).to.deep.include({ lastId: told.event, kind: 'message' });
        if (openStream === openSse) expect(event?.ownId).to.equal(told.event);
        expect(event?.data).to.deep.include({ id: told.event, content: { text: { en: 'to all' } } });
      }
      expect(await push({ user: 'other' }, 'to one')).to.include({ reached: 1, marked: 0 });
      await other.until(2);
      await push({ all: true }, 'last');
      expect((await one.until(2)).map(textOf)).to.deep.equal(['to all', 'last']);
    });

    it('G14: what was missed comes first, in order, then what comes, each once', async () => {
      const first = await open('abc');
      await push({ all: true }, 'seen');
      await first.until(1);
      const id = first.lastId();
      first.close();
      for (const text of ['missed 1', 'missed 2']) await push({ user: 'abc' }, text);
      await push({ user: 'other' }, 'not his');
      const opening = open('abc', '/events', id);
      await push({ all: true }, 'at the seam');
      const again = await opening;
      expect(again.start).to.deep.include({ recovered: true, id });
      await push({ all: true }, 'live');
      expect((await again.until(4)).map(textOf)).to.deep.equal(['missed 1', 'missed 2', 'at the seam', 'live']);
    });

    it('G14: an id that is forged, foreign, of the future or none is not recovered; all that is left comes', async () => {
      await push({ user: 'abc' }, 'kept');
      const { event } = await push({ user: 'abc' }, 'kept, too');
      const [epoch, offset] = String(event).split(':');
      for (const id of [
        `foreign:${offset}`,
        `${epoch}:${Number(offset) + 99}`,
        `${epoch}:-1`,
        'nonsense',
        ':',
        `${epoch}:1e3`,
      ]) {
        const client = await open('abc', '/events', encodeURI(id));
        expect(client.start, id).to.include({ recovered: false });
        const events = await client.until(2);
        expect(events.map(textOf).slice(-2), id).to.deep.equal(['kept', 'kept, too']);
        client.close();
      }
    });

    it('I2, G13: who watches gets it, who begins to while it is valid gets it then, once, and who had left does not', async () => {
      await report('early', 'LogInInfo', '01');
      const watching = await open('early');
      const elsewhere = await open('late');
      const told = await push({ service: '01' }, 'watch', {
        validUntil: new Date(server.clock.now + 60_000).toISOString(),
      });
      expect(told).to.include({ reached: 1, marked: 0 });
      expect((await watching.until(1)).map(textOf)).to.deep.equal(['watch']);
      await report('late', 'LogInInfo', '01');
      const [late] = await elsewhere.until(1);
      expect(late?.data.id).to.equal(told.event);
      if (openStream === openSse) expect(late?.ownId, 'the stream goes on from where it was').to.equal(undefined);
      await report('late', 'LogInInfo', '02');
      await report('late', 'LogInInfo', '01');
      await push({ service: '01', programme: '999' }, 'another programme');
      await push({ service: '02' }, 'another service');
      server.clock.now += 120_000;
      await push({ all: true }, 'end');
      expect((await elsewhere.until(2)).map(textOf)).to.deep.equal(['watch', 'end']);
      expect((await watching.until(2)).map(textOf)).to.deep.equal(['watch', 'end']);
    });

    it('V15: an open stream is a sign of life of the device that it names', async () => {
      await report('abc', 'LogInInfo', '01');
      const client = await open('abc');
      server.clock.now += 250_000;
      await client.signs(2); // one may have been on its way
      expect(client.lastId()).to.match(/^[\w-]+:\d+$/);
      server.clock.now += 250_000;
      const { items } = (await (await server.ask('/online?service=01')).json()) as { items: { user: string }[] };
      expect(items.map(({ user }) => user)).to.include('abc');
      await report('abc', 'LogOutInfo', '01');
    });

    it('O11: a user has so many streams and no more; one of the same device takes the place of the old', async () => {
      const first = await open('abc', '/events?device=d1');
      await open('abc', '/events?device=d2');
      await open('abc', '/events?device=d3');
      const answer = await fetch(`${server.url}/events`, {
        headers: { authorization: await authorizationOf({ url: server.url, user: 'abc' }) },
      });
      expect(answer.status).to.equal(503);
      expect(answer.headers.get('retry-after')).to.match(/^\d+$/);
      expect(answer.headers.get('content-type')).to.match(/^application\/problem\+xml/);
      const second = await open('abc', '/events?device=d1');
      await first.over();
      await push({ all: true }, 'on');
      await second.until(1);
    });

    it('V8: wrong credentials, staff and no credentials get no stream', async () => {
      for (const headers of [
        {},
        { authorization: server.admin },
        { authorization: await authorizationOf({ url: server.url, user: 'abc', password: 'wrong' }) },
      ])
        expect(
          (await fetch(`${server.url}/events`, { headers: headers as Record<string, string> })).status,
        ).to.be.oneOf([401, 403]);
      const failed = await openStream({ url: server.url, user: 'abc', password: 'wrong' }).catch(
        (error: Error) => error.message,
      );
      expect(failed).to.equal('status 401 of /events');
    });

    it('O1: a disabled account loses its streams', async () => {
      const client = await open('other');
      await server.products.accounts.disable('other', 'test');
      await client.over();
      await server.products.accounts.enable('other', 'test');
    });

    it('G16, O7: at the end each is told when to come back', async () => {
      const own = await startServer({ EVENT_RETRY_S: '20' });
      await own.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
      const client = await openStream({ url: own.url, user: 'abc' });
      expect(client.retryMs()).to.be.within(1_000, 20_000);
      await own.close();
      await client.over();
      expect(client.retryMs()).to.be.within(1_000, 20_000);
    });
  });
}
