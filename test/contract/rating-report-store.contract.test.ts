// What every store must do for rating reports as they were made (R5, R6).

import { expect } from 'chai';
import { ratingReport as report } from '../support/rating-reports.ts';
import { type Ports, STORES } from '../support/stores.ts';

for (const { name, open } of STORES) {
  describe(`rating report store on ${name}`, () => {
    let ports: Ports;
    let store: Ports['ratingReports'];
    beforeEach(async () => {
      ports = await open();
      store = ports.ratingReports;
    });
    afterEach(() => ports.close());

    it('R5: a revision is added once, and found as it was', async () => {
      expect(await store.findLatest('a')).to.equal(undefined);
      expect(await store.add(report('a', 1))).to.equal(true);
      expect(await store.add(report('a', 1, { hash: 'other' }))).to.equal(false);
      expect(await store.add(report('a', 2))).to.equal(true);
      expect(await store.add(report('b', 10))).to.equal(true);
      expect(await store.add(report('b', 9))).to.equal(true);
      expect(await store.find('a', 1)).to.deep.equal(report('a', 1));
      expect(await store.findLatest('a')).to.deep.equal(report('a', 2));
      expect(await store.findLatest('b')).to.deep.equal(report('b', 10));
      expect(await store.find('a', 3)).to.equal(undefined);
    });

    it('R6: what the same figures came out by is noted at one revision', async () => {
      await store.add(report('a', 1));
      await store.add(report('a', 2));
      await store.confirm('a', 2, { schedule: 't', dataRevision: 'e' });
      await store.confirm('x', 1, { schedule: 't', dataRevision: 'e' });
      expect(await store.find('a', 1)).to.deep.equal(report('a', 1));
      expect(await store.find('a', 2)).to.deep.equal(report('a', 2, { schedule: 't', dataRevision: 'e' }));
    });

    it('R6: lists the latest of those that are not final', async () => {
      const many = Array.from({ length: 450 }, (_, at) => `m${String(at).padStart(3, '0')}`);
      for (const asked of many) for (const revision of [1, 2]) await store.add(report(asked, revision));
      await store.add(report('m001', 3, { status: 'final' }));
      await store.add(report('f', 1, { status: 'final' }));
      const listed: unknown[] = [];
      for await (const page of store.listPreliminary())
        listed.push(...page.map(({ asked, revision }) => [asked, revision]));
      expect(listed).to.deep.equal(many.filter((asked) => asked !== 'm001').map((asked) => [asked, 2]));
    });

    it('O2: removes those whose window ended before', async () => {
      await store.add(report('a', 1, { to: 999 }));
      await store.add(report('a', 2, { to: 1_000 }));
      expect(await store.removeEndedBefore(1_000)).to.equal(1);
      expect(await store.removeEndedBefore(1_000)).to.equal(0);
      expect(await store.find('a', 2)).to.deep.equal(report('a', 2));
    });
  });
}
