// Orders, cancellations, bundles, expiry and sync: each odd case by name (G7-G10).

import { expect } from 'chai';
import { Problem } from '../../../server/problem.ts';
import { openSqliteStore } from '../../../server/store/sqlite/open-sqlite-store.ts';
import { DAY_MS, HOUR_MS, type Selling, START, startSelling } from '../../support/selling.ts';
import type { Ports } from '../../support/stores.ts';

const VIEWER = 7;

describe('subscriptions', () => {
  let ports: Ports;
  let selling: Selling;
  beforeEach(async () => {
    ports = openSqliteStore(':memory:');
    selling = await startSelling(ports);
  });
  afterEach(() => ports.close());

  const order = (item: string, more: { since?: number; until?: number } = {}) =>
    selling.subscriptions.order(VIEWER, { item, bought: 'handset', ...more });
  const cancel = (item: string) => selling.subscriptions.cancel(VIEWER, item);
  const held = async () => (await selling.subscriptions.list(VIEWER)).map(({ item }) => item);
  const entitled = async () => (await selling.subscriptions.listEntitled(VIEWER)).map(({ service }) => service);
  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Problem ? error.code : String(error)),
    );
  /** Expects a refusal that leaves everything as it was. */
  const refused = async (code: string, work: () => Promise<unknown>): Promise<void> => {
    const before = await selling.subscriptions.export(VIEWER);
    expect(await codeOf(work())).to.equal(code);
    expect(await selling.subscriptions.export(VIEWER)).to.deep.equal(before);
  };

  it('G9: ordered twice it stays as it was', async () => {
    const first = await order('one');
    expect(first).to.deep.include({ isChanged: true, isNew: true, version: 1 });
    expect(first.subscription).to.deep.equal({
      item: 'one',
      since: START,
      until: Date.UTC(2026, 1, 28, 10),
      bought: 'handset',
      orderedAt: START,
    });
    selling.clock.now += HOUR_MS;
    const again = await order('one');
    expect(again).to.deep.equal({ ...first, isChanged: false, isNew: false });
    expect(selling.events).to.have.length(1);
  });

  it('G9: what is unknown, not yet or no longer on offer, or over already is refused', async () => {
    await refused('not_found', () => order('none'));
    await refused('not_found', () => cancel('none'));
    await refused('conflict', () => order('coming'));
    await refused('conflict', () => order('one', { until: START }));
    await refused('conflict', () => order('two', { since: START - 6 * HOUR_MS }));
    await refused('invalid', () => order('two', { since: START + 1 }));
    await order('going');
    selling.clock.now += HOUR_MS;
    expect((await order('going')).isChanged).to.equal(false); // who has it keeps it
    await cancel('going');
    await refused('gone', () => order('going'));
    expect((await order('coming')).isNew).to.equal(true);
    expect((await order('going', { since: START })).isNew).to.equal(true); // bought elsewhere in time
  });

  it('G9: cancelling what is not there changes nothing, once or twice', async () => {
    expect(await cancel('one')).to.deep.equal({ isChanged: false, version: 0, stillEntitled: [] });
    await order('one');
    expect(await cancel('one')).to.deep.include({ isChanged: true, version: 2 });
    expect(await cancel('one')).to.deep.include({ isChanged: false, version: 2 });
  });

  it('G9: a bundle in a bundle: ordered on its own right, and it is told by what it is covered', async () => {
    await order('all');
    expect((await order('duo')).coveredBy).to.deep.equal(['all']);
    expect((await order('one')).coveredBy).to.deep.equal(['all', 'duo']);
    expect(await entitled()).to.deep.equal(['s1', 's2', 's3']);
    expect(await cancel('all')).to.deep.include({ stillEntitled: ['s1', 's2'] });
    expect(await entitled()).to.deep.equal(['s1', 's2']);
    expect((await cancel('duo')).stillEntitled).to.deep.equal(['s1']); // held on its own, it stays
    expect(await held()).to.deep.equal(['one']);
  });

  it('G10: of several items the one that lasts longest counts; what nobody sells is free', async () => {
    await order('two');
    await order('duo');
    const { subscriptions } = selling;
    expect(await subscriptions.listEntitled(VIEWER)).to.deep.equal([
      { service: 's1', until: START + 7 * DAY_MS },
      { service: 's2', until: START + 7 * DAY_MS },
    ]);
    expect(await subscriptions.isEntitled(VIEWER, 's2', START + 7 * DAY_MS - 1)).to.equal(true);
    expect(await subscriptions.isEntitled(VIEWER, 's2', START + 7 * DAY_MS)).to.equal(false);
    expect(await subscriptions.isEntitled(VIEWER, 's2', START - 1)).to.equal(false);
    expect(await subscriptions.isEntitled(8, 's4')).to.equal(true);
    expect(await subscriptions.isEntitled(8, 's1')).to.equal(false);
    await order('all');
    expect(await subscriptions.listEntitled(VIEWER)).to.deep.equal(['s1', 's2', 's3'].map((service) => ({ service })));
    expect(await subscriptions.lockedServices(8)).to.deep.equal(new Set(['s1', 's2', 's3']));
  });

  it('G10: what is over is over by the clock, and told by one event, also after a fault', async () => {
    await order('two');
    await order('all');
    selling.clock.now = START + 5 * HOUR_MS;
    expect(await held()).to.deep.equal(['all']);
    selling.isDeaf.now = true;
    expect(await codeOf(selling.subscriptions.settleDue())).to.equal('unavailable');
    selling.isDeaf.now = false;
    selling.clock.now += 2 * 60_000;
    expect(await selling.subscriptions.settleDue()).to.equal(1);
    expect(await selling.subscriptions.settleDue()).to.equal(0);
    expect(selling.events.map(({ key }) => key)).to.deep.equal([1, 2, 3].map((version) => `subscription/7/${version}`));
    expect(selling.events[2]).to.deep.include({
      kind: 'subscription-changed',
      audience: { viewer: VIEWER },
      content: { version: 3, items: [{ item: 'all', since: new Date(START).toISOString() }] },
    });
    expect((await order('two')).subscription.since).to.equal(selling.clock.now); // and can be had again
  });

  it('G8: an order holds though nobody can be told; devices are told a minute later', async () => {
    selling.isDeaf.now = true;
    await order('one');
    selling.isDeaf.now = false;
    expect(await selling.subscriptions.settleDue()).to.equal(0);
    selling.clock.now += 60_000;
    expect(await selling.subscriptions.settleDue()).to.equal(1);
    expect(selling.events.map(({ key }) => key)).to.deep.equal(['subscription/7/1']);
  });

  it('G7: outside knows better: another end is a renewal', async () => {
    await order('two');
    const renewed = await order('two', { until: START + DAY_MS });
    expect(renewed).to.deep.include({ isChanged: true, isNew: false, version: 2 });
    expect(renewed.subscription).to.include({ since: START, until: START + DAY_MS });
    expect((await order('two', { until: START + DAY_MS })).isChanged).to.equal(false);
  });

  it('G8: a device that missed more than is kept, or has what never was, gets all', async () => {
    for (let count = 0; count < 60; count += 1) {
      await order('one');
      await cancel('one');
    }
    const { subscriptions } = selling;
    expect((await subscriptions.view(VIEWER, 20)).since).to.equal(20);
    for (const since of [19, 121])
      expect((await subscriptions.view(VIEWER, since)).since, `${since}`).to.equal(undefined);
    expect(await subscriptions.view(VIEWER, 119)).to.deep.equal({
      version: 120,
      since: 119,
      items: [],
      removed: [{ item: 'one', reason: 'cancelled', at: START }],
    });
  });

  it('G8: by policy the device’s list is taken, whole or not at all, and only on the present version', async () => {
    await ports.close();
    ports = openSqliteStore(':memory:');
    selling = await startSelling(ports, 'device');
    const { subscriptions, clock } = selling;
    await order('duo');
    const sync = (basis: number, ...items: string[]) =>
      subscriptions.sync(VIEWER, { basis, items: items.map((item) => ({ item })) });
    await refused('conflict', () => sync(0, 'one'));
    await refused('conflict', () => sync(1, 'one', 'none'));
    await refused('conflict', () => sync(1, 'one', 'coming'));
    await refused('invalid', () => subscriptions.sync(VIEWER, undefined));
    const taken = await sync(1, 'two', 'all');
    expect(taken.items.map(({ item, bought }) => [item, bought])).to.deep.equal([
      ['two', 'sync'],
      ['all', 'sync'],
    ]);
    expect(await sync(1, 'two', 'all')).to.deep.equal(taken); // sent again
    clock.now += 5 * HOUR_MS; // what has ended is not bought again by a device that does not know it yet
    expect((await sync(2, 'two', 'all')).items.map(({ item }) => item)).to.deep.equal(['all']);
    expect((await subscriptions.view(VIEWER, 1)).removed.map(({ item }) => item))
      .to.include('duo')
      .and.include('two');
  });

  it('G8: by default the server’s table goes to the device, whatever that sends', async () => {
    await order('one');
    const list = { basis: 0, items: [{ item: 'none' }] };
    const view = await selling.subscriptions.sync(VIEWER, list);
    expect([view.version, view.since, view.items.map(({ item }) => item)]).to.deep.equal([1, undefined, ['one']]);
    expect(await selling.subscriptions.sync(VIEWER, undefined)).to.deep.equal(view);
  });

  it('O2: erased, nothing is left and nothing is due', async () => {
    await order('two');
    await selling.subscriptions.erase(VIEWER);
    expect(await selling.subscriptions.export(VIEWER)).to.deep.equal({ version: 0, items: [], changes: [] });
    selling.clock.now += DAY_MS;
    expect(await selling.subscriptions.settleDue()).to.equal(0);
  });
});
