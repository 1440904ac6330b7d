// The cache whose entries are believed for a short time (O2: what another process changed counts soon).

import { expect } from 'chai';
import { createFreshCache } from '../../../server/accounts/fresh-cache.ts';

describe('fresh cache', () => {
  it('believes an entry for its time, and not when the clock was set back by more', () => {
    const cache = createFreshCache<string>(10, 1_000);
    cache.put('a', 'x', 50_000);
    expect(cache.find('a', 50_999)).to.equal('x');
    expect(cache.find('a', 51_000)).to.equal(undefined);
    expect(cache.find('a', 49_500)).to.equal('x');
    expect(cache.find('a', 49_000)).to.equal(undefined);
  });

  it('keeps the newest', () => {
    const cache = createFreshCache<string>(2, 1_000);
    for (const key of ['a', 'b', 'c']) cache.put(key, key, 0);
    expect(['a', 'b', 'c'].map((key) => cache.find(key, 0))).to.deep.equal([undefined, 'b', 'c']);
  });
});
