// Who is let in still reaches nothing that is another's: providers, handsets (O1, O2, G3, R14, V8).

import { expect } from 'chai';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { logReport } from '../support/reports.ts';

describe('ownership', () => {
  let world: ApiWorld;
  before(async () => {
    world = await startApiWorld();
  });
  after(() => world.close());

  it('O1: a provider reads and changes nothing of another', async () => {
    const before = await world.state();
    const names = { body: JSON.stringify({ names: { en: 'Mine' } }) };
    const marks = { body: JSON.stringify({ marks: [] }) };
    const guide = { body: '<tv/>', type: 'text/xml' };
    const mine = { body: JSON.stringify({ names: { en: 'Mine' }, provider: 'film-corp' }) };
    for (const [method, path, init] of [
      ['PUT', '/sg/services/02', names],
      ['PUT', '/sg/services/03', mine],
      ['PUT', '/sg/services/01', mine],
      ['PUT', '/sg/services/02/measured-windows', marks],
      ['POST', '/sg/loads?provider=film-corp', guide],
      ['GET', '/sessions?service=02', {}],
      ['GET', '/sessions?user=other', {}],
      ['GET', '/sessions?user=nobody', {}],
      ['GET', '/online?service=02', {}],
      ['GET', '/reports/ratings?service=02', {}],
      ['GET', '/reports/ratings?service=02&by=programme', {}],
    ] as const) {
      expect((await world.as('news', method, path, init)).status, `${method} ${path}`).to.equal(403);
    }
    expect((await world.as('news', 'GET', '/online')).status).to.equal(400);
    expect(await world.state()).to.deep.equal(before);
    const foreign = `<tv><channel id="02"><display-name>Mine</display-name></channel>
<programme channel="02" start="20261120090000" stop="20261120100000"><title>Mine</title></programme></tv>`;
    const loaded = await world.as('news', 'POST', '/sg/loads', { body: foreign, type: 'text/xml' });
    expect(await loaded.json()).to.include({ services: 0, programmes: 0, skipped: 1, faultCount: 2 });
    for (const path of [
      '/sessions',
      '/online?service=01',
      '/reports/ratings?by=service',
      '/reports/ratings?by=programme',
      '/reports/attention?of=service',
      '/reports/attention',
      '/sessions?format=csv',
      '/sessions?format=xml',
      '/reports/ratings?format=csv',
    ]) {
      const body = await (await world.as('news', 'GET', path)).text();
      expect(body, path).not.to.match(/"service":"02"|"02[123]"|,02,|<Service_ID>02</);
      expect(body, path).not.to.match(/"user"|abc|User_ID/);
    }
    const own = (await (await world.as('film', 'GET', '/sessions')).json()) as { items: { service: string }[] };
    expect(own.items.map(({ service }) => service)).to.deep.equal(['02', '02']);
  });

  it('O2, V8: a handset reads and changes its own only', async () => {
    const before = await world.state();
    const consent = { body: JSON.stringify({ version: '1' }) };
    const report = { body: logReport('LogInInfo', 'other', '01', '011'), type: 'text/xml' };
    const batch = { body: `<LogReports>${report.body.replace(/<\?.*\?>/, '')}</LogReports>`, type: 'text/xml' };
    for (const [method, path, init] of [
      ['GET', '/sessions?user=other', {}],
      ['GET', '/sessions?user=nobody', {}],
      ['PUT', '/accounts/other/consent', consent],
      ['PUT', '/accounts/nobody/consent', consent],
      ['DELETE', '/accounts/other/consent', {}],
      ['GET', '/accounts/other/export', {}],
      ['GET', '/accounts/nobody/export', {}],
      ['POST', '/', report],
      ['POST', '/reports', report],
    ] as const) {
      expect((await world.as('abc', method, path, init)).status, `${method} ${path}`).to.equal(403);
    }
    const answered = await world.as('abc', 'POST', '/reports/batch', batch);
    expect(await answered.text()).to.contain('code="forbidden"');
    expect(await world.state()).to.deep.equal(before);
    for (const path of ['/sessions', '/sessions?user=abc', '/accounts/abc/export']) {
      const body = await (await world.as('abc', 'GET', path)).text();
      expect(body, path).to.contain('"service":"01"');
      expect(body, path).not.to.match(/"service":"02"|other/);
    }
  });
});
