// What every store must do for the models of devices (V2; ratings R3; O2).

import { expect } from 'chai';
import type { DeviceModel, DeviceModelStore } from '../../server/viewing/device-models.ts';
import { gathered } from '../support/gathered.ts';
import { type Ports, STORES } from '../support/stores.ts';

const told = (device: number, more: Partial<DeviceModel> = {}): DeviceModel => ({
  device,
  viewer: 3,
  model: 'N "9"',
  toldAt: 5,
  ...more,
});

for (const store of STORES) {
  describe(`device model store on ${store.name}`, () => {
    let ports: Ports;
    let models: DeviceModelStore;
    beforeEach(async () => {
      ports = await store.open();
      models = ports.deviceModels;
    });
    afterEach(() => ports.close());
    const all = async (): Promise<DeviceModel[]> =>
      (await gathered(models.list())).sort((one, other) => one.device - other.device);

    it('V2: keeps the last model of a device', async () => {
      await models.put([]);
      await models.put([told(2 ** 52 - 1), told(0)]);
      await models.put([told(0, { model: 'M', viewer: 4, toldAt: 6 }), told(1)]);
      expect(await all()).to.deep.equal([told(0, { model: 'M', viewer: 4, toldAt: 6 }), told(1), told(2 ** 52 - 1)]);
      expect(await models.find([1, 9])).to.deep.equal([told(1)]);
      expect(await models.find([])).to.deep.equal([]);
      expect(await models.listOfViewer(3)).to.deep.equal([told(1), told(2 ** 52 - 1)]);
    });

    it('R18: lists all of many, once', async () => {
      const many = Array.from({ length: 6_000 }, (_, device) => told(device));
      for (let start = 0; start < many.length; start += 1_000) await models.put(many.slice(start, start + 1_000));
      expect(await all()).to.deep.equal(many);
    });

    it('O2: removes what is old, and what is of a viewer', async () => {
      await models.put([told(1), told(2, { viewer: 4 }), told(3, { toldAt: 6 }), told(4, { viewer: 4, toldAt: 6 })]);
      expect(await models.removeToldBefore(6)).to.equal(2);
      await models.removeOfViewer(4);
      await models.removeOfViewer(4);
      expect(await all()).to.deep.equal([told(3, { toldAt: 6 })]);
    });

    it('O4: many who put the same devices at once keep each once', async () => {
      const given = Array.from({ length: 100 }, (_, device) => told(device));
      await Promise.all([models.put(given), models.put(given), models.put(given)]);
      expect(await all()).to.deep.equal(given);
    });
  });
}
