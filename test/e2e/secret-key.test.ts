// A process with another secret key than its store's says so and ends, on each store (O4, V7).

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDatabase } from '../../server/store/sqlite/database.ts';
import { commandLine } from '../support/cli.ts';
import { dropDatabase, isMongoAsked, newDatabaseName, uriOfDatabase } from '../support/mongo.ts';
import { spawnServer } from '../support/server-process.ts';
import { contentsOf } from '../support/stored-data.ts';

const [KEY, OTHER] = ['07'.repeat(32), '08'.repeat(32)];

describe('secret key', function () {
  this.timeout(60_000);
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const list = (environment: Record<string, string>, key: string) =>
    commandLine({ ...environment, SECRET_KEY: key })(['accounts', 'list']);
  const told =
    'the value of SECRET_KEY is not the key of this store: every process needs the key that the store was first opened with\n';
  const refused = { code: 1, out: '', told: `pocketmeter: ${told}` };

  /** A command makes a store with KEY; then a command and a server come with OTHER. */
  async function refusesOther(environment: Record<string, string>): Promise<void> {
    const add = ['accounts', 'add', 'abc', '--password', 'secret'];
    expect((await commandLine({ ...environment, SECRET_KEY: KEY })(add)).code).to.equal(0);
    expect(await list(environment, OTHER)).to.deep.equal(refused);
    const server = spawnServer({ ...environment, SECRET_KEY: OTHER });
    const failure = await server.ready().then(
      () => '',
      (error: Error) => error.message,
    );
    if (server.isAlive()) server.kill('SIGKILL');
    expect(failure).to.contain(`pocketmeter does not start: ${told}`);
    expect((await server.ended).code).to.equal(1);
    expect((await list(environment, KEY)).out).to.contain('abc');
  }

  it('O4: another key is refused on the embedded store, also where no check is kept yet', async () => {
    const environment = { DATA_DIR: dataDir };
    await refusesOther(environment);
    const path = join(dataDir, 'pocketmeter.db');
    const database = openDatabase(path);
    database.run('DELETE FROM key_check');
    database.close();
    expect(await list(environment, OTHER)).to.deep.equal(refused);
    expect((await list(environment, KEY)).code).to.equal(0);
    expect(contentsOf(path)).not.to.contain(KEY).and.not.to.contain(Buffer.from(KEY, 'hex').toString('base64'));
    expect(await list(environment, OTHER)).to.deep.equal(refused);
  });

  (isMongoAsked ? it : it.skip)('O4: another key is refused on MongoDB', async () => {
    const uri = uriOfDatabase(newDatabaseName());
    try {
      await refusesOther({ DATA_DIR: dataDir, MONGODB_URI: uri });
    } finally {
      await dropDatabase(uri);
    }
  });
});
