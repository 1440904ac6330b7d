// Readers that do not read: cut off within bounds, harming nobody, and resumed later (G16, O11).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startServer, type TestServer } from '../support/server.ts';
import { openSse, openWebSocket } from '../support/stream-client.ts';

const WITHIN_MS = 15_000;
const LARGE = 'x'.repeat(30_000);

for (const [name, open] of Object.entries({ 'Server-Sent Events': openSse, WebSocket: openWebSocket })) {
  describe(`slow readers by ${name}`, () => {
    let server: TestServer;
    const start = async (settings: Record<string, string>): Promise<TestServer> => {
      const started = await startServer({ EVENT_STUCK_S: '2', SAMPLE_GUIDE: 'false', ...settings });
      for (const user of ['slow', 'quick'])
        await started.products.accounts.add({ user, password: 'secret', role: 'handset' }, 'test');
      return started;
    };
    beforeEach(async () => {
      server = await start({ EVENT_BUFFER_BYTES: '65536' });
    });
    afterEach(() => server.close());

    const send = (key: number, text = LARGE): Promise<void> =>
      server.products.push.notify({ kind: 'message', audience: { all: true }, content: { text }, key: String(key) });
    const cut = async (): Promise<void> => {
      for (const end = Date.now() + WITHIN_MS; server.products.push.counts().cutOff === 0; await sleep(20))
        if (Date.now() > end) throw new Error('it was not cut off');
    };

    it('G16: who takes nothing is cut off by bytes; others get everything; and it resumes with what it missed', async () => {
      const slow = await open({ url: server.url, user: 'slow' });
      const quick = await open({ url: server.url, user: 'quick' });
      await send(0, 'first');
      await slow.until(1);
      const id = slow.lastId();
      slow.pause();
      let sent = 1;
      for (; server.products.push.counts().cutOff === 0; sent += 1) {
        if (sent > 2_000) throw new Error('it is not cut off after 60 MB');
        await send(sent);
        await quick.until(sent + 1);
      }
      expect(await quick.until(sent)).to.have.length(sent);
      expect(server.products.push.counts()).to.include({ open: 1, cutOff: 1 });
      slow.close();
      const again = await open({ url: server.url, user: 'slow', path: `/events?since=${id}` });
      const events = await again.until(sent - 1);
      const ids = quick.events.map(({ data }) => data.id);
      expect(events.map(({ data }) => data.id)).to.deep.equal(ids.slice(1));
      again.close();
      quick.close();
    });

    it('G16: who takes nothing is cut off after a time, however little waits', async () => {
      await server.close();
      server = await start({ EVENT_BUFFER_BYTES: '67108864' });
      const slow = await open({ url: server.url, user: 'slow' });
      slow.pause();
      for (let sent = 0; sent < 1_000; sent += 1) await send(sent); // 30 MB: more than the systems of both ends take
      await cut(); // on a slow machine while it was sent
      expect(server.products.push.counts().open).to.equal(0);
    });

    it('G14, G16: what is removed before a slow reader has come to it is not skipped in silence', async () => {
      await server.close();
      server = await start({ EVENT_STUCK_S: '60', EVENT_HISTORY: '100' });
      const before = await open({ url: server.url, user: 'slow' });
      const id = before.lastId();
      before.close();
      const SENT = 1_200; // 36 MB: more than the systems of both ends take, and than is kept in memory
      for (let sent = 0; sent < SENT; sent += 1) await send(sent);
      const slow = await open({ url: server.url, user: 'slow', path: `/events?since=${id}` });
      slow.pause();
      await sleep(200);
      expect(await server.products.push.removeOld()).to.be.above(SENT / 2);
      slow.resume();
      await slow.over();
      const seen = slow.events.map(({ data }) => data.id);
      expect(seen.length).to.be.within(1, SENT - 101);
      const again = await open({ url: server.url, user: 'slow', path: `/events?since=${slow.lastId()}` });
      expect(again.start).to.include({ recovered: false });
      expect((await again.until(100)).map(({ data }) => data.id)).not.to.include.members(seen.slice(-1));
      again.close();
    });

    it('G16: a resume that is longer than the buffer is written as fast as it is read', async () => {
      const quick = await open({ url: server.url, user: 'quick' });
      const id = quick.lastId();
      quick.close();
      for (let index = 0; index < 100; index += 1) await send(index);
      const again = await open({ url: server.url, user: 'quick', path: `/events?since=${id}` });
      expect(await again.until(100)).to.have.length(100);
      expect(server.products.push.counts().cutOff).to.equal(0);
      again.close();
    });
  });
}
