// What every store must do for the jobs' leases and runs (R15, O4).

import { expect } from 'chai';
import type { JobRun, JobStore } from '../../server/job-store.ts';
import { type Ports, STORES } from '../support/stores.ts';

const started = (dueAt: number, fence: number, name = 'daily') => ({
  name,
  dueAt,
  startedAt: dueAt + 5,
  by: 'schedule',
  holder: 'a',
  fence,
});

for (const store of STORES) {
  describe(`job store on ${store.name}`, () => {
    let ports: Pick<Ports, 'jobs' | 'close'>;
    let jobs: JobStore;
    beforeEach(async () => {
      ports = await store.open();
      jobs = ports.jobs;
    });
    afterEach(() => ports.close());

    it('R15: gives a lease to one holder until it expires, with growing fences', async () => {
      expect(await jobs.acquire('daily', 'a', 1_000, 2_000)).to.equal(1);
      expect(await jobs.acquire('daily', 'b', 1_999, 3_000)).to.equal(undefined);
      expect(await jobs.acquire('daily', 'a', 1_999, 3_000)).to.equal(undefined);
      expect(await jobs.acquire('hourly', 'b', 1_999, 3_000)).to.equal(1);
      expect(await jobs.acquire('daily', 'b', 2_000, 3_000)).to.equal(2);
    });

    it('R15: renews the lease of the last fence only, and releases by it', async () => {
      await jobs.acquire('daily', 'a', 1_000, 2_000);
      expect(await jobs.renew('daily', 1, 5_000)).to.equal(true);
      expect(await jobs.acquire('daily', 'b', 4_999, 9_000)).to.equal(undefined);
      expect(await jobs.renew('daily', 1, 0)).to.equal(true);
      expect(await jobs.acquire('daily', 'b', 5_000, 9_000)).to.equal(2);
      expect(await jobs.renew('daily', 1, 0)).to.equal(false);
      expect(await jobs.renew('weekly', 1, 0)).to.equal(false);
      expect(await jobs.acquire('daily', 'a', 8_999, 9_999)).to.equal(undefined);
    });

    it('O4: of many at once exactly one gets the lease', async () => {
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, one) => jobs.acquire('daily', `p${one}`, 1_000, 2_000)),
      );
      expect(all.filter((fence) => fence !== undefined)).to.deep.equal([1]);
      const later = await Promise.all(
        Array.from({ length: 20 }, (_, one) => jobs.acquire('daily', `p${one}`, 2_000, 3_000)),
      );
      expect(later.filter((fence) => fence !== undefined)).to.deep.equal([2]);
    });

    it('O4: of many who begin a run at once exactly one does, and of many who take it over', async () => {
      const first = await Promise.all(Array.from({ length: 20 }, () => jobs.begin(started(100, 1), 9)));
      expect(first.filter((attempts) => attempts !== undefined)).to.deep.equal([1]);
      const second = await Promise.all(Array.from({ length: 20 }, () => jobs.begin(started(100, 2), 9)));
      expect(second.filter((attempts) => attempts !== undefined)).to.deep.equal([2]);
    });

    it('R15: a run that ended well is not begun again', async () => {
      expect(await jobs.begin(started(100, 1), 3)).to.equal(1);
      expect(await jobs.finish({ ...started(100, 1), attempts: 1, endedAt: 200, rows: 7 })).to.equal(true);
      expect(await jobs.begin(started(100, 2), 3)).to.equal(undefined);
      expect(await jobs.begin(started(101, 2), 3)).to.equal(1);
      expect(await jobs.begin(started(100, 2, 'hourly'), 3)).to.equal(1);
      const done: JobRun = { ...started(100, 1), attempts: 1, endedAt: 200, rows: 7 };
      expect(await jobs.listRuns('daily', 10)).to.deep.equal([{ ...started(101, 2), attempts: 1 }, done]);
    });

    it('R15: a failed or abandoned run is begun again by a later lease, so many times', async () => {
      await jobs.begin(started(100, 1), 3);
      expect(await jobs.begin(started(100, 1), 3)).to.equal(undefined);
      expect(await jobs.begin(started(100, 2), 3)).to.equal(2);
      await jobs.finish({ ...started(100, 2), attempts: 2, endedAt: 200, error: 'no' });
      expect(await jobs.listRuns('daily', 1)).to.deep.equal([
        { ...started(100, 2), attempts: 2, endedAt: 200, error: 'no' },
      ]);
      expect(await jobs.begin(started(100, 3), 3)).to.equal(3);
      expect(await jobs.listRuns('daily', 1)).to.deep.equal([{ ...started(100, 3), attempts: 3 }]);
      expect(await jobs.begin(started(100, 4), 3)).to.equal(undefined);
      expect(await jobs.begin(started(100, 4), 4)).to.equal(4);
    });

    it('R15: who lost the lease cannot end the run, and a run ends once', async () => {
      await jobs.begin(started(100, 1), 3);
      await jobs.begin(started(100, 2), 3);
      expect(await jobs.finish({ ...started(100, 1), attempts: 1, endedAt: 150, rows: 1 })).to.equal(false);
      expect(await jobs.finish({ ...started(100, 2), attempts: 2, endedAt: 200, rows: 2 })).to.equal(true);
      expect(await jobs.finish({ ...started(100, 2), attempts: 2, endedAt: 300, rows: 3 })).to.equal(false);
      expect((await jobs.listRuns('daily', 1))[0]?.rows).to.equal(2);
    });

    it('R15: lists latest first, page by page, and removes by age', async () => {
      for (const dueAt of [100, 300, 200, 400]) await jobs.begin(started(dueAt, 1), 3);
      const due = async (limit: number, before?: number) =>
        (await jobs.listRuns('daily', limit, before)).map((run) => run.dueAt);
      expect(await due(3)).to.deep.equal([400, 300, 200]);
      expect(await due(3, 200)).to.deep.equal([100]);
      await jobs.acquire('daily', 'a', 0, 0);
      expect(await jobs.removeRunsBefore(300)).to.equal(2);
      expect(await due(9)).to.deep.equal([400, 300]);
      expect(await jobs.acquire('daily', 'a', 0, 0)).to.equal(2);
    });
  });
}
