// Who is in the universe, with which weight, as the configuration says (ratings R2, R3; G6).

import { expect } from 'chai';
import type { Person } from '../../server/accounts/account.ts';
import { openSqliteStore } from '../../server/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../server/store/store.ts';
import { wirePeople } from '../../server/wired-people.ts';

const ACCOUNTS: Person[] = [
  { user: 'ada', viewer: 1, demographics: { region: 'North', weight: '2.5' } },
  { user: 'bob', viewer: 2, demographics: { region: 'South', weight: 'none' } }, // kept before weights had a rule
  { user: 'cyd', viewer: 3 },
];

describe('people, wired', () => {
  let store: Store;
  beforeEach(() => {
    store = openSqliteStore(':memory:');
  });
  afterEach(() => store.close());
  const read = (config: { sampleShare?: number; ratingWeights?: 'on' | 'off' }) =>
    wirePeople({
      deviceModels: store.deviceModels,
      accounts: {
        async *listMeasurable() {
          yield ACCOUNTS;
        },
      },
      isSampled: (user) => config.sampleShare === undefined || user !== 'ada',
      config: { sampleShare: 1, ratingWeights: 'off', ...config },
    }).read();

  it('R2: a census unless weights are asked for', async () => {
    const { universe, weightOf } = await read({});
    expect(universe).to.deep.equal({ weight: 3, users: 3, effectiveSize: 3, isSample: false });
    expect([1, 2, 3, 4].map(weightOf)).to.deep.equal([1, 1, 1, 0]);
  });

  it('R2: weights are those of the demographics, 1 without, and no group', async () => {
    const { universe, weightOf, segmentation } = await read({ ratingWeights: 'on' });
    expect(universe).to.deep.include({ weight: 4.5, users: 3, isSample: true });
    expect([1, 2, 3].map(weightOf)).to.deep.equal([2.5, 1, 1]);
    expect(await segmentation('region')).to.deep.include({
      names: ['North', 'South', 'Unknown'],
      universes: [2.5, 1, 1],
    });
    expect((await segmentation('group:weight')).names).to.deep.equal(['Unknown']);
  });

  it('G6: only the sample is the universe', async () => {
    const { universe, weightOf } = await read({ sampleShare: 0.5 });
    expect(universe).to.deep.equal({ weight: 2, users: 2, effectiveSize: 2, isSample: true });
    expect(weightOf(1)).to.equal(0);
  });

  it('R3: devices are of the model that is kept', async () => {
    await store.deviceModels.put([{ device: 5, viewer: 1, model: 'N 9', toldAt: 1 }]);
    const { names, segmentOf } = await (await read({})).segmentation('device');
    expect([5, 6].map((device) => names[segmentOf(1, device, 0)])).to.deep.equal(['N 9', 'Unknown']);
  });
});
