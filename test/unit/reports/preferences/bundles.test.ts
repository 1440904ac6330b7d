// Bundles of services that are watched together: a hand-worked example, chance, and what is not told (R13, R14).

import { expect } from 'chai';
import fc from 'fast-check';
import { createBundleTally, preferredServices } from '../../../../reports/preferences/bundles.ts';

const tallied = (
  users: readonly (readonly [preferred: string, count: number, subscribed?: string])[],
  suppressBelow = 0,
  mostSets?: number,
) => {
  const tally = createBundleTally(suppressBelow, mostSets);
  for (const [preferred, count, subscribed = ''] of users)
    for (let user = 0; user < count; user += 1) tally.add(preferred.split(''), subscribed.split(''));
  return tally.finish(async () => undefined);
};

describe('bundles', () => {
  it('R13: support, confidence, lift and whom it would suit, by hand', async () => {
    const found = await tallied([
      ['abc', 2],
      ['ab', 1, 'ab'],
      ['ab', 1, 'abc'],
      ['a', 2],
      ['c', 4],
    ]);
    expect(found.users).to.equal(10);
    // a: 6 users, b: 4, c: 6. ab: 4 of 10, by chance 10·0.6·0.4 = 2.4. abc: 2, by chance 10·0.6·0.4·0.6 = 1.44.
    expect(found.bundles).to.deep.equal([
      { services: ['a', 'b'], users: 4, supportPercent: 40, confidencePercent: 66.6667, lift: 1.6667, suits: 2 },
      { services: ['a', 'b', 'c'], users: 2, supportPercent: 20, confidencePercent: 33.3333, lift: 1.3889, suits: 3 },
      { services: ['b', 'c'], users: 2, supportPercent: 20, confidencePercent: 33.3333, lift: 0.8333, suits: 2 },
      { services: ['a', 'c'], users: 2, supportPercent: 20, confidencePercent: 33.3333, lift: 0.5556, suits: 2 },
    ]);
  });

  it('R13: of services that are independent the lift is 1', async () => {
    const { bundles } = await tallied([
      ['ab', 12],
      ['a', 18],
      ['b', 28],
      ['c', 42],
    ]); // a: 30 of 100, b: 40 of 100
    expect(bundles.map(({ lift }) => lift)).to.deep.equal([1]);
  });

  it('R14: nothing that fewer than k are behind, not even whom it would suit', async () => {
    const users = [
      ['ab', 4],
      ['ab', 1, 'ab'],
      ['bc', 4],
    ] as const;
    expect((await tallied(users, 5)).bundles).to.deep.equal([
      { services: ['a', 'b'], users: 5, supportPercent: 55.5556, confidencePercent: 55.5556, lift: 1 },
    ]);
    expect((await tallied(users, 6)).bundles).to.deep.equal([]);
  });

  it('R13: every set of two to four that users share is found, and none other', async () => {
    const sets = fc.array(fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(sets, fc.integer({ min: 0, max: 3 }), async (lists, least) => {
        const users = lists.map((list) => [list.sort().join(''), 1] as const);
        const found = (await tallied(users, least)).bundles;
        const expected = new Map<string, number>();
        for (let mask = 0; mask < 64; mask += 1) {
          const services = [...'abcdef'].filter((_, at) => mask & (1 << at));
          const count = lists.filter((list) => services.every((service) => list.includes(service))).length;
          if (services.length >= 2 && services.length <= 4 && count >= Math.max(1, least))
            expected.set(services.join(''), count);
        }
        expect(new Map(found.map(({ services, users }) => [services.join(''), users]))).to.deep.equal(expected);
      }),
    );
  });

  it('R18: beyond what memory is set aside for, users unlike all others are left out and counted', async () => {
    const found = await tallied(
      [
        ['ab', 2],
        ['cd', 2],
        ['ab', 1],
      ],
      0,
      1,
    );
    expect([found.users, found.usersLeftOut]).to.deep.equal([3, 2]);
  });

  it('R13: a service counts from a tenth of the viewing and ten minutes on', () => {
    const service = [
      ['b', 6_000, 1],
      ['a', 1_000, 1],
      ['c', 999, 1],
      ['d', 599, 1],
    ] as const;
    expect(preferredServices({ seconds: 10_000, days: 1, cells: { service } })).to.deep.equal(['a', 'b']);
    expect(preferredServices({ seconds: 599, days: 1, cells: { service: [['d', 599, 1]] } })).to.deep.equal([]);
  });
});
