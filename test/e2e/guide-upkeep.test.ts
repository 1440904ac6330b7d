// A provider keeps its services, schedule and purchase items, in XML and JSON, with revisions (G1, G3, O11).

import { expect } from 'chai';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { validGuide } from '../support/guide-documents.ts';

const NAMESPACE = 'xmlns="urn:pocketmeter:service-guide:1"';
const service = (id: string, inner = '<Name lang="en">One</Name>'): string =>
  `<Service ${NAMESPACE} id="${id}">\n${inner}\n</Service>`;
const PRICE =
  '<PurchaseData><PriceInfo><MonetaryPrice currency="EUR">9.90</MonetaryPrice><SubscriptionPeriod>P1M</SubscriptionPeriod></PriceInfo></PurchaseData>';
const item = (id: string, references: string, data = PRICE): string =>
  `<PurchaseItem ${NAMESPACE} id="${id}" validTo="2027-01-01T00:00:00Z">${references}<Name>All</Name>${data}</PurchaseItem>`;

describe("a provider's own guide", () => {
  let world: ApiWorld;
  before(async () => {
    world = await startApiWorld();
  });
  after(() => world.close());

  const put = (path: string, body: string, type = 'text/xml', user = 'news'): Promise<Response> =>
    world.as(user, 'PUT', path, { body, type });

  it('G3: puts a service in XML, and gets it in XML; marks stay', async () => {
    const marks = JSON.stringify({ marks: ['TRUE 2026-11-20T18:00Z~19:00'] });
    expect((await put('/sg/services/01/measured-windows', marks, 'application/json')).status).to.equal(200);
    const own =
      '<PrivateExt><Logo>http://example.com/a.png</Logo><Zone>Europe/Berlin</Zone><Dwell>30000</Dwell></PrivateExt>';
    const names = '<Name lang="en">One &amp; only</Name><Name lang="de">Eins</Name>';
    const answer = await put('/sg/services/01', service('01', `${names}<Genre>News</Genre>${own}`));
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('content-type')).to.equal('application/xml; charset=utf-8');
    const document = Buffer.from(await answer.arrayBuffer());
    expect(validGuide(document)).to.equal('Service');
    const stored = await world.products.guide.findService('01');
    expect(stored).to.deep.include({
      names: { en: 'One & only', de: 'Eins' },
      genre: 'News',
      logo: 'http://example.com/a.png',
      zone: 'Europe/Berlin',
      dwellMs: 30_000,
      provider: 'news-corp',
    });
    expect(stored?.measured).to.have.length(1);
    const { revision } = world.products.guide;
    const before = await revision();
    expect((await put('/sg/services/01', document.toString())).status).to.equal(200);
    expect(await revision(), 'what one gets, put again, changes nothing').to.equal(before);
    expect((await put('/sg/services/new', service('new'))).status).to.equal(201);
  });

  it('G1, G3: puts a purchase item in XML', async () => {
    const references = '<ServiceReference idRef="01"/><PurchaseItemReference idRef="basic"/>';
    const answer = await put('/sg/purchase-items/all', item('all', references));
    expect(answer.status, await answer.clone().text()).to.equal(201);
    expect(validGuide(Buffer.from(await answer.arrayBuffer()))).to.equal('PurchaseItem');
    expect(await world.products.guide.findPurchaseItem('all')).to.deep.equal({
      id: 'all',
      names: { und: 'All' },
      provider: 'news-corp',
      services: ['01'],
      parts: ['basic'],
      price: { amount: '9.90', currency: 'EUR' },
      period: 'P1M',
      validTo: Date.UTC(2027, 0, 1),
    });
  });

  it('O11: bad XML is told in XML, with line and rule, and changes nothing', async () => {
    const before = await world.state();
    for (const [path, body, status, line] of [
      ['/sg/services/01', service('01', '<Name>x</Nam>'), 400, 2],
      ['/sg/services/01', service('01', '<Nam>x</Nam>'), 400, 2],
      ['/sg/services/01', service('01', '<Name>x</Name>\n<Name lang="a" b="c">x</Name>'), 400, 3],
      ['/sg/services/01', service('02'), 400, 1],
      ['/sg/services/01', `<!DOCTYPE Service>${service('01')}`, 400, 1],
      ['/sg/services/01', item('01', '<ServiceReference idRef="01"/>'), 400, 1],
      ['/sg/services/01', '', 400, undefined],
      [
        '/sg/services/01',
        service('01', '<Name>x</Name><PrivateExt><Zone>Mars/Olympus</Zone></PrivateExt>'),
        400,
        undefined,
      ],
      ['/sg/services/02', service('02'), 403, undefined],
      ['/sg/purchase-items/x', item('x', ''), 400, undefined],
      ['/sg/purchase-items/x', item('x', '<ServiceReference idRef="none"/>'), 400, undefined],
      ['/sg/purchase-items/x', item('x', '<ServiceReference idRef="01"/>', PRICE.replace('9.90', '-1')), 400, 1],
      ['/sg/purchase-items/x', item('x', '<ServiceReference idRef="01"/>', PRICE.replace('P1M', 'P1M7D')), 400, 1],
      ['/sg/purchase-items/basic', item('basic', '<PurchaseItemReference idRef="all"/>'), 409, undefined],
    ] as const) {
      const answer = await put(path, body);
      const told = `${path} ${body}: ${answer.status} ${await answer.clone().text()}`;
      expect(answer.status, told).to.equal(status);
      expect(answer.headers.get('content-type'), told).to.equal('application/problem+xml; charset=utf-8');
      if (line !== undefined)
        expect(await answer.text(), told)
          .to.contain(`<line>${line}</line>`)
          .and.to.contain('<rule>');
    }
    const wide = await world.as('news', 'PUT', '/sg/services/01', { body: '\ufeff<Service/>', type: 'text/xml' });
    expect(wide.status).to.equal(400);
    expect(await world.state()).to.deep.equal(before);
  });

  it('G3: replaces the schedule of a window; the old one stays at its revision', async () => {
    const { guide } = world.products;
    const window = { from: Date.UTC(2026, 10, 22), to: Date.UTC(2026, 10, 23) };
    const path = '/sg/services/01/programmes?from=2026-11-22&to=2026-11-23';
    const film = { startAt: '2026-11-22T20:00:00Z', stopAt: '2026-11-22T22:00+00:00', titles: { en: 'Film' } };
    const planned = { programmes: [film] };
    const answer = await put(path, JSON.stringify(planned), 'application/json');
    expect(answer.status, await answer.clone().text()).to.equal(200);
    const { revision } = (await answer.json()) as { revision: number };
    const more = {
      id: 'late',
      rating: '12',
      categories: ['Film'],
      breaks: [{ from: '2026-11-22T21:00Z', to: '2026-11-22T21:05Z' }],
    };
    const overran = { programmes: [{ ...film, ...more, stopAt: '2026-11-22T22:20Z' }] };
    expect((await put(path, JSON.stringify(overran), 'application/json')).status).to.equal(200);
    const idsAt = async (at: number): Promise<string[]> =>
      (await guide.listProgrammes({ ...window, services: ['01'], revision: at })).map(({ id }) => id);
    expect(await idsAt(revision)).to.deep.equal(['01-20261122T2000Z']);
    expect(await idsAt(revision + 1)).to.deep.equal(['late']);
    const before = await world.state();
    for (const [body, user, status] of [
      [{ programmes: [{ ...film, startAt: '2026-11-21T20:00Z' }] }, 'news', 400],
      [{ programmes: [film, film] }, 'news', 400],
      [{ programmes: [{ ...film, titles: {} }] }, 'news', 400],
      [{ programmes: [{ ...film, startAt: 'noon' }] }, 'news', 400],
      [{ programmes: [{ ...film, id: 'a/b' }] }, 'news', 400],
      [{ programmes: [{ ...film, breaks: [{ from: '2026-11-22T19:00Z', to: '2026-11-22T21:05Z' }] }] }, 'news', 400],
      [{ programmes: [{ ...film, categories: [{}] }] }, 'news', 400],
      [{ programmes: ['x'] }, 'news', 400],
      [{}, 'news', 400],
      [planned, 'film', 403],
    ] as const) {
      const refused = await put(path, JSON.stringify(body), 'application/json', user);
      expect(refused.status, `${JSON.stringify(body)} ${await refused.text()}`).to.equal(status);
    }
    expect((await put(path.replace('01', 'none'), JSON.stringify(planned), 'application/json')).status).to.equal(404);
    expect(await world.state()).to.deep.equal(before);
  });
});
