// What the connection to MongoDB promises beyond the ports, on the server that MONGODB_URI names (O3, O5).

import { expect } from 'chai';
import { createLog } from '../../server/log.ts';
import { Problem } from '../../server/problem.ts';
import { openMongoDatabase } from '../../server/store/mongo/database.ts';
import { openMongoPorts } from '../../server/store/mongo/open-mongo-store.ts';
import { startProxy } from '../support/listening.ts';
import { isMongoAsked, newDatabaseName, openScratchDatabase, uriOfDatabase } from '../support/mongo.ts';

const log = createLog({ level: 'silent' });
let now = 0;
const clock = (): number => now;
const ACCOUNT = { user: 'a', role: 'handset', name: '', viewer: 1, enabled: true, createdAt: 0 } as const;

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

if (isMongoAsked) {
  describe('MongoDB', () => {
    it('O3: a wrong password is told in one line that does not repeat it', async () => {
      const uri = new URL(uriOfDatabase('any'));
      if (uri.username === '') return;
      uri.password = 'wr0ng';
      const error = await openMongoDatabase(uri.href, log).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(Problem).and.to.include({ code: 'unauthorized' });
      expect((error as Problem).detail)
        .to.match(/^[^\n]+$/)
        .and.not.to.contain('wr0ng');
    });

    it('O4: several processes that start at once on an empty database all start', async () => {
      const uri = uriOfDatabase(newDatabaseName());
      const last = await openScratchDatabase(uri);
      const processes = await Promise.all(
        [1, 2, 3, 4].map(async () => openMongoPorts(await openMongoDatabase(uri, log), { clock })),
      );
      const added = await Promise.all(processes.map(({ accounts }, viewer) => accounts.add({ ...ACCOUNT, viewer })));
      expect(added.filter(Boolean)).to.have.length(1);
      await Promise.all(processes.map((each) => each.close()));
      await last.close();
    });

    it('O4: processes settle by turns, with growing numbers', async () => {
      const uri = uriOfDatabase(newDatabaseName());
      const last = await openScratchDatabase(uri);
      const [a, b] = await Promise.all(
        [1, 2].map(async () => openMongoPorts(await openMongoDatabase(uri, log), { clock })),
      );
      const claims = async () => [await a?.settlingTurn.claim(), await b?.settlingTurn.claim()];
      expect(await claims()).to.deep.equal([1, undefined]);
      now += 9_000; // renewed in time
      expect(await claims()).to.deep.equal([1, undefined]);
      await a?.settlingTurn.release();
      expect(await b?.settlingTurn.claim()).to.equal(2);
      now += 10_001; // the holder is silent for as long as a lease runs
      expect(await claims()).to.deep.equal([3, undefined]);
      await Promise.all([a, b, last].map((each) => each?.close()));
    });

    it('O5: while the line is cut requests are unavailable; it heals by itself', async () => {
      const uri = new URL(uriOfDatabase(newDatabaseName()));
      const line = await startProxy(uri.hostname, Number(uri.port || 27_017));
      uri.host = `127.0.0.1:${line.port}`;
      const options = { directConnection: 'true', serverSelectionTimeoutMS: '200' };
      for (const [name, value] of Object.entries(options)) uri.searchParams.set(name, value);
      const ports = await openMongoPorts(await openScratchDatabase(uri.href), { clock });
      await ports.accounts.add(ACCOUNT);
      line.cut();
      expect(await codeOf(ports.accounts.find('a'))).to.equal('unavailable');
      expect(await codeOf(ports.accounts.add({ ...ACCOUNT, user: 'b', viewer: 2 }))).to.equal('unavailable');
      expect(await codeOf(ports.ready())).to.equal('unavailable');
      line.mend();
      while ((await codeOf(ports.ready())) === 'unavailable'); // the driver looks each half second at most
      expect(await ports.accounts.find('a')).to.deep.equal(ACCOUNT);
      await ports.close();
      await line.close();
    });
  });
}
