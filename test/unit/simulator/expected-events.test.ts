// What a handset is held against: what the server tells, and what the store itself says was for it (O10; G13, G14).

import { expect } from 'chai';
import type { NewEvent } from '../../../server/push/event.ts';
import { createEventRecord, type EventRecord } from '../../../server/simulator/event-record.ts';
import { createExpecting } from '../../../server/simulator/expected-events.ts';
import { openSqliteStore } from '../../../server/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../server/store/store.ts';

const [ANNA, BEN] = [1, 2];
const NAMES = new Map([
  [ANNA, 'anna'],
  [BEN, 'ben'],
]);
const AUDIENCES: Partial<NewEvent>[] = [
  { audience: { all: true } },
  { audience: { viewer: ANNA } },
  { audience: { viewer: BEN } },
  { audience: { service: '01' } },
  { audience: { all: true }, validUntil: 1_000 },
  { audience: { viewer: ANNA }, kind: 'account-closed' },
  { audience: { subscribersOf: '01' } },
  { audience: { viewer: ANNA } },
];

describe('what a handset is expected to have', () => {
  let store: Store;
  let record: EventRecord;
  const append = (first: number, events: readonly Partial<NewEvent>[]): Promise<unknown> =>
    store.events.append(
      events.map((event, index) => ({
        ...{ kind: 'message' as const, audience: { all: true as const }, content: {}, at: 10 * (first + index) },
        ...{ key: `key-${first + index}`, ...event },
      })),
    );
  const idOf = (place: number): string => `epoch:${place}`;
  const told = (places: number[], through: number) => ({
    events: places.map((place) => ({ id: idOf(place), kind: 'message', at: 10 * place })),
    id: idOf(through),
  });
  const expecting = (isUnsureAt: (at: number) => boolean, of: EventRecord | undefined = record) =>
    createExpecting({ user: 'anna', record: of, isUnsureAt });

  beforeEach(async () => {
    store = openSqliteStore(':memory:');
    await store.events.epoch('epoch');
    await append(1, AUDIENCES);
    record = createEventRecord({ events: store.events, userOf: async (viewer) => NAMES.get(viewer) });
  });
  afterEach(() => store.close());

  it('G13, G14: what is for all or for the user, though the server does not tell it, and what the server tells', async () => {
    const { events } = await expecting(() => false)(told([4], 7), undefined);
    expect(events.map(({ id }) => id).sort()).to.deep.equal([1, 2, 4].map(idOf));
  });

  it('G14: of what lies after the one id and through the other', async () => {
    const { events } = await expecting(() => false)(told([1, 4, 7], 4), idOf(1));
    expect(events.map(({ id }) => id).sort()).to.deep.equal([2, 4].map(idOf));
  });

  it('G13: unsure is only what is for who watches, never what is for all or for a user', async () => {
    const near = await expecting((at) => at >= 10 && at < 50)(told([4], 8), undefined);
    expect(AUDIENCES.map((_, index) => near.isUnsure({ id: idOf(index + 1), kind: 'message', at: 20 }))).to.deep.equal(
      [1, 2, 3, 4, 5, 6, 7, 8].map((place) => place === 4),
    );
    expect(near.isUnsure({ id: idOf(4), kind: 'message', at: 50 })).to.equal(false);
  });

  it('G13: foreign is what is for another user', async () => {
    const { isForeign } = await expecting(() => false)(told([], 8), undefined);
    expect([1, 2, 3, 4, 5, 6, 7, 8].filter((place) => isForeign(idOf(place)))).to.deep.equal([3]);
  });

  it('G14: reads on, and forgets what is no longer kept', async () => {
    await record.look();
    await append(9, [{ audience: { all: true } }]);
    await store.events.removeOld(25, 100);
    const { events } = await expecting(() => false)(told([], 9), undefined);
    expect(events.map(({ id }) => id)).to.deep.equal([8, 9].map(idOf));
  });

  it('G13: without a record it goes by what the server tells, and excuses nothing', async () => {
    const { events, isUnsure } = await createExpecting({ user: 'anna', record: undefined, isUnsureAt: () => true })(
      told([4], 8),
      undefined,
    );
    expect(events.map((event) => isUnsure(event))).to.deep.equal([false]);
  });
});
