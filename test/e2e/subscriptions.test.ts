// Subscriptions and keys over HTTP: a handset's own, others' from outside, in XML and JSON, and what staff see of them (G7-G11, V16).

import { expect } from 'chai';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { startServer } from '../support/server.ts';

const NAMESPACE = 'urn:pocketmeter:subscriptions:1';
const subscriptionsXsd = createXsdValidator(new URL('../../schemas/Subscriptions.xsd', import.meta.url));
const keysXsd = createXsdValidator(new URL('../../schemas/Keys.xsd', import.meta.url));

interface Table {
  version: number;
  since?: number;
  items: { item: string; since: string; until?: string; bought: string }[];
  removed: { item: string; reason: string }[];
}

describe('subscriptions over HTTP', () => {
  let world: ApiWorld;
  beforeEach(async () => {
    world = await startApiWorld(); // abc has basic, which is service 01 for a month
    const gold = { names: { en: 'Gold' }, parts: ['basic'], services: ['02'], price: { amount: '9', currency: 'EUR' } };
    const answer = await world.as('admin', 'PUT', '/sg/purchase-items/gold', { body: JSON.stringify(gold) });
    expect(answer.status).to.equal(201);
  });
  afterEach(() => world.close());

  /** Expects the status; the answer as JSON. */
  const json = async <T = Table>(
    user: string,
    method: string,
    path: string,
    status = 200,
    body?: object,
  ): Promise<T> => {
    const sent = { accept: 'application/json', ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await world.as(user, method, path, sent);
    const text = await answer.text();
    expect(answer.status, `${user} ${method} ${path} ${text}`).to.equal(status);
    if (status >= 400) expect(answer.headers.get('content-type')).to.equal('application/problem+json; charset=utf-8');
    return JSON.parse(text) as T;
  };
  /** Expects the status and a valid document of this root, or a problem in XML; its text. */
  const xml = async (user: string, method: string, path: string, status: number, root: string, body?: string) => {
    const answer = await world.as(user, method, path, body === undefined ? {} : { body, type: 'text/xml' });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.status, bytes.toString()).to.equal(status);
    expect(answer.headers.get('content-type')).to.match(
      root === 'problem' ? /^application\/problem\+xml/ : /^application\/xml/,
    );
    if (root !== 'problem') expect(subscriptionsXsd.readValid(bytes, ({ name }) => name)).to.equal(root);
    return bytes.toString();
  };
  const itemsOf = ({ items }: Table): string[] => items.map(({ item }) => item);

  it('G7, G9: a handset orders and cancels in XML and JSON; each odd case has its answer', async () => {
    expect(await xml('abc', 'PUT', '/subscriptions/gold', 201, 'Ordered')).to.contain('version="2" changed="true"');
    expect(
      await xml(
        'abc',
        'PUT',
        '/subscriptions/gold',
        200,
        'Ordered',
        '<Order xmlns="urn:pocketmeter:subscriptions:1"/>',
      ),
    ).to.contain('changed="false"');
    const basic = await json<{ coveredBy: string[]; changed: boolean }>('abc', 'PUT', '/subscriptions/basic', 200, {});
    expect(basic)
      .to.include({ changed: false })
      .and.to.deep.include({ coveredBy: ['gold'] });
    const whole = await xml('abc', 'GET', '/subscriptions', 200, 'Subscriptions');
    expect(whole).to.match(/idRef="basic" since="[^"]+" until="2026-12-2[\d:.TZ-]+" bought="handset"/);
    expect(whole).to.match(/idRef="gold" since="[^"]+" bought="handset"/);
    expect(await xml('abc', 'DELETE', '/subscriptions/gold', 200, 'Cancelled')).to.contain(
      '<StillEntitled idRef="01"/>',
    );
    expect(await json('abc', 'DELETE', '/subscriptions/gold')).to.include({ changed: false, version: 3 });
    expect(await json('abc', 'GET', '/subscriptions?since=2')).to.deep.include({ since: 2, items: [] });
    expect(await xml('abc', 'GET', '/subscriptions?since=1', 200, 'Subscriptions')).to.contain(
      '<Removed idRef="gold" reason="cancelled"',
    );
    await json('abc', 'PUT', '/subscriptions/nothing', 404);
    await json('abc', 'DELETE', '/subscriptions/nothing', 404);
    await xml('abc', 'PUT', '/subscriptions/nothing', 404, 'problem');
    await json('abc', 'PUT', '/subscriptions/gold', 403, { until: '2099-01-01' });
    await json('abc', 'GET', '/subscriptions?user=other', 403);
    await json('abc', 'PUT', '/subscriptions/basic?user=other', 403);
  });

  it('O11: what is wrong with a document is told with line, element and rule, and nothing is done', async () => {
    const before = await world.state();
    const order = (text: string): string => `<?xml version="1.0"?>\n${text}`;
    for (const [method, path, body, told] of [
      [
        'PUT',
        '/subscriptions/gold',
        order(`<Order xmlns="${NAMESPACE}"\n until="soon"/>`),
        /<element>\{urn:pocketmeter:subscriptions:1\}Order<\/element>.*until/,
      ],
      ['PUT', '/subscriptions/gold', order('<Order/>'), /<line>2<\/line>/],
      ['PUT', '/subscriptions/gold', order(`<Subscriptions xmlns="${NAMESPACE}" version="1"/>`), /Order is expected/],
      ['PUT', '/subscriptions/gold', order(`<!DOCTYPE x><Order xmlns="${NAMESPACE}"/>`), /DOCTYPE/],
      [
        'POST',
        '/subscriptions/sync',
        order(`<Subscriptions xmlns="${NAMESPACE}" version="1">\n<Subscription/></Subscriptions>`),
        /<line>3<\/line>.*idRef/,
      ],
      ['POST', '/subscriptions/sync', '<Subscriptions', /<code>invalid<\/code>/],
    ] as const)
      expect(await xml('abc', method, path, 400, 'problem', body), body).to.match(told);
    for (const body of [{ until: 5 }, { until: 'soon' }, { other: 1 }])
      await json('shop', 'PUT', '/subscriptions/gold?user=abc', 400, body);
    for (const body of [
      {},
      { version: 1 },
      { version: -1, items: [] },
      { version: 1, items: [{ item: 'a' }, { item: 'a' }] },
    ])
      await json('abc', 'POST', '/subscriptions/sync', 400, body);
    for (const path of ['/subscriptions?since=x', '/subscriptions?since=-1']) await json('abc', 'GET', path, 400);
    expect(await world.state()).to.deep.equal(before);
  });

  it('G7, O1: from outside for a named user, with what was bought elsewhere, and in the audit log', async () => {
    const path = '/subscriptions/gold?user=other';
    await json('shop', 'PUT', path, 201, { since: '2026-11-01', until: '2027-01-01T00:00:00+01:00' });
    const renewed = await json<{ subscription: object }>('ops', 'PUT', path, 200, { until: '2028-01-01' });
    expect(renewed.subscription).to.include({
      bought: 'business',
      since: '2026-11-01T00:00:00.000Z',
      until: '2028-01-01T00:00:00.000Z',
    });
    await json('admin', 'PUT', '/subscriptions/basic?user=other', 201);
    expect(itemsOf(await json('other', 'GET', '/subscriptions'))).to.deep.equal(['gold', 'basic']);
    await json('shop', 'DELETE', path);
    await json('shop', 'DELETE', path); // is not there: nothing to note
    await json('shop', 'GET', '/subscriptions', 400);
    await json('shop', 'GET', '/subscriptions?user=nobody', 404);
    await json('shop', 'GET', '/subscriptions?user=news', 404);
    await json('shop', 'PUT', '/subscriptions/gold?user=gone', 409); // the account is disabled
    const { items } = await json<{ items: Record<string, unknown>[] }>('admin', 'GET', '/audit');
    const noted = items
      .filter(({ subject }) => subject === 'other')
      .map(({ by, action, detail }) => ({ by, action, detail }));
    expect(noted.slice(0, 4)).to.deep.equal([
      { by: 'shop', action: 'subscription.cancel', detail: { item: 'gold' } },
      { by: 'admin', action: 'subscription.order', detail: { item: 'basic', until: '2026-12-21T06:00:01.000Z' } },
      { by: 'ops', action: 'subscription.order', detail: { item: 'gold', until: '2028-01-01T00:00:00.000Z' } },
      { by: 'shop', action: 'subscription.order', detail: { item: 'gold', until: '2026-12-31T23:00:00.000Z' } },
    ]);
  });

  it('G8: sync gives the server’s table by default, and takes the device’s by policy', async () => {
    const table = await json('abc', 'POST', '/subscriptions/sync');
    expect(table).to.deep.equal(await json('abc', 'GET', '/subscriptions'));
    await xml(
      'abc',
      'POST',
      '/subscriptions/sync',
      200,
      'Subscriptions',
      `<Subscriptions xmlns="${NAMESPACE}" version="0"/>`,
    );
    expect(itemsOf(await json('abc', 'GET', '/subscriptions'))).to.deep.equal(['basic']);
    await world.close();
    world = await startApiWorld({}, { SUBSCRIPTION_SYNC: 'device' });
    const listed = (version: number, item: string): string =>
      `<Subscriptions xmlns="${NAMESPACE}" version="${version}">\n<Subscription idRef="${item}"/></Subscriptions>`;
    expect(await xml('abc', 'POST', '/subscriptions/sync', 409, 'problem', listed(1, 'none'))).to.match(
      /<line>2<\/line><element>none/,
    );
    await json('abc', 'POST', '/subscriptions/sync', 200, { version: 1, items: [] });
    expect(await json('abc', 'GET', '/subscriptions')).to.deep.include({ version: 2, items: [] });
    await xml('abc', 'POST', '/subscriptions/sync', 409, 'problem', listed(1, 'basic')); // missed a change
    expect(await xml('abc', 'POST', '/subscriptions/sync', 200, 'Subscriptions', listed(2, 'basic'))).to.contain(
      'bought="sync"',
    );
  });

  it('G10: what is over goes by the clock; the job notes it, once', async () => {
    const at = world.clock.now;
    world.clock.now = Date.UTC(2026, 11, 21, 6);
    expect(itemsOf(await json('abc', 'GET', '/subscriptions'))).to.deep.equal([]);
    const run = async () => (await (await world.products.jobs.runNow('settle-subscriptions', 'test', at)).ended).rows;
    expect(await run()).to.equal(1);
    expect(await json('abc', 'GET', '/subscriptions?since=1')).to.deep.include({ version: 2, items: [] });
    expect(await world.products.subscriptions.settleDue()).to.equal(0);
  });

  it('G11: keys go to subscribers alone, as XML and JSON, and are in no cache', async () => {
    const answer = await world.as('abc', 'GET', '/keys');
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(keysXsd.readValid(bytes, ({ name }) => name)).to.equal('Keys');
    const read = async (user: string) =>
      (await json<{ items: { service: string; key: string; until: string }[] }>(user, 'GET', '/keys')).items;
    const [key] = await read('abc');
    expect(key).to.include({ service: '01', until: '2026-11-22T00:00:00.000Z' });
    expect(bytes.toString()).to.contain(key?.key);
    expect(await read('other')).to.deep.equal([]);
    expect(
      keysXsd.readValid(Buffer.from(await (await world.as('other', 'GET', '/keys')).arrayBuffer()), ({ name }) => name),
    ).to.equal('Keys');
    world.clock.now = Date.UTC(2026, 10, 21, 23);
    expect(await read('abc')).to.have.length(2);
    await world.as('abc', 'DELETE', '/subscriptions/basic');
    expect(await read('abc')).to.deep.equal([]);
    const state = JSON.stringify(await world.products.audit.list({ limit: 1_000 }));
    expect(state).not.to.contain(key?.key);
  });

  it('V16: staff see of who is online what was bought and how long the keys are valid; providers do not', async () => {
    const online = async (user: string) =>
      (await json<{ items: Record<string, unknown>[] }>(user, 'GET', '/online?service=01')).items[0] ?? {};
    expect(await online('ops')).to.deep.include({ user: 'abc', keyValidUntil: '2026-11-22T00:00:00.000Z' });
    expect((await online('ops')).subscriptions).to.have.length(1);
    expect(await online('news')).not.to.have.any.keys('subscriptions', 'keyValidUntil', 'user');
  });

  it('G6: the guide of who has not bought a service hides that it is measured', async () => {
    world.clock.now += 5_000; // gold is new
    const marks = async (user: string) =>
      (await json<{ services: { id: string; channelStat: string[] }[] }>(user, 'GET', '/sg?format=json')).services.map(
        ({ channelStat }) => channelStat.join(),
      );
    expect(await marks('abc')).to.deep.equal(['TRUE', 'FALSE']); // 02 is sold with gold
    await world.as('abc', 'PUT', '/subscriptions/gold');
    expect(await marks('abc')).to.deep.equal(['TRUE', 'TRUE']);
    expect(await marks('other')).to.deep.equal(['FALSE', 'FALSE']);
    expect(await marks('admin')).to.deep.equal(['TRUE', 'TRUE']);
  });

  it('O2: an export tells them, an erasure removes them', async () => {
    const told = await json<{ subscriptions: Table }>('admin', 'GET', '/accounts/abc/export');
    expect(itemsOf(told.subscriptions)).to.deep.equal(['basic']);
    const { viewer } = await world.products.accounts.get('abc');
    await world.as('admin', 'POST', '/accounts/abc/erasure');
    expect(await world.products.subscriptions.export(viewer)).to.deep.equal({ version: 0, items: [], changes: [] });
  });
});

describe('key periods by configuration', () => {
  it('O6: a lead that is longer than the period is refused', async () => {
    const fault = await startServer({ KEY_PERIOD_S: '60', KEY_LEAD_S: '61' }).catch((error: Error) => error);
    expect(String(fault)).to.contain('KEY_LEAD_S');
  });
});
