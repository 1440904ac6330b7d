// What every store must do for sealed hours (ratings R18).

import { expect } from 'chai';
import type { Seal, SealedHourStore, StoredBlock } from '../../reports/viewing/sealed-hour-store.ts';
import { type Ports, STORES } from '../support/stores.ts';

const HOUR = Date.UTC(2026, 10, 20, 18);
const NEXT = HOUR + 3_600_000;
const block = (number: number, more: Partial<StoredBlock> = {}): StoredBlock => ({
  ...{ hour: HOUR, attempt: 'a', lane: 0, number, edition: 0 },
  ...{ firstViewer: 10 * number, lastViewer: 10 * number + 9, bytes: Uint8Array.of(number, 1, 2) },
  ...more,
});
const sealOf = (blocks: number, more: Partial<Seal> = {}): Seal => ({
  ...{ hour: HOUR, version: 3, format: 1, attempt: 'a' },
  lanes: [
    { blocks, sessions: 5, latestEnd: 7 },
    { blocks: 0, sessions: 0, latestEnd: 0 },
  ],
  ...more,
});

for (const store of STORES) {
  describe(`sealed hour store on ${store.name}`, () => {
    let ports: Ports;
    let sealed: SealedHourStore;
    beforeEach(async () => {
      ports = await store.open();
      sealed = ports.sealedHours;
    });
    afterEach(() => ports.close());
    const lane = async (seal: Seal, number = 0): Promise<number[][]> => {
      const found: number[][] = [];
      for await (const bytes of sealed.readLane(seal, number)) found.push([...bytes]);
      return found;
    };
    const spanning = async (viewer: number): Promise<StoredBlock[]> => {
      const found: StoredBlock[] = [];
      for await (const each of sealed.listSpanning(viewer)) found.push({ ...each, bytes: Uint8Array.from(each.bytes) });
      return found;
    };

    it('R18: blocks come back by number, and count when their seal is there', async () => {
      const many = Array.from({ length: 12 }, (_, at) => 11 - at);
      for (const number of many) expect(await sealed.putBlock(block(number))).to.equal(true);
      await sealed.putBlock(block(0, { hour: NEXT, attempt: 'b' }));
      expect(await sealed.putBlock(block(3, { bytes: Uint8Array.of(9) }))).to.equal(false);
      expect(await sealed.listSeals(HOUR, NEXT)).to.deep.equal([]);
      expect(await sealed.finish(sealOf(12))).to.equal(true);
      expect(await sealed.listSeals(HOUR, NEXT)).to.deep.equal([sealOf(12)]);
      expect(await sealed.listSeals(NEXT, NEXT + 1)).to.deep.equal([]);
      expect(await lane(sealOf(12))).to.deep.equal(many.toReversed().map((number) => [number, 1, 2]));
      expect(await lane(sealOf(12), 1)).to.deep.equal([]);
    });

    it('R18: a seal with blocks missing is refused; the former one stays until the newer one is there', async () => {
      await sealed.putBlock(block(0));
      await sealed.finish(sealOf(1));
      await sealed.putBlock(block(0, { attempt: 'b', bytes: Uint8Array.of(7) }));
      const next = sealOf(2, { attempt: 'b', version: 4 });
      expect(await sealed.finish(next)).to.equal(false);
      expect(await sealed.listSeals(HOUR, NEXT)).to.deep.equal([sealOf(1)]);
      await sealed.putBlock(block(1, { attempt: 'b', bytes: Uint8Array.of(8) }));
      expect(await sealed.finish(next)).to.equal(true);
      expect(await lane(sealOf(1))).to.have.length(1); // who reads by the former one goes on
      await sealed.removeUnused(HOUR);
      expect(await lane(sealOf(1))).to.have.length(0);
      expect(await lane(next)).to.deep.equal([[7], [8]]);
      await sealed.putBlock(block(0, { hour: NEXT, attempt: 'c' }));
      await sealed.removeUnused(NEXT);
      expect(await spanning(5)).to.have.length(1);
    });

    it('O2: finds the blocks that a viewer may be in, and puts another edition in their place once', async () => {
      for (const number of [0, 1, 2]) await sealed.putBlock(block(number));
      await sealed.putBlock(block(1, { lane: 1, firstViewer: 0, lastViewer: 15 }));
      expect((await spanning(15)).map(({ lane: at, number }) => [at, number])).to.have.deep.members([
        [0, 1],
        [1, 1],
      ]);
      expect(await spanning(30)).to.deep.equal([]);
      const next = block(1, { edition: 1, firstViewer: 12, bytes: Uint8Array.of(5) });
      expect(await sealed.putBlock(next)).to.equal(true);
      expect(await sealed.putBlock({ ...next, bytes: Uint8Array.of(6) })).to.equal(false);
      expect(await spanning(19)).to.deep.equal([next]);
    });

    it('R6: moves the version of a seal, if it is the one that is meant', async () => {
      await sealed.finish(sealOf(0));
      await sealed.moveVersion(HOUR, 2, 9);
      await sealed.moveVersion(NEXT, 3, 9);
      expect(await sealed.listSeals(HOUR, NEXT + 1)).to.deep.equal([sealOf(0)]);
      await sealed.moveVersion(HOUR, 3, 4);
      expect(await sealed.listSeals(HOUR, NEXT)).to.deep.equal([sealOf(0, { version: 4 })]);
    });

    it('O2: removes what is old', async () => {
      for (const hour of [HOUR, NEXT]) {
        await sealed.putBlock(block(0, { hour }));
        await sealed.finish(sealOf(1, { hour }));
      }
      await sealed.removeBefore(NEXT);
      expect(await sealed.listSeals(0, NEXT + 1)).to.deep.equal([sealOf(1, { hour: NEXT })]);
      expect((await spanning(5)).map(({ hour }) => hour)).to.deep.equal([NEXT]);
    });
  });
}
