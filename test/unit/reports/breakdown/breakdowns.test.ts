// What is split by session and device, not by person (ratings R3; viewing V2).

import { expect } from 'chai';
import { createBreakdowns } from '../../../../reports/breakdown/breakdowns.ts';
import { createDeviceKinds } from '../../../../reports/breakdown/device-kinds.ts';
import { createPeople } from '../../../../reports/breakdown/people.ts';

const breakdownsOf = (devices: readonly { device: number; model: string }[]) =>
  createBreakdowns({
    readPeople: createPeople({
      async *list() {
        yield [{ viewer: 1, weight: 1, demographics: { region: 'North', age: '20-29' } }];
      },
      isSample: false,
      elapsedMs: () => 0,
    }),
    deviceKinds: createDeviceKinds({
      async *list() {
        yield devices;
        yield devices;
      },
      elapsedMs: () => 0,
    }),
  }).read();

describe('breakdowns', () => {
  it('R3: viewing 120 s or more behind the broadcast is time-shifted; what is not told is live', async () => {
    const { names, universes, segmentOf } = await (await breakdownsOf([])).segmentation('shift');
    expect(universes).to.equal(undefined);
    expect([-1, 0, 119, 120, 86_400].map((shiftS) => names[segmentOf(1, 1, shiftS)])).to.deep.equal([
      'live',
      'live',
      'live',
      'time-shifted',
      'time-shifted',
    ]);
  });

  it('R3: a region is a demographic, and so is a group', async () => {
    const { segmentation } = await breakdownsOf([]);
    expect((await segmentation('region')).names).to.deep.equal(['North']);
    expect((await segmentation('group:age')).names).to.deep.equal(['20-29']);
  });

  it('R3: a device is of the kind that it tells, Unknown when it tells none', async () => {
    const { segmentation } = await breakdownsOf([
      { device: 2 ** 52 - 1, model: 'N 95' },
      { device: 5, model: 'N 9' },
      { device: 6, model: 'Unknown' },
      { device: 7, model: 'Other' },
    ]);
    const { names, universes, segmentOf } = await segmentation('device');
    expect(names).to.deep.equal(['N 9', 'N 95', 'Other', 'Unknown']);
    expect(universes).to.equal(undefined);
    expect([2 ** 52 - 1, 5, 6, 7, 8].map((device) => names[segmentOf(1, device, 0)])).to.deep.equal([
      'N 95',
      'N 9',
      'Unknown',
      'Other',
      'Unknown',
    ]);
  });

  it('R3: the hundred most frequent models have their names, the rest are Other', async () => {
    const devices = Array.from({ length: 300 }, (_, device) => ({ device, model: `M${device % 150}` }));
    for (let device = 300; device < 350; device += 1) devices.push({ device, model: `M${device - 200}` });
    const { names, segmentOf } = await (await breakdownsOf(devices)).segmentation('device');
    expect(names).to.have.length(102);
    expect(names.slice(49, 52)).to.deep.equal(['M49', 'M100', 'M101']); // three of each of these, two of the others
    expect(names[segmentOf(1, 300, 0)]).to.equal('M100');
    expect(names[segmentOf(1, 99, 0)]).to.equal('Other');
  });
});
