// What every store must do for preferences (R12, R13, R15).

import { expect } from 'chai';
import type { PreferenceRecord } from '../../reports/preferences/preference-sums.ts';
import { type Ports, STORES } from '../support/stores.ts';

const record = (viewer: number, version: number, more: Partial<PreferenceRecord> = {}): PreferenceRecord => ({
  viewer,
  version,
  through: 3,
  base: { seconds: 2.5, days: 0.5, cells: { genre: [['$a.b/ü', 2.5, 0.5]] } },
  days: [{ day: 4, seconds: 7, days: 1, cells: { service: [['__proto__', 7, 1]] } }],
  ...more,
});
const LAST = 4503599627370495;

for (const { name, open } of STORES) {
  describe(`preference store on ${name}`, () => {
    let ports: Ports;
    let store: Ports['preferences'];
    beforeEach(async () => {
      ports = await open();
      store = ports.preferences;
    });
    afterEach(() => ports.close());

    it('R15: a record is put whole, if the version there is the one before; whom it was refused is told', async () => {
      expect(await store.find([7])).to.deep.equal([]);
      expect(await store.put([])).to.deep.equal([]);
      expect(await store.put([record(7, 2), record(8, 1)])).to.deep.equal([7]);
      expect(await store.put([record(7, 1), record(8, 1, { through: 9 })])).to.deep.equal([8]);
      const erased: PreferenceRecord = { viewer: 7, version: 2, erasedAt: 5, through: 3, days: [] };
      expect(await store.put([erased, record(8, 3)])).to.deep.equal([8]);
      expect(await store.find([7, 8, 9])).to.have.deep.members([erased, record(8, 1)]);
    });

    it('R15: of many that put one version one succeeds, the first time and later', async () => {
      for (const version of [1, 2, 3]) {
        const puts = Array.from({ length: 8 }, (_, through) => store.put([record(7, version, { through })]));
        expect((await Promise.all(puts)).filter((refused) => refused.length === 0)).to.have.length(1);
      }
      expect((await store.find([7]))[0]?.version).to.equal(3);
    });

    it('R15: lists all in order of viewer, in pages, and finds many at once', async () => {
      const viewers = [...Array.from({ length: 700 }, (_, at) => at), LAST];
      await store.put(viewers.toReversed().map((viewer) => record(viewer, 1)));
      const list = async (after: number | undefined, limit: number) =>
        (await store.list(after, limit)).map(({ viewer }) => viewer);
      expect(await list(undefined, 3)).to.deep.equal([0, 1, 2]);
      expect(await list(698, 3)).to.deep.equal([699, LAST]);
      expect(await list(LAST, 3)).to.deep.equal([]);
      expect(await store.find(viewers)).to.have.length(701);
    });

    it('O2: what is removed is gone, and can begin anew', async () => {
      await store.put([record(7, 1), record(8, 1)]);
      await store.remove(7);
      await store.remove(7);
      expect(await store.find([7, 8])).to.deep.equal([record(8, 1)]);
      expect(await store.put([record(7, 2)])).to.deep.equal([7]);
      expect(await store.put([record(7, 1)])).to.deep.equal([]);
    });

    it('R13, R15: how far they are counted is noted, and what was found', async () => {
      expect([await store.findNote('state'), await store.findNote('suggestion')]).to.deep.equal([undefined, undefined]);
      const bundle = {
        services: ['01', '02'],
        users: 7,
        supportPercent: 50,
        confidencePercent: 70,
        lift: 1.5,
        suits: 6,
      };
      const criteria = { asOf: 5, halfLifeDays: 30, leastSharePercent: 10, leastSeconds: 600, suppressBelow: 5 };
      const suggestion = { ...criteria, users: 14, usersLeftOut: 0, bundles: [bundle] };
      await store.putNote('suggestion', suggestion);
      for (const through of [2, 3]) await store.putNote('state', { through, finalThrough: 1 });
      expect(await store.findNote('state')).to.deep.equal({ through: 3, finalThrough: 1 });
      expect(await store.findNote('suggestion')).to.deep.equal(suggestion);
    });
  });
}
