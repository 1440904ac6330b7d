// Jobs run once for each due time, in one process or several, and make up for what was missed (R15, O4).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { JobStore } from '../../server/job-store.ts';
import { createJobs, type JobDefinition, type Jobs } from '../../server/jobs.ts';
import { createLog } from '../../server/log.ts';
import { Problem } from '../../server/problem.ts';
import { type Database, openDatabase } from '../../server/store/sqlite/database.ts';
import { createSqliteJobStore } from '../../server/store/sqlite/job-store.ts';

const at = (time: string): number => Date.parse(`2026-03-${time}Z`);
const NIGHTLY = { name: 'nightly', schedule: '15 3 * * *', catchUp: true };

describe('jobs', () => {
  let database: Database;
  let store: JobStore;
  let now: number;
  let made: Jobs[];
  const node = (holder: string, ...defined: JobDefinition[]): Jobs => {
    const log = createLog({ level: 'silent' });
    const jobs = createJobs({ store, clock: () => now, log, zone: 'UTC', holder, graceMs: 200 });
    for (const job of defined) jobs.define(job);
    made.push(jobs);
    return jobs;
  };
  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'no problem',
      (error: unknown) => (error instanceof Problem ? error.code : String(error)),
    );

  beforeEach(() => {
    database = openDatabase(':memory:');
    store = createSqliteJobStore(database);
    now = at('20T12:00:00');
    made = [];
  });
  afterEach(async () => {
    await Promise.all(made.map((jobs) => jobs.stop()));
    database.close();
  });

  it('R15: a start makes up for the last missed due time, once over restarts', async () => {
    const ran: number[] = [];
    const job = { ...NIGHTLY, run: async ({ dueAt }: { dueAt: number }) => ({ rows: ran.push(dueAt) }) };
    await node('a', job).start();
    await made[0]?.stop();
    await node('b', job).start();
    expect(ran).to.deep.equal([at('20T03:15:00')]);
    now = at('23T02:00:00');
    await node('c', job).start();
    expect(ran).to.deep.equal([at('20T03:15:00'), at('22T03:15:00')]);
  });

  it('R15: the due time is that of the job’s zone, on days of 23 hours too', async () => {
    const ran: number[] = [];
    now = at('29T12:00:00'); // Berlin went from +01:00 to +02:00 that night
    const zone = 'Europe/Berlin';
    await node('a', { ...NIGHTLY, zone, run: async ({ dueAt }) => ({ rows: ran.push(dueAt) }) }).start();
    expect(ran).to.deep.equal([at('29T01:15:00')]);
  });

  it('R15: a job without catch-up waits for its next time', async () => {
    let ran = 0;
    await node('a', { ...NIGHTLY, catchUp: false, run: async () => ({ rows: ++ran }) }).start();
    expect(ran).to.equal(0);
  });

  it('R15: node-cron fires a due time in one of two processes, with its own name in the record', async () => {
    const ran: number[] = [];
    const job: JobDefinition = {
      name: 'each-second',
      schedule: '* * * * * *',
      catchUp: false,
      run: async ({ dueAt }) => ({ rows: ran.push(dueAt) }),
    };
    await Promise.all([node('a', job).start(), node('b', job).start()]);
    await sleep(2_100);
    await Promise.all(made.map((jobs) => jobs.stop()));
    expect(ran.length).to.be.within(1, 3);
    expect(new Set(ran).size).to.equal(ran.length);
    expect(ran.every((dueAt) => dueAt % 1_000 === 0)).to.equal(true);
    expect((await store.listRuns('each-second', 1))[0]?.by).to.equal('schedule');
  });

  it('R15: run by hand: recorded with who asked, rows and times; refused while it runs anywhere', async () => {
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const job: JobDefinition = {
      ...NIGHTLY,
      run: async ({ progress }) => {
        progress(5);
        await gate;
        return { rows: 9 };
      },
    };
    const a = node('a', job);
    const b = node('b', job);
    const { run, ended } = await a.runNow('nightly', 'ada');
    expect(run.dueAt).to.equal(now);
    expect((await a.list())[0]?.running).to.deep.equal({ dueAt: now, startedAt: now, rows: 5 });
    expect(await codeOf(a.runNow('nightly', 'ada'))).to.equal('conflict');
    expect(await codeOf(b.runNow('nightly', 'bob'))).to.equal('conflict');
    now += 1_000;
    go();
    await ended;
    const record = { name: 'nightly', dueAt: now - 1_000, startedAt: now - 1_000, endedAt: now, rows: 9 };
    expect(await b.listRuns('nightly', { limit: 5 })).to.deep.equal([
      { ...record, by: 'ada', holder: 'a', fence: 1, attempts: 1 },
    ]);
    expect((await b.list())[0]?.running).to.equal(undefined);
    expect((await b.list())[0]?.lastRun?.rows).to.equal(9);
    expect(await codeOf(b.runNow('nightly', 'bob', now - 1_000))).to.equal('conflict');
    expect(await codeOf(b.runNow('weekly', 'bob'))).to.equal('not_found');
    expect(await codeOf(b.listRuns('weekly', { limit: 1 }))).to.equal('not_found');
  });

  it('R15: a failure is recorded without its internals, and tried three times at most', async () => {
    let ran = 0;
    const job: JobDefinition = {
      ...NIGHTLY,
      run: async () => {
        ran += 1;
        throw ran === 1 ? new Problem('unavailable', 'the store is away') : new Error('password=x');
      },
    };
    await node('a', job).start();
    await made[0]?.stop();
    expect((await store.listRuns('nightly', 1))[0]?.error).to.equal('the store is away');
    for (const holder of ['b', 'c', 'd']) {
      await node(holder, job).start();
      await made.at(-1)?.stop();
    }
    expect(ran).to.equal(3);
    const [run] = await store.listRuns('nightly', 1);
    expect([run?.attempts, run?.rows, run?.error]).to.deep.equal([
      3,
      undefined,
      'it failed for a reason that the log tells',
    ]);
  });

  it('R15: another process takes over what a dead one left, and the dead one cannot end it', async () => {
    let ran = 0;
    const fence = await store.acquire('nightly', 'dead', now, now + 60_000);
    const left = {
      name: 'nightly',
      dueAt: at('20T03:15:00'),
      startedAt: now,
      by: 'schedule',
      holder: 'dead',
      fence: fence ?? 0,
    };
    await store.begin(left, 3);
    const job: JobDefinition = { ...NIGHTLY, run: async () => ({ rows: ++ran }) };
    await node('a', job).start();
    expect(ran).to.equal(0);
    now += 60_000;
    await node('b', job).start();
    await made[1]?.stop();
    expect(ran).to.equal(1);
    expect(await store.finish({ ...left, attempts: 1, endedAt: now, rows: 4 })).to.equal(false);
  });

  it('O7: stop waits for what runs, then aborts it, within a bound', async () => {
    let told = '';
    const job: JobDefinition = {
      ...NIGHTLY,
      run: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told = String(signal.reason);
            reject(signal.reason);
          });
        }),
    };
    const jobs = node('a', job);
    await jobs.start();
    expect((await jobs.list())[0]?.nextDueAt).to.be.greaterThan(Date.now());
    await jobs.stop();
    expect(told).to.contain('the server stopped');
    expect((await store.listRuns('nightly', 1))[0]?.error).to.equal('the server stopped');
    expect(await store.acquire('nightly', 'b', now, now + 1)).to.equal(2);
  });

  it('R15: wrong schedules and doubled names are refused when defined', () => {
    const run = async () => ({ rows: 0 });
    const jobs = node('a', { ...NIGHTLY, run });
    expect(() => jobs.define({ ...NIGHTLY, run })).to.throw(Problem, 'conflict');
    expect(() => jobs.define({ ...NIGHTLY, name: 'x', schedule: '61 * * * *', run })).to.throw(Problem, 'invalid');
  });
});
