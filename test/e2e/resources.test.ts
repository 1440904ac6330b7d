// GET /reports/resources: what draws most, for a network (R17).

import { expect } from 'chai';
import type { Role } from '../../server/http/caller.ts';
import { type ApiWorld, startApiWorld, USER_OF } from '../support/api-world.ts';
import { type RawAnswer, rawGet } from '../support/raw-get.ts';
import { EVENING, logReport } from '../support/reports.ts';

const unicast = (xml: string): string =>
  xml.replace('</LogReport>', '<x:Report xmlns:x="urn:pocketmeter:report:1" access="unicast"/></LogReport>');

describe('the feed for networks', () => {
  let world: ApiWorld;
  before(async () => {
    world = await startApiWorld();
  });
  after(() => world.close());

  it('R17: who watches now and by which way, what was watched in the finished hours, what comes next', async () => {
    world.clock.now = EVENING + 12.5 * 3_600_000;
    const body = unicast(logReport('LogInInfo', 'other', '01', '013'));
    expect((await world.as('other', 'POST', '/', { body, type: 'text/xml' })).status).to.equal(200);
    world.clock.now = EVENING + 13 * 3_600_000 + 1;
    for (const type of ['LogOutInfo', 'LogInInfo']) {
      const sent = unicast(logReport(type, 'other', '01', '013'));
      expect((await world.as('other', 'POST', '/', { body: sent, type: 'text/xml' })).status).to.equal(200);
    }
    const answer = await world.as(USER_OF['business' satisfies Role], 'GET', '/reports/resources');
    const { hours, items } = (await answer.json()) as { hours: object; items: Record<string, unknown>[] };
    expect(hours).to.deep.equal({ from: '2026-11-21T04:00:00.000Z', to: '2026-11-21T07:00:00.000Z' });
    const [service] = items;
    expect(service).to.deep.include({
      of: 'service',
      service: '01',
      rankNow: 1,
      audience: 1,
      devices: { broadcast: 0, unicast: 1, unknown: 0 },
    });
    expect(service?.viewerSeconds).to.be.greaterThan(1_799);
    expect(items.map(({ of, service: id, programme }) => [of, id, programme])).to.deep.include([
      'programme',
      '01',
      '013',
    ]);
  });

  it('R17: the same is not sent again, whenever it is asked for; each form has its tag', async () => {
    const get = (accept: string, more: Record<string, string> = {}): Promise<RawAnswer> =>
      rawGet(world.url, '/reports/resources', { authorization: world.admin, accept, ...more });
    const first = await get('application/xml');
    const tag = { 'if-none-match': first.headers.etag ?? '' };
    expect(first.body.toString()).to.match(/^<\?xml.*<ResourceFeed xmlns="urn:pocketmeter:resource-feed:1"/);
    world.clock.now += 2_000;
    const again = await get('application/xml', tag);
    expect([again.status, again.body.length]).to.deep.equal([304, 0]);
    expect((await get('application/json', tag)).status).to.equal(200);
  });
});
