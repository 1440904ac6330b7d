// One viewer's sessions made into viewing (ratings R2; viewing V12).

import { expect } from 'chai';
import { cleanViewing } from '../../../../reports/figures/clean-viewing.ts';
import { createStretches } from '../../../../reports/figures/stretches.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { batchOf } from '../../../support/viewing-rows.ts';

const row = (device: number, service: string, from: number, to: number): ViewingRow => ({
  viewer: 1,
  device,
  service,
  programme: '',
  startedAt: from * 1000,
  endedAt: to * 1000,
  imputedMs: 0,
});
const clean = (...rows: ViewingRow[]): [string | undefined, number | undefined, number | undefined][] => {
  const { batch, services } = batchOf(rows);
  const dwellMs = services.map((service) => (service === 'short' ? 10_000 : 60_000));
  const viewing = createStretches();
  cleanViewing(batch, 0, batch.count, services, dwellMs, viewing);
  return Array.from({ length: viewing.count }, (_, place) => [
    services[viewing.service[place] ?? -1],
    viewing.from[place],
    viewing.to[place],
  ]);
};

describe('clean viewing', () => {
  it('R2: of a viewer on two devices the session that started last counts, then the earlier one goes on', () => {
    expect(clean(row(1, 'a', 0, 300), row(2, 'b', 100, 200))).to.deep.equal([
      ['a', 0, 100],
      ['b', 100, 200],
      ['a', 200, 300],
    ]);
  });

  it('R2: of two that start at once the lot decides, whichever device shows them, and no service is always ahead', () => {
    for (const [one, other] of [
      [7, 3],
      [3, 7],
    ] as const) {
      expect(clean(row(one, 'a', 0, 100), row(other, 'b', 0, 150))).to.deep.equal([
        ['a', 0, 100],
        ['b', 100, 150],
      ]);
      expect(clean(row(one, 'a', 100, 200), row(other, 'b', 100, 250))).to.deep.equal([['b', 100, 250]]);
    }
  });

  it('V12: surfing is never audience, and takes no second from what another device shows', () => {
    expect(clean(row(1, 'a', 0, 300), row(2, 'b', 100, 159))).to.deep.equal([['a', 0, 300]]);
    expect(clean(row(1, 'a', 0, 60))).to.deep.equal([['a', 0, 60]]);
  });

  it('V12: a service may have a dwell of its own', () => {
    expect(clean(row(1, 'short', 0, 10), row(1, 'short', 20, 29))).to.deep.equal([['short', 0, 10]]);
  });
});
