// Bad XML in each document that others send: a problem with line and rule, nothing half done, the good one taken afterwards (G3, G8, G9, I2, O11).

import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { type BadDocument, badVersionsOf } from '../support/bad-xml.ts';

const GUIDE = 'xmlns="urn:pocketmeter:service-guide:1"';
const TABLE = 'xmlns="urn:pocketmeter:subscriptions:1"';
const SERVICE = `<Service ${GUIDE} id="01" weight="5">
<Name lang="en">One</Name>
<PrivateExt>
<Zone>Europe/Berlin</Zone>
<Dwell>30000</Dwell>
</PrivateExt>
</Service>`;
const ITEM = `<PurchaseItem ${GUIDE} id="new" validTo="2027-01-01T00:00:00Z">
<ServiceReference idRef="01"/>
<Name>New</Name>
<PurchaseData><PriceInfo>
<MonetaryPrice currency="EUR">9.90</MonetaryPrice>
<SubscriptionPeriod>P1M</SubscriptionPeriod>
</PriceInfo></PurchaseData>
</PurchaseItem>`;
const LIST = `<Subscriptions ${TABLE} version="1">
<Subscription idRef="basic"/>
<Subscription idRef="more" since="2026-11-20T00:00:00Z"/>
</Subscriptions>`;
const ORDER = `<Order ${TABLE} since="2026-11-01T00:00:00Z" until="2028-01-01T00:00:00Z"/>`;

interface Door {
  user: string;
  method: string;
  path: string;
  good: string;
  root: string;
  /** What only this document can have wrong. */
  own: Record<string, BadDocument>;
}

const at = (line: number, body: string): BadDocument => ({ body, status: 400, line });
const named = (text: string): BadDocument => at(2, SERVICE.replace('<Name lang="en">One</Name>', text));

const DOORS: Door[] = [
  {
    ...{ user: 'news', method: 'PUT', path: '/sg/services/01', good: SERVICE, root: 'Service' },
    own: {
      'no name': at(3, SERVICE.replace('<Name lang="en">One</Name>', '')),
      'an empty name': named('<Name/>'),
      'an endless name': named(`<Name>${'x'.repeat(3_000)}</Name>`),
      'an endless language': named(`<Name lang="${'x'.repeat(99)}">One</Name>`),
      'a negative number': at(1, SERVICE.replace('"5"', '"-1"')),
      'a number out of range': at(1, SERVICE.replace('"5"', '"4000000000"')),
      'no such zone': at(4, SERVICE.replace('Europe/Berlin', 'Mars/Olympus')),
      'a dwell of years': at(5, SERVICE.replace('30000', '4000000000')),
      'another id': at(1, SERVICE.replace('"01"', '"02"')),
      'a purchase item': at(1, ITEM.replace('"new"', '"01"')),
    },
  },
  {
    ...{ user: 'news', method: 'PUT', path: '/sg/purchase-items/new', good: ITEM, root: 'PurchaseItem' },
    own: {
      'nothing in it': at(1, ITEM.replace('<ServiceReference idRef="01"/>', '')),
      'a service that is not there': at(2, ITEM.replace('"01"', '"none"')),
      'a part that is not there': at(2, ITEM.replace('ServiceReference idRef="01"', 'PurchaseItemReference idRef="x"')),
      'no price': at(6, ITEM.replace(/<Monetary.*/, '')),
      'a price below zero': at(5, ITEM.replace('9.90', '-1')),
      'no currency': at(5, ITEM.replace('EUR', 'Euro')),
      'two units of time': at(6, ITEM.replace('P1M', 'P1M7D')),
      'an end without a zone': at(1, ITEM.replace('00:00Z', '00:00')),
      'a year of five digits': at(1, ITEM.replace('2027', '12027')),
      'over before it begins': at(1, ITEM.replace(' validTo', ' validFrom="2027-01-01T00:00:00Z" validTo')),
    },
  },
  {
    ...{ user: 'abc', method: 'POST', path: '/subscriptions/sync', good: LIST, root: 'Subscriptions' },
    own: {
      'no version': at(1, LIST.replace('version="1"', '')),
      'a version that is none': at(1, LIST.replace('"1"', '"one"')),
      'an item without a name': at(3, LIST.replace('idRef="more"', 'idRef=""')),
      'an item twice': at(3, LIST.replace('more', 'basic')),
      'an item that nobody sells': { body: LIST.replace('more', 'none'), status: 409, line: 3 },
      'no such day': at(3, LIST.replace('11-20T', '02-30T')),
      'a time without a zone': at(3, LIST.replace('00:00Z', '00:00')),
      'an order': at(1, ORDER),
    },
  },
  {
    ...{ user: 'shop', method: 'PUT', path: '/subscriptions/more?user=other', good: ORDER, root: 'Order' },
    own: {
      'no such day': at(1, ORDER.replace('11-01', '11-31')),
      'over before it begins': { body: ORDER.replace('2028', '2020'), status: 409 },
      'a list': at(1, LIST),
    },
  },
];

describe('bad XML', () => {
  let world: ApiWorld;
  let state: Record<string, string>;
  before(async () => {
    world = await startApiWorld({}, { SUBSCRIPTION_SYNC: 'device' });
    const more = { names: { en: 'More' }, services: ['01'], price: { amount: '1', currency: 'EUR' }, period: 'P1M' };
    const sold = await world.as('news', 'PUT', '/sg/purchase-items/more', { body: JSON.stringify(more) });
    expect(sold.status).to.equal(201);
  });
  beforeEach(async () => {
    state = await world.state();
  });
  after(() => world.close());

  const send = async ({ user, method, path }: Door, body: string | Uint8Array): Promise<Response> => {
    if (user !== 'abc') return world.as(user, method, path, { body: body as string, type: 'text/xml' });
    const authorization = await world.digestOf(user, method, path);
    const headers = { 'content-type': 'text/xml', authorization };
    return fetch(world.url + path, { method, headers, body: Buffer.from(body) });
  };

  for (const door of DOORS)
    it(`O11: ${door.method} ${door.path} tells line and rule, and does nothing`, async () => {
      for (const [name, { body, status, line }] of Object.entries({
        ...badVersionsOf(door.good, door.root),
        ...door.own,
      })) {
        const answer = await send(door, body);
        const text = await answer.text();
        const told = `${name}: ${answer.status} ${text}`;
        expect(answer.status, told).to.equal(status);
        expect(answer.headers.get('content-type'), told).to.equal('application/problem+xml; charset=utf-8');
        const { problem } = new XMLParser({ isArray: (element) => element === 'i' }).parse(text);
        if (line !== undefined) expect(problem.faults?.i[0].line, told).to.equal(line);
        if (status === 400) expect(problem.faults?.i[0].rule, told).to.be.a('string').and.not.equal('');
      }
      expect(await world.state()).to.deep.equal(state);
      const taken = await send(door, door.good);
      expect(taken.status, await taken.text()).to.be.within(200, 201);
      expect(await world.state()).not.to.deep.equal(state);
    });

  it('O11, I2: POST /pushes tells line and rule of the XML that it was to pass on, and pushes nothing', async () => {
    const good = '<Offer xmlns="urn:x" id="1">\n<Text>Goal</Text>\n</Offer>';
    const push = (xml: string | Uint8Array): Promise<Response> => {
      const body = JSON.stringify({ audience: { all: true }, content: { xml: String(xml) } });
      return world.as('ops', 'POST', '/pushes', { body });
    };
    // Any well-formed document is passed on: what has a schema of its own is none of these.
    const isMalformed = (name: string): boolean => !/namespace|root|nobody knows|where there is none/.test(name);
    let tried = 0;
    for (const [name, { body, line }] of Object.entries(badVersionsOf(good, 'Offer'))) {
      if (line === undefined || !isMalformed(name)) continue;
      const answer = await push(body);
      const problem = (await answer.json()) as { faults?: { rule: string }[] };
      const told = `${name}: ${answer.status} ${JSON.stringify(problem)}`;
      expect(answer.status, told).to.equal(400);
      expect(problem, told).to.include({ code: 'invalid' });
      expect(problem.faults?.[0], told).to.include({ line });
      expect(problem.faults?.[0]?.rule, told).to.be.a('string').and.not.equal('');
      tried += 1;
    }
    expect(tried).to.be.above(10);
    expect(await world.state()).to.deep.equal(state);
    expect((await push(good)).status).to.equal(201);
  });
});
