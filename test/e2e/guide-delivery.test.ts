// The guide as handsets get it: forms, codings, what changed, old versions, now and next, marks by user (G4, G5, G6).

import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { validGuide, validXmltv } from '../support/guide-documents.ts';
import { rawGet } from '../support/raw-get.ts';
import { startServer } from '../support/server.ts';

const HOUR_MS = 3_600_000;

interface GuideJson {
  version: number;
  since?: number;
  marks: string;
  deleted: { fragment: string; id: string; service?: string; startAt?: string }[];
  services: { id: string; channelStat: string[]; names: Record<string, string> }[];
  purchaseItems: { id: string }[];
  programmes: { id: string; service: string; startAt: string; titles: Record<string, string> }[];
}

describe('the guide for handsets', () => {
  let world: ApiWorld;
  beforeEach(async () => {
    world = await startApiWorld();
  });
  afterEach(() => world.close());

  const json = async (query = '', user = 'admin'): Promise<GuideJson> => {
    const answer = await world.as(user, 'GET', `/sg?format=json${query}`);
    const text = await answer.text();
    expect(answer.status, text).to.equal(200);
    return JSON.parse(text) as GuideJson;
  };
  const put = async (path: string, body: object): Promise<void> => {
    const answer = await world.as('admin', 'PUT', path, { body: JSON.stringify(body) });
    expect(answer.ok, await answer.clone().text()).to.equal(true);
  };
  const load = async (service: string, ...programmes: [id: string, hour: number, title: string][]): Promise<void> => {
    const time = (hour: number): string =>
      new Date(world.clock.now + hour * HOUR_MS).toISOString().replaceAll(/[-:T]|\..*/g, '');
    const list = programmes.map(
      ([id, hour, title]) =>
        `<programme id="${id}" channel="${service}" start="${time(hour)}" stop="${time(hour + 1)}"><title lang="en">${title}</title><title lang="de">${title} (de)</title></programme>`,
    );
    const body = `<tv><channel id="${service}"><display-name>S &amp; ${service}</display-name></channel>${list.join('')}</tv>`;
    const path = `/sg/loads?provider=${service === '02' ? 'film-corp' : 'news-corp'}`;
    const answer = await world.as('admin', 'POST', path, { body, type: 'text/xml' });
    expect(answer.status, await answer.clone().text()).to.equal(201);
  };

  it('G4: is XML valid by its schema, XMLTV valid by its DTD, or JSON; by Accept or by name', async () => {
    await load('01', ['x', 0, 'A "B" &lt;C&gt;'], ['y', 1, 'Y']);
    for (const [accept, query, type] of [
      ['*/*', '', 'application/xml'],
      ['text/xml', '', 'application/xml'],
      ['application/json', '', 'application/json'],
      ['application/x-xmltv', '', 'application/x-xmltv'],
      ['application/json', '?format=xml', 'application/xml'],
      ['text/html,application/xml;q=0.9,*/*;q=0.8', '?format=xmltv', 'application/x-xmltv'],
    ] as const) {
      const answer = await fetch(`${world.url}/sg${query}`, { headers: { accept, authorization: world.admin } });
      expect(answer.headers.get('content-type'), accept).to.equal(`${type}; charset=utf-8`);
      expect(answer.headers.get('vary')).to.equal('Accept, Accept-Encoding, Authorization');
      const body = Buffer.from(await answer.arrayBuffer());
      if (type === 'application/xml') expect(validGuide(body)).to.equal('ServiceGuide');
      if (type === 'application/x-xmltv') validXmltv(body);
      expect(body.toString()).to.match(/A (&quot;|\\")B/);
    }
    const refused = await fetch(`${world.url}/sg`, { headers: { accept: 'image/png', authorization: world.admin } });
    expect(refused.status).to.equal(415);
    expect(refused.headers.get('content-type')).to.equal('application/problem+xml; charset=utf-8');
    expect((await world.ask('/sg?format=json&version=x')).headers.get('content-type')).to.match(/problem\+json/);
    expect((await world.ask('/sg?format=xmltv&since=1')).status).to.equal(400);
  });

  it('G4: what the XMLTV says can be loaded again, and changes nothing', async () => {
    await load('01', ['x', 0, 'A &amp; B'], ['y', 1, 'Y']);
    const { version } = await json();
    const body = await (await world.ask('/sg?format=xmltv&service=01')).text();
    const path = '/sg/loads?provider=news-corp';
    const again = await world.as('admin', 'POST', path, { body, type: 'text/xml' });
    expect(await again.json()).to.include({ revision: version, faultCount: 0, programmes: 2 });
  });

  it('G4: by service, window and language', async () => {
    await load('01', ['x', 5, 'X'], ['y', 6, 'Y'], ['z', 30, 'Z']);
    const own = await json('&service=01');
    expect(own.services.map(({ id }) => id)).to.deep.equal(['01']);
    expect(own.purchaseItems.map(({ id }) => id)).to.deep.equal(['basic']);
    expect((await json('&service=02')).purchaseItems).to.deep.equal([]);
    const at = (hour: number): string => new Date(world.clock.now + hour * HOUR_MS).toISOString();
    const window = await json(`&from=${at(5.5)}&to=${at(6)}`);
    expect(window.programmes.map(({ id }) => id)).to.deep.equal(['x']);
    const german = await json('&language=de-AT&service=01');
    expect(german.programmes.find(({ id }) => id === 'z')?.titles).to.deep.equal({ de: 'Z (de)' });
    expect((await json('&language=fr&service=01')).programmes.at(-1)?.titles).to.deep.equal({ en: 'Z' });
    expect((await world.ask('/sg?language=not_a_tag')).status).to.equal(400);
    expect((await world.ask('/sg?from=2000-01-01&to=2001-01-01')).status).to.equal(400);
  });

  it('G4: since a version, tells what is new, changed and gone, and from which version to which', async () => {
    await load('01', ['same', 5, 'Same'], ['moved', 6, 'Moved'], ['gone', 7, 'Gone'], ['named', 8, 'Old name']);
    const { version: since } = await json();
    await load('01', ['same', 5, 'Same'], ['moved', 6.5, 'Moved'], ['named', 8, 'New name']);
    await put('/sg/purchase-items/more', {
      names: { en: 'More' },
      services: ['02'],
      price: { amount: '1', currency: 'EUR' },
    });
    await world.as('admin', 'DELETE', '/sg/purchase-items/basic');
    await put('/sg/services/03', { names: { en: 'Three' } });
    await put('/sg/services/02/measured-windows', { marks: ['TRUE 2026-11-21T20:00+01:00~21:00'] });
    const changes = await json(`&since=${since}`);
    expect(changes).to.include({ since, version: since + 5, marks: 'all' });
    const start = (hour: number): string => new Date(world.clock.now + hour * HOUR_MS).toISOString();
    expect(changes.deleted).to.deep.equal([
      { fragment: 'PurchaseItem', id: 'basic' },
      { fragment: 'Content', id: 'moved', service: '01', startAt: start(6) },
      { fragment: 'Content', id: 'gone', service: '01', startAt: start(7) },
    ]);
    expect(changes.services.map(({ id }) => id)).to.deep.equal(['03', '02']);
    expect(changes.services[1]?.channelStat).to.deep.equal(['TRUE 2026-11-21T19:00Z~20:00']);
    expect(changes.purchaseItems.map(({ id }) => id)).to.deep.equal(['more']);
    expect(changes.programmes.map(({ id, titles }) => [id, titles.en])).to.deep.equal([
      ['moved', 'Moved'],
      ['named', 'New name'],
    ]);
    const xml = Buffer.from(await (await world.ask(`/sg?since=${since}`)).arrayBuffer());
    expect(validGuide(xml)).to.equal('ServiceGuide');
    expect(xml.toString()).to.contain('<Deleted fragment="Content" idRef="gone" service="01" startTime="');
    const nothing = await json(`&since=${changes.version}`);
    expect([nothing.deleted, nothing.services, nothing.purchaseItems, nothing.programmes].flat()).to.deep.equal([]);
  });

  it('G4: a service that is removed goes whole, and comes back whole', async () => {
    await load('02', ['x', 5, 'X']);
    const { version: since } = await json();
    expect((await world.as('admin', 'DELETE', '/sg/services/02')).status).to.equal(204);
    const gone = await json(`&since=${since}`);
    expect(gone.deleted).to.deep.equal([{ fragment: 'Service', id: '02' }]);
    expect((await json()).programmes.some(({ service }) => service === '02')).to.equal(false);
    await put('/sg/services/02', { names: { en: 'Back' }, provider: 'film-corp' });
    const back = await json(`&since=${gone.version}`);
    expect(back.programmes.map(({ id }) => id)).to.include('x');
    expect((await json(`&since=${since}`)).services.map(({ names }) => names)).to.deep.equal([{ en: 'Back' }]);
  });

  it('G4: old versions by number while they are kept; then 410, as since an old one, and fetch it whole', async () => {
    const { version } = await json();
    await load('01', ['x', 5, 'X']);
    expect((await json(`&version=${version}`)).programmes.some(({ id }) => id === 'x')).to.equal(false);
    expect((await world.ask(`/sg?version=${version + 9}`)).status).to.equal(404);
    expect((await world.ask(`/sg?since=${version + 9}`)).status).to.equal(410);
    world.clock.now += 401 * 24 * HOUR_MS;
    await put('/sg/services/03', { names: { en: 'Three' } });
    await world.products.jobs.runNow('forget-guide-versions', 'test').then(({ ended }) => ended);
    for (const query of [`version=${version}`, `since=${version}`]) {
      const answer = await world.ask(`/sg?format=json&${query}`);
      expect(answer.status, query).to.equal(410);
      expect(await answer.json()).to.include({ code: 'gone' });
    }
    expect((await world.ask(`/sg/programmes?from=2026-11-20&to=2026-11-21&revision=${version}`)).status).to.equal(410);
    expect((await json(`&since=${version + 1}`)).services.map(({ id }) => id)).to.deep.equal(['03']);
  });

  it('G4: answers 304 to who has it, compresses by Accept-Encoding, and tags each coding apart', async () => {
    const plain = await rawGet(world.url, '/sg', { authorization: world.admin });
    const tags = [plain.headers.etag];
    for (const [coding, unpack] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      for (const _ of ['made', 'kept']) {
        const packed = await rawGet(world.url, '/sg', { authorization: world.admin, 'accept-encoding': coding });
        expect(packed.headers).to.include({ 'content-encoding': coding, 'cache-control': 'private, no-cache' });
        expect(unpack(packed.body).toString()).to.equal(plain.body.toString());
        tags.push(packed.headers.etag);
      }
      const etag = tags.at(-1) ?? '';
      const headers = { authorization: world.admin, 'accept-encoding': coding };
      const known = await rawGet(world.url, '/sg', { ...headers, 'if-none-match': `"other", W/${etag}` });
      expect([known.status, known.headers.etag, known.body.length]).to.deep.equal([304, etag, 0]);
      expect((await rawGet(world.url, '/sg', { ...headers, 'if-none-match': '"other"' })).status).to.equal(200);
    }
    expect(new Set(tags).size).to.equal(3);
    await load('01', ['x', 5, 'X']);
    const headers = { authorization: world.admin, 'if-none-match': tags[0] ?? '' };
    expect((await rawGet(world.url, '/sg', headers)).status).to.equal(200);
  });

  it('G4: now and next of every service, until something starts or stops', async () => {
    await load('01', ['now', 0, 'Now'], ['next', 1, 'Next'], ['later', 2, 'Later']);
    const rows = async (): Promise<string[][]> => {
      const { items } = (await (await world.ask('/sg/now?format=json')).json()) as {
        items: { service: string; now?: { id: string }; next?: { id: string } }[];
      };
      return items.map(({ service, now, next }) => [service, now?.id ?? '-', next?.id ?? '-']);
    };
    const tag = async (): Promise<string | null> => (await world.ask('/sg/now')).headers.get('etag');
    expect(await rows()).to.deep.equal([
      ['01', 'now', 'next'],
      ['02', '-', '-'],
    ]);
    const before = await tag();
    world.clock.now += HOUR_MS - 1_001; // the world's clock is a second past the hour
    expect(await tag()).to.equal(before);
    world.clock.now += 1_001;
    expect(await rows()).to.deep.equal([
      ['01', 'next', 'later'],
      ['02', '-', '-'],
    ]);
    expect(await tag()).not.to.equal(before);
    const xml = Buffer.from(await (await world.ask('/sg/now?language=de')).arrayBuffer());
    expect(validGuide(xml)).to.equal('NowAndNext');
    expect(xml.toString()).to.contain('<Name lang="de">Next (de)</Name>').and.not.to.contain('lang="en">Next');
  });

  it('G5, G6: marks go by consent and subscription; users of one class share a guide, and staff see all', async () => {
    await put('/sg/services/01', { names: { en: 'One' }, zone: 'Europe/Berlin', provider: 'news-corp' });
    const marks = ['stat=TRUE 2026-11-20 20:00~21:00', 'TRUE 2026-11-21T23:00Z~2026-11-22T01:00Z'];
    await put('/sg/services/01/measured-windows', { marks });
    const told = async (user: string) => {
      const guide = await json('', user);
      return [guide.marks, ...guide.services.map(({ channelStat }) => channelStat.join())];
    };
    // The first lies before the guide's day, by the world's clock; the second goes over midnight in Berlin, too.
    const all = ['all', 'TRUE 2026-11-22T00:00+01:00~02:00', 'TRUE'];
    expect(await told('abc')).to.deep.equal(all);
    expect(await told('news')).to.deep.equal(all);
    const [, ...unpaid] = await told('other'); // has not bought what 01 comes with
    expect(unpaid).to.deep.equal(['FALSE', 'TRUE']);
    await world.as('other', 'PUT', '/subscriptions/basic');
    const tags = await Promise.all(['abc', 'other'].map((user) => world.as(user, 'GET', '/sg')));
    expect(tags[0]?.headers.get('etag')).to.equal(tags[1]?.headers.get('etag'));
    await world.products.accounts.withdrawConsent('abc', 'test');
    expect(await told('abc')).to.deep.equal(['none', 'FALSE', 'FALSE']);
    expect((await world.as('abc', 'GET', '/sg')).headers.get('etag')).not.to.equal(tags[0]?.headers.get('etag'));
  });

  it('G4, O1: asks for credentials, unless the guide is open: then without marks', async () => {
    const asked = await fetch(`${world.url}/sg`);
    expect(asked.status).to.equal(401);
    expect(asked.headers.get('content-type')).to.equal('application/problem+xml; charset=utf-8');
    const open = await startServer({ ANONYMOUS_GUIDE: 'true' });
    const guide = (await (await fetch(`${open.url}/sg?format=json`)).json()) as GuideJson;
    expect(guide.marks).to.equal('none');
    expect(guide.services).to.have.length(10);
    expect((await fetch(`${open.url}/sg`, { headers: { authorization: 'Bearer wrong' } })).status).to.equal(401);
    await open.close();
  });
});
