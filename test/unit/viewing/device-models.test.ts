// Which model each device told last: written when it is new, not at each report (V2; ratings R3; O2).

import { expect } from 'chai';
import { createLog } from '../../../server/log.ts';
import { openSqliteStore } from '../../../server/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../server/store/store.ts';
import { createDeviceModels, type DeviceModels, TOLD_AGAIN_MS } from '../../../server/viewing/device-models.ts';
import { gathered } from '../../support/gathered.ts';

const START = Date.UTC(2026, 10, 20);

describe('device models', () => {
  let store: Store;
  let models: DeviceModels;
  let now: number;
  let calls: number;
  beforeEach(() => {
    store = openSqliteStore(':memory:');
    now = START;
    calls = 0;
    models = open();
  });
  afterEach(() => store.close());
  const open = (): DeviceModels => {
    const { deviceModels } = store;
    const find: typeof deviceModels.find = (devices) => {
      calls += 1;
      return deviceModels.find(devices);
    };
    const log = createLog({ level: 'silent' });
    return createDeviceModels({ store: { ...deviceModels, find }, clock: () => now, log });
  };
  const note = async (device: number, model: string, viewer = 3): Promise<void> => {
    models.note({ device, viewer, model });
    await models.drain();
  };
  const kept = async () => (await gathered(store.deviceModels.list())).map(({ device: _, ...rest }) => rest);

  it('V2: keeps the last model told, and looks at the store for what is new only', async () => {
    await note(7, 'A');
    expect(await kept()).to.deep.equal([{ viewer: 3, model: 'A', toldAt: START }]);
    now += 1_000;
    await note(7, 'A');
    expect(calls).to.equal(1);
    await note(7, 'B');
    expect(await kept()).to.deep.equal([{ viewer: 3, model: 'B', toldAt: now }]);
    expect(calls).to.equal(2);
    models.note({ device: 7, viewer: 3, model: 'A' });
    models.note({ device: 7, viewer: 3, model: 'B' }); // the last one, though it is what is remembered
    await models.drain();
    expect((await kept())[0]?.model).to.equal('B');
  });

  it('O2: who goes on telling is kept by a write in a week', async () => {
    await note(7, 'A');
    now += TOLD_AGAIN_MS - 1;
    await note(7, 'A');
    models = open(); // another process, which remembers nothing
    await note(7, 'A');
    expect((await kept())[0]?.toldAt).to.equal(START);
    now += 1;
    await note(7, 'A');
    expect((await kept())[0]?.toldAt).to.equal(now);
  });

  it('O2: who comes back after an erasure by another process is known anew', async () => {
    await note(7, 'A');
    await store.deviceModels.removeOfViewer(3);
    await note(7, 'A', 4);
    expect(await kept()).to.deep.equal([{ viewer: 4, model: 'A', toldAt: START }]);
  });

  it('V2: any number of devices and models are kept, remembered or not', async () => {
    const apart = 2 ** 19; // they fall on one place of the memory
    for (let device = 0; device < 12_000; device += 1)
      models.note({ device: 1 + (device % 3) * apart + Math.floor(device / 3), viewer: 3, model: `M${device}` });
    await models.drain();
    expect(await kept()).to.have.length(12_000);
    await note(1, 'M0');
    await note(1 + apart, 'M1');
    const found = await store.deviceModels.find([1, 1 + apart, 1 + 2 * apart]);
    expect(found.map(({ model }) => model)).to.deep.equal(['M0', 'M1', 'M2']);
  });

  it('V17: a store that is away costs models, which are told again, and no report', async () => {
    const { deviceModels } = store;
    let isAway = true;
    models = createDeviceModels({
      store: {
        ...deviceModels,
        find: async (devices) => (isAway ? Promise.reject(new Error('away')) : deviceModels.find(devices)),
      },
      clock: () => now,
      log: createLog({ level: 'silent' }),
    });
    await note(7, 'A');
    expect(await kept()).to.deep.equal([]);
    isAway = false;
    await note(7, 'A');
    expect(await kept()).to.have.length(1);
  });
});
