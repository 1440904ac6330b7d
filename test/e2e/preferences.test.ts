// Preferences and bundles over real HTTP: from handsets' reports to what a user sees, erases, and what providers are told (R12, R13, O2).

import { expect } from 'chai';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { logReport } from '../support/reports.ts';

interface View {
  asOf: string;
  measured: boolean;
  erasedAt?: string;
  viewedSeconds: number;
  preferences: { kind: string; id: string; rank: number; share: number; viewedSeconds: number }[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const VIEWERS = ['v1', 'v2', 'v3', 'v4', 'v5'];
const MORNING = Date.UTC(2026, 10, 21, 6);
const GUIDE = `<tv><channel id="03"><display-name lang="en">Three</display-name></channel>
<channel id="04"><display-name lang="en">Four</display-name></channel>
<programme channel="03" start="20261121060000" stop="20261121080000" id="p3"><title lang="en">T</title>
<category lang="en">News &amp; more</category></programme></tv>`;

describe('preferences', () => {
  let world: ApiWorld;
  beforeEach(async () => {
    world = await startApiWorld({}, { SUPPRESS_BELOW: '5' });
    const { clock, products, as } = world;
    expect((await as('news', 'POST', '/sg/loads', { body: GUIDE, type: 'text/xml' })).status).to.equal(201);
    for (const user of VIEWERS) await products.accounts.add({ user, password: 'secret', role: 'handset' }, 'test');
    clock.now = MORNING + MINUTE_MS;
    await all('LogInInfo', '04');
    clock.now += 20 * MINUTE_MS;
    await all('LogInInfo', '03');
    clock.now += 30 * MINUTE_MS;
    await all('LogOutInfo', '03');
  });
  afterEach(() => world.close());

  const handset = (
    user: string,
    method: string,
    path: string,
    init?: { body?: string; type?: string; accept?: string },
  ) => world.login({ user, password: 'secret', scheme: 'digest' }, method, path, init);
  const all = async (type: string, service: string): Promise<void> => {
    for (const user of VIEWERS) {
      const answer = await handset(user, 'POST', '/', { body: logReport(type, user, service, ''), type: 'text/xml' });
      expect(answer.status).to.equal(200);
    }
  };
  /** The job, by hand, at 03:00 so many days after. */
  const count = async (daysLater: number): Promise<void> => {
    world.clock.now = Math.max(world.clock.now + 1, MORNING - 3 * 3_600_000 + daysLater * DAY_MS);
    const { ended } = await world.products.jobs.runNow('preferences', 'test');
    expect((await ended).error).to.equal(undefined);
  };
  const viewOf = async (user: string): Promise<View> =>
    (await (await handset(user, 'GET', '/preferences', { accept: 'application/json' })).json()) as View;
  const servicesOf = async (user: string): Promise<string[]> =>
    (await viewOf(user)).preferences.filter(({ kind }) => kind === 'service').map(({ id }) => id);
  const bundlesFor = async (user: string, query = ''): Promise<Record<string, unknown>> =>
    (await (await world.as(user, 'GET', `/bundles${query}`)).json()) as Record<string, unknown>;

  it('R12: a handset sees its own, in JSON and in XML that is valid; staff name whose', async () => {
    expect(await viewOf('v1')).to.deep.include({ measured: true, viewedSeconds: 0, preferences: [] });
    await count(1);
    const view = await viewOf('v1');
    expect(view).to.deep.include({ asOf: '2026-11-22T02:00:00.000Z', measured: true, viewedSeconds: 3_000 });
    expect(view.preferences).to.deep.equal([
      { kind: 'service', id: '03', rank: 1, share: 0.6, confidence: 0.1667, viewedSeconds: 1_800 },
      { kind: 'service', id: '04', rank: 2, share: 0.4, confidence: 0.1667, viewedSeconds: 1_200 },
      { kind: 'programme', id: 'p3', service: '03', rank: 1, share: 0.6, confidence: 0.1667, viewedSeconds: 1_800 },
      { kind: 'genre', id: 'News & more', rank: 1, share: 0.6, confidence: 0.1667, viewedSeconds: 1_800 },
      { kind: 'daypart', id: 'early morning', rank: 1, share: 1, confidence: 0.1667, viewedSeconds: 3_000 },
    ]);
    const validator = createXsdValidator(new URL('../../schemas/Preferences.xsd', import.meta.url));
    const xml = await (await handset('v1', 'GET', '/preferences')).text();
    expect(validator.readValid(Buffer.from(xml), (root) => root.attr('viewedSeconds')?.value)).to.equal('3000');
    expect(xml).to.contain('kind="genre" id="News &amp; more" rank="1" share="0.6"');
    expect(await (await world.as('ops', 'GET', '/preferences?user=v1&format=json')).json()).to.deep.equal(view);
    const statuses = [
      await handset('v1', 'GET', '/preferences?user=v2'),
      await world.as('ops', 'GET', '/preferences'),
      await world.as('ops', 'GET', '/preferences?user=news'),
      await world.as('news', 'GET', '/preferences?user=v1'),
      await world.as('ops', 'DELETE', '/preferences?user=v1'),
    ].map(({ status }) => status);
    expect(statuses).to.deep.equal([403, 400, 404, 403, 403]);
  });

  it('R12, R15: counted again by hand, and when the day becomes final, nothing changes but its age', async () => {
    await count(1);
    const first = await viewOf('v1');
    await count(1);
    expect(await viewOf('v1')).to.deep.equal(first);
    await count(31);
    const last = await viewOf('v1');
    expect(last.viewedSeconds).to.equal(1_500);
    expect(last.preferences.map(({ share }) => share)).to.deep.equal(first.preferences.map(({ share }) => share));
    await count(32);
    expect((await viewOf('v1')).viewedSeconds).to.equal(1_466); // 3000 · 2^(-31/30)
  });

  it('O2, R12: what a user erased does not come back from older sessions; what is watched later counts', async () => {
    await count(1);
    expect(await servicesOf('v1')).to.deep.equal(['03', '04']);
    const erasing = await handset('v1', 'DELETE', '/preferences');
    expect([erasing.status, await erasing.text()]).to.deep.equal([204, '']);
    expect(await viewOf('v1')).to.deep.include({ viewedSeconds: 0, preferences: [] });
    expect((await viewOf('v1')).erasedAt).to.equal(new Date(world.clock.now).toISOString());
    await count(2);
    await count(10); // the day is counted for good
    expect(await servicesOf('v1')).to.deep.equal([]);
    expect(await servicesOf('v2')).to.deep.equal(['03', '04']);
    await all('LogInInfo', '02');
    world.clock.now += 10 * MINUTE_MS;
    await all('LogOutInfo', '02');
    await count(11);
    expect(await servicesOf('v1')).to.deep.equal(['02']);
  });

  it('O2: who withdraws consent has none, and viewing from before does not count when it is given again', async () => {
    await count(1);
    expect((await handset('v2', 'DELETE', '/accounts/v2/consent')).status).to.be.oneOf([200, 204]);
    expect(await viewOf('v2')).to.deep.include({ measured: false, viewedSeconds: 0, preferences: [] });
    await count(2);
    const body = JSON.stringify({ version: '1' });
    expect((await handset('v2', 'PUT', '/accounts/v2/consent', { body })).status).to.equal(200);
    expect(await viewOf('v2')).to.deep.include({ measured: true, preferences: [] });
    await count(10);
    expect(await servicesOf('v2')).to.deep.equal([]);
  });

  it('O2: an export has them, and an erasure of the account leaves nothing', async () => {
    await count(1);
    const { viewer } = await world.products.accounts.get('v1');
    const exported = (await (await world.as('admin', 'GET', '/accounts/v1/export')).json()) as { preferences: View };
    expect(exported.preferences).to.deep.equal(await viewOf('v1'));
    expect((await world.as('admin', 'POST', '/accounts/v1/erasure')).status).to.equal(204);
    expect((await world.products.preferences.view(viewer)).viewedSeconds).to.equal(0);
    await count(10);
    expect((await bundlesFor('admin')).users).to.equal(6); // abc and other are among them
  });

  it('R13, R14: a provider is told bundles of its own services, from k users on; nobody is told who', async () => {
    expect((await bundlesFor('news')).items).to.deep.equal([]);
    await count(1);
    const own = {
      services: ['03', '04'],
      users: 5,
      supportPercent: 71.4286, // of 7, with abc, who watched 01, and other, who watched 02
      confidencePercent: 100,
      lift: 1.4, // 5 / (7 · 5/7 · 5/7)
      suits: 5,
    };
    expect(await bundlesFor('news')).to.deep.equal({
      asOf: '2026-11-22T02:00:00.000Z',
      ...{ halfLifeDays: 30, leastSharePercent: 10, leastSeconds: 600, suppressBelow: 5, users: 7, usersLeftOut: 0 },
      items: [own],
    });
    expect((await bundlesFor('film')).items).to.deep.equal([]);
    expect((await bundlesFor('admin', '?minSupport=71.4&minLift=1.1')).items).to.deep.equal([own]);
    expect((await bundlesFor('admin', '?minLift=1.5')).items).to.deep.equal([]);
    expect((await bundlesFor('admin', '?after=1')).items).to.deep.equal([]);
    expect((await world.as('admin', 'GET', '/bundles?minSupport=-1')).status).to.equal(400);
  });
});
