// What a handset makes of the events it gets: doubles, order, what is missing (O10, G14).

import { expect } from 'chai';
import type { Expected } from '../../../server/simulator/received-events.ts';
import { createReceivedEvents, type ReceivedEvent } from '../../../server/simulator/received-events.ts';

const event = (offset: number, at = offset): ReceivedEvent => ({ id: `epoch:${offset}`, kind: 'message', at });
const expected = (events: ReceivedEvent[], how: Partial<Expected> = {}): Expected => ({
  ...{ events, isUnsure: () => false, isForeign: () => false },
  ...how,
});

describe('received events', () => {
  it('G14: drops doubles by id, and tells what came out of order', () => {
    const events = createReceivedEvents();
    events.begin('epoch:1', true);
    expect([2, 4, 3, 4].map((offset) => events.take(event(offset), false))).to.deep.equal([true, true, true, false]);
    expect(events.list().map(({ id }) => id)).to.deep.equal(['epoch:2', 'epoch:4', 'epoch:3']);
    expect(events.counts).to.include({ received: 3, doubles: 1, outOfOrder: 1 });
  });

  it('I2: a late event is in no order, and leaves that of others as it was', () => {
    const events = createReceivedEvents();
    events.take(event(5), false);
    events.take(event(3), true);
    events.take(event(4), false);
    events.take(event(9), true);
    events.take(event(6), false);
    expect(events.counts).to.include({ received: 5, outOfOrder: 1 });
  });

  it('G14: what is stored and did not come is missed, unless it is unsure whom it was for', () => {
    const events = createReceivedEvents();
    events.begin('epoch:0', true);
    events.take(event(2), false);
    const all = expected(
      [1, 2, 3].map((offset) => event(offset)),
      { isUnsure: ({ at }) => at === 3 },
    );
    expect(events.isMissing(all)).to.equal(true);
    events.compare(all);
    expect(events.counts).to.include({ missed: 1, unjudged: 1, foreign: 0 });
    events.take(event(1), false);
    events.take(event(3), false);
    expect(events.isMissing(all)).to.equal(false);
  });

  it('G13: tells what is for another', () => {
    const events = createReceivedEvents();
    for (const offset of [1, 2]) events.take(event(offset), false);
    events.compare(expected([], { isForeign: (id) => id === 'epoch:2' }));
    expect(events.counts).to.include({ missed: 0, foreign: 1 });
  });

  it('G14: a resume leaves open from where all is to be there; what is not recovered begins anew', () => {
    const events = createReceivedEvents();
    events.begin('epoch:7', true);
    events.take(event(9), false);
    events.begin('epoch:9', true);
    expect(events.comparedFrom()).to.equal('epoch:7');
    events.begin('other:3', false);
    expect(events.comparedFrom()).to.equal('other:3');
    events.take({ ...event(4), id: 'other:4' }, false);
    expect(events.counts).to.include({ notRecovered: 1, outOfOrder: 0 });
    events.compare(expected([]));
    expect(events.counts.missed).to.equal(0);
  });
});
