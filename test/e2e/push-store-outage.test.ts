// A store that fails while handsets come for their streams: a problem for who comes, and the streams that are open stay (O5, G12).

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Database, openDatabase } from '../../server/store/sqlite/database.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { authorizationOf, openSse, openWebSocket } from '../support/stream-client.ts';

describe('event streams while the store fails', () => {
  let folder: string;
  let server: TestServer;
  let beside: Database;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pocketmeter-'));
    const file = join(folder, 'pocketmeter.db');
    server = await startServer({ SAMPLE_GUIDE: 'false' }, file);
    await server.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
    beside = openDatabase(file);
  });
  afterEach(async () => {
    beside.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  const hide = (): void => beside.exec('ALTER TABLE push_event RENAME TO hidden');
  const show = (): void => beside.exec('ALTER TABLE hidden RENAME TO push_event');
  const push = async (en: string): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ audience: { all: true }, content: { en } });
    return (await server.ask('/pushes', { method: 'POST', headers, body })).status;
  };

  it('O5, G12: who comes gets a problem in either form, who is there stays, and all heals', async () => {
    const staying = [
      await openSse({ url: server.url, user: 'abc' }),
      await openWebSocket({ url: server.url, user: 'abc' }),
    ];
    hide();
    const path = '/events?since=nonsense';
    const headers = { authorization: await authorizationOf({ url: server.url, user: 'abc', path }) };
    const answer = await fetch(server.url + path, { headers });
    expect(answer.status).to.equal(500);
    expect(answer.headers.get('content-type')).to.contain('application/problem+xml');
    const refused = await openWebSocket({ url: server.url, user: 'abc', path }).catch(({ message }: Error) => message);
    expect(refused).to.equal(`status 500 of ${path}`);
    expect(await push('lost')).to.equal(500);
    show();
    expect(await push('told')).to.equal(201);
    for (const client of staying) {
      const events = await client.until(1);
      expect(events.map(({ data }) => data.content)).to.deep.equal([{ text: { en: 'told' } }]);
      client.close();
    }
    for (const open of [openSse, openWebSocket]) {
      const client = await open({ url: server.url, user: 'abc', path });
      expect(client.start).to.include({ recovered: false });
      client.close();
    }
  });
});
