// What of the live audience one may see (R9, R14).

import { expect } from 'chai';
import fc from 'fast-check';
import { audienceOf } from '../../../../reports/live/live.ts';
import type { LaneView, LiveView } from '../../../../reports/live/live-minutes.ts';

const MINUTES = [0, 60_000];
const lane = (audience: number, byMinute: number[]): LaneView => ({
  audience,
  devices: { broadcast: 1, unicast: audience, unknown: 0 },
  byMinute,
});
const KNOWN = [
  { id: '02', name: 'Two', provider: 'film' },
  { id: '01', name: 'One', provider: 'news' },
  { id: '03', name: 'Three', provider: 'news' },
];
const viewOf = (services: [string, LaneView][]): LiveView => ({
  at: 130_000,
  minutes: MINUTES,
  services: new Map(services),
  programmes: [],
  all: lane(9, [8, 9]),
});
const VIEW = viewOf([
  ['x', lane(1, [0, 1])],
  ['01', lane(5, [4.99, 5.256])],
  ['02', lane(2, [3, 3])],
]);

describe('live audience', () => {
  it('R9: all services in the order of the guide, then unknown ones, and the total', () => {
    expect(audienceOf(VIEW, KNOWN)).to.deep.equal({
      at: 130_000,
      minutes: MINUTES,
      suppressBelow: 0,
      items: [
        { service: '02', serviceName: 'Two', ...lane(2, [3, 3]) },
        { service: '01', serviceName: 'One', ...lane(5, [4.99, 5.26]) },
        {
          service: '03',
          serviceName: 'Three',
          audience: 0,
          devices: { broadcast: 0, unicast: 0, unknown: 0 },
          byMinute: [0, 0],
        },
        { service: 'x', serviceName: 'Unknown', ...lane(1, [0, 1]) },
      ],
      total: lane(9, [8, 9]),
    });
  });

  it('R14: a provider gets its own services, without cells of few people and without what they could be told from', () => {
    expect(audienceOf(VIEW, KNOWN, { provider: 'news', below: 5 })).to.deep.equal({
      at: 130_000,
      minutes: MINUTES,
      suppressBelow: 5,
      items: [
        { service: '01', serviceName: 'One', audience: 5, byMinute: [null, 5.26], suppressed: true },
        { service: '03', serviceName: 'Three', byMinute: [null, null], suppressed: true },
      ],
    });
  });

  it('R14: no number of a provider comes from fewer than k people, and none is of another', () => {
    const figures = fc.tuple(
      fc.nat(20),
      fc.array(fc.float({ min: 0, max: 20, noNaN: true }), { minLength: 2, maxLength: 2 }),
    );
    fc.assert(
      fc.property(fc.array(figures, { minLength: 3, maxLength: 3 }), fc.integer({ min: 2, max: 10 }), (all, below) => {
        const view = viewOf(KNOWN.map(({ id }, index) => [id, lane(all[index]?.[0] ?? 0, all[index]?.[1] ?? [])]));
        const seen = audienceOf(view, KNOWN, { provider: 'news', below });
        expect(seen).not.to.have.property('total');
        for (const { service, audience, devices, byMinute } of seen.items) {
          expect(['01', '03']).to.include(service);
          expect(devices).to.equal(undefined);
          for (const number of [audience, ...byMinute])
            if (typeof number === 'number') expect(number).to.be.at.least(below - 0.005);
        }
      }),
    );
  });
});
