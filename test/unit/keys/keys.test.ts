// Keys: to subscribers only, the next one in time, none beyond the subscription, the same from every process (G11).

import { expect } from 'chai';
import { createSealing } from '../../../server/accounts/sealing.ts';
import { createKeys, type Keys } from '../../../server/keys/keys.ts';
import { Problem } from '../../../server/problem.ts';
import type { NewEvent } from '../../../server/push/event.ts';
import { openSqliteStore } from '../../../server/store/sqlite/open-sqlite-store.ts';
import { DAY_MS, HOUR_MS, type Selling, START, startSelling } from '../../support/selling.ts';
import type { Ports } from '../../support/stores.ts';

const VIEWER = 0; // asks as early as one may
const MIDNIGHT = START + 14 * HOUR_MS;

describe('keys', () => {
  let ports: Ports;
  let selling: Selling;
  let events: NewEvent[];
  let keys: Keys;
  const makeKeys = (notify = async (event: NewEvent) => void events.push(event), secret = 1): Keys =>
    createKeys({
      store: ports.keys,
      sealing: createSealing(Buffer.alloc(32, secret)),
      offers: selling.offers,
      listEntitled: (viewer) => selling.subscriptions.listEntitled(viewer),
      notify,
      schedule: { periodMs: DAY_MS, leadMs: HOUR_MS },
      clock: () => selling.clock.now,
    });
  beforeEach(async () => {
    ports = openSqliteStore(':memory:');
    selling = await startSelling(ports);
    events = [];
    keys = makeKeys();
  });
  afterEach(() => ports.close());

  const order = (item: string) => selling.subscriptions.order(VIEWER, { item, bought: 'handset' });
  const given = async (from = keys) =>
    (await from.give(VIEWER)).keys.map(({ service, from, until }) => [service, from - MIDNIGHT, until - MIDNIGHT]);

  it('G11: of each service that is paid for, 128 bits, the same to all and from every process', async () => {
    expect(await keys.give(VIEWER)).to.deep.equal({ keys: [] });
    await order('one');
    await order('all');
    await selling.subscriptions.order(8, { item: 'one', bought: 'handset' });
    const ring = await keys.give(VIEWER);
    expect(await given()).to.deep.equal(['s1', 's2', 's3'].map((service) => [service, -DAY_MS, 0]));
    expect(ring.renewAt).to.equal(MIDNIGHT - HOUR_MS);
    for (const { key } of ring.keys) expect(Buffer.from(key, 'base64')).to.have.length(16);
    expect(new Set(ring.keys.map(({ key }) => key)).size).to.equal(3);
    const [elsewhere, other] = await Promise.all([makeKeys().give(VIEWER), makeKeys().give(8)]);
    expect(elsewhere.keys).to.deep.equal(ring.keys);
    expect(other.keys).to.deep.equal(ring.keys.slice(0, 1));
  });

  it('G11: is sealed at rest, and opens with the secret key alone', async () => {
    await order('one');
    const [key] = (await keys.give(VIEWER)).keys;
    const [stored] = await ports.keys.list(['s1'], MIDNIGHT - DAY_MS);
    expect(JSON.stringify(stored)).not.to.contain(key?.key);
    const fault = await makeKeys(undefined, 2)
      .give(VIEWER)
      .catch((error: Error) => error);
    expect(String(fault)).to.contain('does not open');
  });

  it('G11: within the lead the next one, but none that begins when the subscription is over', async () => {
    await order('two'); // five hours
    await order('all');
    expect(await given()).to.deep.equal([
      ['s1', -DAY_MS, 0],
      ['s2', -DAY_MS, 0],
      ['s3', -DAY_MS, 0],
    ]);
    await selling.subscriptions.cancel(VIEWER, 'all');
    expect(await given()).to.deep.equal([['s2', -DAY_MS, -9 * HOUR_MS]]); // as long as it is paid for
    selling.clock.now = MIDNIGHT - HOUR_MS;
    expect(await given()).to.deep.equal([]);
    await order('two');
    await selling.subscriptions.order(VIEWER, { item: 'one', bought: 'business', until: MIDNIGHT });
    expect(await given()).to.deep.equal([
      ['s1', -DAY_MS, 0],
      ['s2', -DAY_MS, 0],
      ['s2', 0, 4 * HOUR_MS],
    ]);
    const now = await keys.give(VIEWER);
    selling.clock.now = MIDNIGHT;
    expect(await given()).to.deep.equal([['s2', 0, 4 * HOUR_MS]]);
    expect((await keys.give(VIEWER)).keys).to.deep.equal(now.keys.slice(2)); // the one that was given ahead
  });

  it('G11: who cancels gets no further key', async () => {
    await order('one');
    expect(await given()).to.have.length(1);
    await selling.subscriptions.cancel(VIEWER, 'one');
    selling.clock.now = MIDNIGHT;
    expect(await given()).to.deep.equal([]);
  });

  it('V16: tells until when the keys are valid that a user can have now', async () => {
    const until = async () => keys.validUntil(await selling.subscriptions.listEntitled(VIEWER));
    expect(await until()).to.equal(undefined);
    await order('all');
    expect(await until()).to.equal(MIDNIGHT);
    selling.clock.now = MIDNIGHT - HOUR_MS;
    expect(await until()).to.equal(MIDNIGHT + DAY_MS);
    await order('coming'); // s1, which lasts longer with all
    expect(await until()).to.equal(MIDNIGHT + DAY_MS);
    await selling.subscriptions.cancel(VIEWER, 'all');
    await order('two');
    expect(await until()).to.equal(MIDNIGHT + 4 * HOUR_MS);
  });

  it('G11: subscribers of each sold service are told once, in time, by events that are named by their period', async () => {
    expect(await keys.tellNext()).to.equal(0);
    selling.clock.now = MIDNIGHT - HOUR_MS;
    expect(await keys.tellNext()).to.equal(3);
    expect(await keys.tellNext()).to.equal(0);
    const [from, until] = [new Date(MIDNIGHT).toISOString(), new Date(MIDNIGHT + DAY_MS).toISOString()];
    expect(events).to.deep.equal(
      ['s1', 's2', 's3'].map((service) => ({
        kind: 'key-needs-update',
        audience: { subscribersOf: service },
        content: { service, from, until },
        key: `key/${service}/${from}`,
        validUntil: MIDNIGHT + DAY_MS,
      })),
    );
    expect(await ports.keys.list(['s1', 's2', 's3', 's4'], MIDNIGHT)).to.have.length(3); // made before they are asked for
    expect(await makeKeys().tellNext()).to.equal(3); // another process: the same names
    expect(new Set(events.map(({ key }) => key)).size).to.equal(3);
  });

  it('G11: what could not be told is told later, a little after the period began at the latest', async () => {
    selling.clock.now = MIDNIGHT + HOUR_MS - 1;
    const faulty = makeKeys(async () => {
      throw new Problem('unavailable', 'nobody is told');
    });
    expect(await faulty.tellNext().catch((error: Problem) => error.code)).to.equal('unavailable');
    expect(await keys.tellNext()).to.equal(3);
    selling.clock.now += 1;
    expect(await makeKeys().tellNext()).to.equal(0);
  });

  it('G11: old keys are removed a week after their end', async () => {
    await order('all');
    await keys.give(VIEWER);
    selling.clock.now = MIDNIGHT + 7 * DAY_MS - 1;
    expect(await keys.forgetOld()).to.equal(0);
    selling.clock.now += 1;
    expect(await keys.forgetOld()).to.equal(3);
  });
});
