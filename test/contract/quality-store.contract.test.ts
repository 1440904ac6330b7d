// What every store must do for the days' reports on data quality (R16, O2).

import { expect } from 'chai';
import { dayQuality } from '../support/quality.ts';
import { type Ports, STORES } from '../support/stores.ts';

for (const { name, open } of STORES) {
  describe(`quality store on ${name}`, () => {
    let ports: Ports;
    let store: Ports['quality'];
    beforeEach(async () => {
      ports = await open();
      store = ports.quality;
    });
    afterEach(() => ports.close());

    it('R16: one report a day, the last that was put; the greatest date', async () => {
      expect(await store.findLastDate()).to.equal(undefined);
      for (const date of ['2026-10-01', '2026-11-02', '2026-09-30']) await store.put(dayQuality(date));
      await store.put(dayQuality('2026-10-01', 7));
      expect(await store.find('2026-10-01')).to.deep.equal(dayQuality('2026-10-01', 7));
      expect(await store.find('2026-10-02')).to.equal(undefined);
      expect(await store.findLastDate()).to.equal('2026-11-02');
    });

    it('O2: old ones are removed', async () => {
      for (const date of ['2026-10-01', '2026-11-02', '2026-09-30']) await store.put(dayQuality(date));
      expect(await store.removeBefore('2026-10-01')).to.equal(1);
      expect(await store.removeBefore('2026-10-01')).to.equal(0);
      expect(await store.find('2026-09-30')).to.equal(undefined);
      expect(await store.find('2026-10-01')).to.deep.equal(dayQuality('2026-10-01'));
    });
  });
}
