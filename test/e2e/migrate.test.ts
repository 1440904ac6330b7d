// data migrate as processes of its own: a measured fleet moved to MongoDB and back, killed on the way; and what it refuses (O3, V17).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createLog } from '../../server/log.ts';
import { planFleet } from '../../server/simulator/behaviour.ts';
import { runFleet } from '../../server/simulator/fleet.ts';
import { simulatedAccounts } from '../../server/simulator/simulated-accounts.ts';
import { serviceTruths } from '../../server/simulator/truth.ts';
import type { Migration } from '../../server/store/data-set.ts';
import { openMongoDatabase } from '../../server/store/mongo/database.ts';
import { openMongoStore } from '../../server/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../server/store/sqlite/open-sqlite-store.ts';
import { commandLine, type Ran } from '../support/cli.ts';
import { isMongoAsked, newDatabaseName, openScratchDatabase, uriOfDatabase } from '../support/mongo.ts';
import { report } from '../support/reports.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { ROOT, spawnServer } from '../support/server-process.ts';

const KEY = Buffer.alloc(32, 7).toString('base64'); // that of startServer
const DATABASE = 'pocketmeter.db';
const HOUR_MS = 3_600_000;
const OLD_REPORTS = 12_000;
const POLL_MS = 5;

describe('data migrate', function () {
  this.timeout(60_000);
  let folder: string;
  let run: (words: string[], more?: Record<string, string>) => Promise<Ran>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
    run = (words, more = {}) => commandLine({ DATA_DIR: join(folder, 'data'), ...more })(words);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refused = async (words: string[], told: RegExp, more?: Record<string, string>): Promise<void> => {
    const ran = await run(['data', 'migrate', ...words], more);
    expect(ran.told).to.match(told).and.not.to.contain('s3cret');
    expect(ran.told.trimEnd(), 'one line, no stack').not.to.contain('\n');
    expect([ran.code, ran.out]).to.deep.equal([1, '']);
  };

  it('O3, O8: says what both places are, and refuses what is none, before anything is made', async () => {
    const { out } = await run(['data', 'migrate', '--help']);
    expect(out).to.contain('--from <place>').and.to.contain('--to <place>').and.to.contain('secret.key');
    expect((await run(['data', 'migrate'])).code).to.equal(2);
    await refused(['--to', join(folder, 'other')], /there is no data in .*data$/m);
    expect(readdirSync(folder)).to.deep.equal([]);
    expect((await run(['accounts', 'add', 'abc', '--password', 'secret'])).code).to.equal(0);
    for (const [to, told] of [
      ['mongodb://a:s3cret@', /--to is no connection string of MongoDB/],
      ['mongo://a:s3cret@127.0.0.1/', /--to is neither a folder nor an address that begins with mongodb/],
      ['MONGODB_URI', /--to: MONGODB_URI is not set/],
      ['mongodb://a:s3cret@127.0.0.1:1/x?serverSelectionTimeoutMS=200', /MongoDB at 127\.0\.0\.1:1 cannot be used/],
      [join(folder, 'data/.'), /is where the data is already/],
    ] as const)
      await refused(['--to', to], told);
    expect(readdirSync(folder)).to.deep.equal(['data']);
  });

  it('O3, V7: refuses a place in use, another key, and other data; tells what to do with the key', async () => {
    const [data, other] = [join(folder, 'data'), join(folder, 'other')];
    const server = spawnServer({ DATA_DIR: data, LOG_LEVEL: 'info' });
    try {
      await server.ready();
      await run(['accounts', 'add', 'abc', '--password', 'secret']);
      await refused(['--to', other], /data: a server or another command uses it: stop that first/);
    } finally {
      server.kill('SIGTERM');
      await server.ended;
    }
    await refused(['--to', other], /the value of SECRET_KEY is not the key of this store/, { SECRET_KEY: KEY });
    const moved = await run(['data', 'migrate', '--to', other]);
    expect([moved.code, moved.told]).to.deep.equal([0, '']);
    expect(moved.out)
      .to.match(/^ {2}accounts +2$/m)
      .and.to.match(/copy \S+data\/secret\.key to \S+other\/secret\.key before/);
    copyFileSync(join(data, 'secret.key'), join(other, 'secret.key'));
    const again = JSON.parse((await run(['data', 'migrate', '--to', other, '--json'])).out);
    expect(again.kinds.accounts).to.include({ count: 2 });
    writeFileSync(join(other, 'secret.key'), KEY);
    await refused(['--to', other], /other\/secret\.key is another key than .*data\/secret\.key/);
    const third = join(folder, 'third');
    await run(['accounts', 'add', 'xyz', '--password', 'secret'], { DATA_DIR: third });
    await refused(['--to', third], /third\/secret\.key is another key/);
    copyFileSync(join(data, 'secret.key'), join(third, 'secret.key'));
    await refused(['--to', third], /third\/pocketmeter\.db holds other data/);
  });
});

(isMongoAsked ? describe : describe.skip)('data migrate with MongoDB', function () {
  this.timeout(180_000);
  let folder: string;
  let uri: string;
  const clock = { now: 0 };
  let servers: TestServer[];
  beforeEach(() => {
    servers = [];
    clock.now = Date.UTC(2026, 10, 20, 18);
    folder = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
    uri = uriOfDatabase(newDatabaseName());
  });
  afterEach(async () => {
    for (const server of servers) await server.close();
    rmSync(folder, { recursive: true });
    await (await openScratchDatabase(uri)).close();
  });
  const serve = async (environment: Record<string, string>, file?: string): Promise<TestServer> => {
    const server = await startServer(environment, file, {}, clock);
    servers.push(server);
    return server;
  };
  const stop = async (server: TestServer): Promise<void> => {
    servers = servers.filter((each) => each !== server);
    await server.close();
  };

  /** What providers and administrators are told of the whole time. */
  async function figuresOf(server: TestServer): Promise<Record<string, unknown>> {
    await server.products.viewing.closeSilentSessions(); // the job that does it goes by the minute
    const window = `from=${new Date(clock.now - 7 * HOUR_MS).toISOString()}&to=${new Date(clock.now).toISOString()}`;
    const paths = [
      `/reports/ratings?by=service&${window}`,
      `/reports/ratings?by=programme&${window}`,
      '/accounts?limit=1000',
      '/sg/services',
    ];
    const told = paths.map(async (path) => {
      const answer = await server.ask(path);
      expect(answer.status, path).to.equal(200);
      return [path, await answer.json()] as const;
    });
    const sessions: unknown[] = [];
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page = (await (await server.ask(`/sessions?limit=1000&${window}${after}`)).json()) as {
        items: unknown[];
        next?: string;
      };
      sessions.push(...page.items);
      after = page.next === undefined ? undefined : `&after=${page.next}`;
    }
    return { sessions, ...Object.fromEntries(await Promise.all(told)) };
  }

  /** One by one: what differs is found among thousands. */
  function expectEqual(found: Record<string, unknown>, figures: Record<string, unknown>): void {
    for (const [path, told] of Object.entries(figures)) expect(found[path], path).to.deep.equal(told);
  }

  async function playFleet(server: TestServer): Promise<ReturnType<typeof planFleet>> {
    const { products } = server;
    const startAt = clock.now - 6 * HOUR_MS;
    const programmes = await products.guide.listProgrammes({ from: startAt, to: clock.now });
    const services = (await products.guide.listServices()).map(({ id }) => ({
      id,
      programmes: programmes.filter(({ service }) => service === id),
    }));
    const accounts = simulatedAccounts(40, 5);
    for (const account of accounts) await products.accounts.add({ ...account, role: 'handset' }, 'test');
    const plan = planFleet({ handsets: 40, hours: 6, seed: 5, startAt, services, options: { badClockShare: 0 } });
    const fleet = { url: server.url, plan, accounts, speed: 0, concurrency: 4, clock: () => clock.now };
    expect(await runFleet(fleet)).to.include({ refused: 0 });
    return plan;
  }

  /** Reports of long ago, as a server leaves them that was killed before it settled them. */
  async function leaveUnsettled(file: string): Promise<void> {
    const store = openSqliteStore(file);
    const reports = Array.from({ length: OLD_REPORTS }, (_, at) => {
      const device = 1 + (at % 500);
      return report(at % 3 === 2 ? 'out' : 'in', at / 50 - 40_000, '99', '', { device, viewer: device });
    });
    for (let at = 0; at < OLD_REPORTS; at += 1_000) await store.reports.append(reports.slice(at, at + 1_000));
    await store.close();
  }

  it('O3, V17: moves a fleet’s data there and back, killed half-way, and every figure stays', async () => {
    const data = join(folder, 'data');
    const file = join(data, DATABASE);
    const run = commandLine({ DATA_DIR: data, SECRET_KEY: KEY, MONGODB_URI: uri });
    const { code } = await commandLine({ DATA_DIR: data, SECRET_KEY: KEY })(['guide', 'show']); // makes the folder
    expect(code).to.equal(0);
    const source = await serve({}, file);
    const plan = await playFleet(source);
    const figures = await figuresOf(source);
    await stop(source);
    await leaveUnsettled(file);
    for (const truth of serviceTruths(plan)) {
      const rows = Object.values(figures).flatMap(
        (each) => (each as { items?: Record<string, unknown>[] }).items ?? [],
      );
      expect(rows.find((row) => row.channelId === truth.service && 'reach' in row)?.reach).to.equal(truth.reach);
    }

    const killed = spawn(process.execPath, ['server/cli/pocketmeter.ts', 'data', 'migrate', '--to', 'MONGODB_URI'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, DATA_DIR: data, SECRET_KEY: KEY, MONGODB_URI: uri },
      stdio: 'ignore',
    });
    const database = await openMongoDatabase(uri, createLog({ level: 'silent' }));
    const findMigration = async (): Promise<Migration | undefined> => {
      const found = await database.db.collection('migration').findOne();
      return found === null ? undefined : JSON.parse(found.migration);
    };
    while ((await findMigration())?.done.reports === undefined && killed.exitCode === null) await sleep(POLL_MS);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const half = await findMigration();
    expect(half?.endedAt).to.equal(undefined);
    expect(half?.done.reports?.count).to.be.within(1, OLD_REPORTS);
    await database.close();

    const early = spawnServer({ DATA_DIR: data, SECRET_KEY: KEY, MONGODB_URI: uri });
    expect((await early.ended).code).to.equal(1);
    const { code: ended, told, out } = await run(['data', 'migrate', '--to', 'MONGODB_URI', '--json']);
    expect([ended, told]).to.deep.equal([0, '']);
    const there = JSON.parse(out);
    expect(there.kinds.reports.count).to.be.greaterThan(OLD_REPORTS);

    const onMongo = await serve({ MONGODB_URI: uri });
    expectEqual(await figuresOf(onMongo), figures);
    await stop(onMongo);

    const inUse = await openMongoStore(uri, { log: createLog({ level: 'silent' }), clock: Date.now });
    expect(await inUse.settlingTurn.claim()).to.be.greaterThan(0);
    const claims = setInterval(() => void inUse.settlingTurn.claim().catch(() => undefined), 1_000); // as a server does
    const refused = await run(['data', 'migrate', '--from', 'MONGODB_URI', '--to', join(folder, 'again')]);
    clearInterval(claims);
    await inUse.settlingTurn.release();
    await inUse.close();
    expect(refused.told).to.match(/MongoDB at .*: a server or another command uses it: stop that first/);

    const back = await run(['data', 'migrate', '--from', 'MONGODB_URI', '--to', join(folder, 'again'), '--json']);
    expect([back.code, back.told]).to.deep.equal([0, '']);
    const kinds = JSON.parse(back.out).kinds;
    for (const kind of ['reports', 'orphans', 'pages', 'origins', 'accounts'])
      expect(kinds[kind], kind).to.deep.equal(there.kinds[kind]);
    const again = await serve({}, join(folder, 'again', DATABASE));
    expectEqual(await figuresOf(again), figures);
  });
});
