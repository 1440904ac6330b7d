// What every store must do for the stream of events and its cursors (G12-G14, O2).

import { expect } from 'chai';
import type { EventStore, TimedEvent } from '../../server/push/event-store.ts';
import { type Ports, STORES } from '../support/stores.ts';

const event = (key: string, changes: Partial<TimedEvent> = {}): TimedEvent => ({
  kind: 'message',
  audience: { all: true },
  content: { text: { en: key, 'a.b$': 'ü' } },
  key,
  at: 1_000,
  ...changes,
});

for (const store of STORES) {
  describe(`event store on ${store.name}`, () => {
    let ports: Ports;
    let events: EventStore;
    beforeEach(async () => {
      ports = await store.open();
      events = ports.events;
    });
    afterEach(() => ports.close());

    const offsets = async (after = 0): Promise<number[]> =>
      (await events.list(after, 1_000)).map(({ offset }) => offset);

    it('G14: has one epoch, the first that was offered, until it is renewed', async () => {
      expect(await events.epoch('one')).to.equal('one');
      expect(await events.epoch('two')).to.equal('one');
      await events.renewEpoch('three');
      expect(await events.epoch('two')).to.equal('three');
    });

    it('G14: numbers events from 1 on, and tells them as they were given', async () => {
      expect(await events.bounds()).to.deep.equal({ first: 1, last: 0 });
      const given = [
        event('a', { validUntil: 5, sender: 7 }),
        event('b', { kind: 'guide-changed', audience: { service: 's', programme: 'p' }, content: {} }),
        event('c', { audience: { viewer: 2 ** 52 - 1 } }),
        event('d', { audience: { device: 8 } }),
        event('e', { audience: { subscribersOf: 's' } }),
      ];
      const stored = given.map((one, index) => ({ ...one, offset: index + 1 }));
      expect(await events.append(given)).to.deep.equal(stored);
      expect(await events.list(0, 10)).to.deep.equal(stored);
      expect(await events.list(1, 2)).to.deep.equal(stored.slice(1, 3));
      expect(await events.list(5, 2)).to.deep.equal([]);
      expect(await events.bounds()).to.deep.equal({ first: 1, last: 5 });
      expect(await events.append([])).to.deep.equal([]);
    });

    it('G14: the same key again is the same event', async () => {
      const [first] = await events.append([event('a')]);
      const again = await events.append([event('b'), event('a', { at: 9 }), event('b', { at: 9 })]);
      expect(again).to.deep.equal([{ ...event('b'), offset: 2 }, first, { ...event('b'), offset: 2 }]);
      expect(await offsets()).to.deep.equal([1, 2]);
    });

    it('G14: many who append at once leave no gap and no double', async () => {
      const groups = Array.from({ length: 8 }, (_, group) =>
        Array.from({ length: 5 }, (_, index) => event(index === 0 ? 'shared' : `${group}-${index}`)),
      );
      const answers = await Promise.all(groups.map((group) => events.append(group)));
      expect(await offsets()).to.deep.equal(Array.from({ length: 33 }, (_, index) => index + 1));
      for (const answer of answers) {
        const own = answer.slice(1).map(({ offset }) => offset);
        expect(own).to.deep.equal(own.toSorted((a, b) => a - b));
      }
      expect(new Set(answers.map(([shared]) => shared?.offset)).size).to.equal(1);
    });

    it('G14: what is old or too much goes, oldest first, and numbering goes on', async () => {
      await events.append([1, 2, 3, 4, 5, 6].map((at) => event(`e${at}`, { at })));
      expect(await events.removeOld(3, 100)).to.equal(2);
      expect(await offsets()).to.deep.equal([3, 4, 5, 6]);
      expect(await events.removeOld(0, 3)).to.equal(1);
      expect(await events.removeOld(99, 0)).to.equal(2);
      expect(await events.bounds()).to.deep.equal({ first: 6, last: 6 });
      expect((await events.append([event('next')]))[0]?.offset).to.equal(7);
    });

    it('I2: lists what was sent by somebody, newest first', async () => {
      await events.append([
        event('a', { sender: 1 }),
        event('b'),
        event('c', { sender: -1 }),
        event('d', { sender: 1 }),
      ]);
      const sent = async (before: number, limit: number) =>
        (await events.listSent(before, limit)).map(({ key }) => key);
      expect(await sent(99, 2)).to.deep.equal(['d', 'c']);
      expect(await sent(3, 2)).to.deep.equal(['a']);
    });

    it('O2: what was for an erased user is told to nobody, and leaves no gap', async () => {
      await events.append([
        event('a', { audience: { viewer: 1 } }),
        event('b', { audience: { viewer: 2 } }),
        event('c', { audience: { device: 3 } }),
        event('d', { audience: { device: 4 } }),
      ]);
      const addressees = { viewer: 1, devices: [3, 9] };
      expect((await events.listOf(addressees)).map(({ key }) => key)).to.deep.equal(['a', 'c']);
      await events.blankOf(addressees);
      await events.blankOf(addressees);
      expect(await events.listOf(addressees)).to.deep.equal([]);
      const left = await events.list(0, 10);
      expect(left.map(({ offset, audience }) => [offset, audience])).to.deep.equal([
        [1, { nobody: true }],
        [2, { viewer: 2 }],
        [3, { nobody: true }],
        [4, { device: 4 }],
      ]);
      expect(left[0]?.content).to.deep.equal({});
    });

    it('R11, O2: what was for many devices is told of each, and an erased user’s devices are taken from it', async () => {
      await events.append([
        event('a', { kind: 'survey', audience: { devices: [3, 4, 9] } }),
        event('b', { kind: 'survey', audience: { devices: [4] } }),
        event('c', { kind: 'survey', audience: { devices: [2 ** 52 - 1, 3] } }),
      ]);
      const addressees = { viewer: 1, devices: [3, 9] };
      expect((await events.listOf(addressees)).map(({ key }) => key)).to.deep.equal(['a', 'c']);
      await events.blankOf(addressees);
      expect(await events.listOf(addressees)).to.deep.equal([]);
      expect((await events.list(0, 10)).map(({ audience }) => audience)).to.deep.equal([
        { devices: [4] },
        { devices: [4] },
        { devices: [2 ** 52 - 1] },
      ]);
    });

    it('G14: cursors go forward only, and are listed and removed by user and age', async () => {
      const cursor = (name: string, offset: number, at = 1, viewer = 1) => ({ name, viewer, offset, at });
      await events.putCursors([]);
      await events.putCursors([cursor('a', 5), cursor('b', 7), cursor('c', 1, 1, 2)]);
      await Promise.all([events.putCursors([cursor('a', 9, 3)]), events.putCursors([cursor('b', 6, 3)])]);
      expect(await events.findCursors(['a', 'b', 'none'])).to.deep.equal(
        new Map([
          ['a', 9],
          ['b', 7],
        ]),
      );
      expect(await events.findCursors([])).to.deep.equal(new Map());
      expect(await events.listCursors(1)).to.deep.equal([cursor('a', 9, 3), cursor('b', 7, 3)]);
      expect(await events.removeCursors({ putBefore: 2 })).to.equal(1);
      expect(await events.removeCursors({ viewer: 1 })).to.equal(2);
      expect(await events.listCursors(1)).to.deep.equal([]);
    });
  });
}

for (const store of STORES.filter(({ name }) => name !== 'sqlite')) {
  it(`G15: what processes tell each other of their streams on ${store.name}`, async () => {
    const ports = await store.open();
    const { streamSigns: signs } = ports;
    if (signs === undefined) throw new Error(`${store.name} is shared and has no signs of streams`);
    const one = { process: 'one', through: 5, devices: [2 ** 52 - 1, 7], viewers: [3, 3] };
    await signs.put(one, 60_000);
    await signs.put({ ...one, process: 'two', devices: [], viewers: [] }, 60_000);
    await signs.put({ ...one, process: 'gone' }, -1);
    const [told, ...others] = await signs.listOthers('two');
    expect(told?.signs).to.deep.equal(one);
    expect(others).to.deep.equal([]);
    await signs.put({ ...one, through: 6, devices: [] }, 60_000);
    expect((await signs.listOthers('two', told?.putAt))[0]?.signs).to.deep.equal({ ...one, through: 6, devices: [] });
    expect((await signs.listOthers('two', (told?.putAt ?? 0) + 60_000))[0]).to.have.keys('process', 'putAt');
    await signs.remove('one');
    expect(await signs.listOthers('two')).to.deep.equal([]);
    await ports.close();
  });
}
