// What goes wrong in guides, people and jobs has a defined figure or a reason in each report (ratings R2-R6, R14, R15).

import { expect } from 'chai';
import { type Item, type RatedWorld, startRatedWorld, sumOf } from '../support/rated-world.ts';

const HOUR_MS = 3_600_000;
const DAY = '2026-11-20';
const at = (time: string): string => `${DAY}T${time}:00Z`;
const FIGURES = ['viewerSeconds', 'audience', 'tvr', 'reach', 'notAvailable'] as const;
const figuresOf = (item?: Item) => FIGURES.map((name) => item?.[name]);

describe('ratings of what is at fault', () => {
  let world: RatedWorld;
  const begin = async (environment: Record<string, string> = {}, people = ['a', 'b', 'c', 'd']): Promise<void> => {
    world = await startRatedWorld(`${DAY}T10:00:00Z`, environment);
    await world.people(Object.fromEntries(people.map((user) => [user, {}])));
  };
  const watched = (user: string, from: string, to: string, service = '01') => ({
    ...{ user, service, from: at(from), to: at(to) },
  });
  const tomorrow = (): void => {
    world.clock.now = Date.parse(DAY) + 40 * HOUR_MS;
  };
  const put = async (service: string, ...programmes: [id: string, from: string, to: string][]): Promise<void> => {
    const body = programmes.map(([id, from, to]) => ({
      ...{ id, startAt: at(from), stopAt: at(to), titles: { en: id } },
    }));
    const path = `/sg/services/${service}/programmes?from=${DAY}T00:00:00Z&to=${DAY}T23:59:00Z`;
    const answer = await world.asProvider('acme', path, {
      method: 'PUT',
      body: JSON.stringify({ programmes: body }),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status, await answer.text()).to.equal(200);
  };
  const programmes = async () => {
    const { items, total } = await world.rate(`date=${DAY}&by=programme`);
    return [...items.map((item) => [item.contentId, item.viewerSeconds]), ['total', total?.viewerSeconds]];
  };
  afterEach(() => world.close());

  it('R1, R2: holes, overlaps and programmes of no length: each second is of one programme or of none', async () => {
    await begin();
    const load = await world.schedule(
      'acme',
      DAY,
      '01 first 11:00 12:00',
      '01 over 11:40 12:10', // begins before the first ends: the first ends there
      '01 none 12:30 12:30',
      '01 last 13:00 14:00',
    );
    expect(JSON.stringify(load)).to.contain('zero_length');
    await world.watch([watched('a', '10:30', '13:10')]);
    tomorrow();
    expect(await programmes()).to.deep.equal([
      ['first', 40 * 60],
      ['over', 30 * 60],
      ['last', 10 * 60],
      ['total', 160 * 60],
    ]);
    const hole = await world.rate(`from=${at('12:10')}&to=${at('13:00')}&by=programme,quarter-hour`);
    expect(hole.items).to.deep.equal([]);
    expect(hole.total).to.include({ viewerSeconds: 50 * 60, tvr: 25 });
  });

  it('V12, R6: a guide that comes after the viewing and changes three times: a revision each, and what differs', async () => {
    await begin();
    await world.watch([watched('a', '11:00', '12:00'), watched('b', '11:30', '12:30')]);
    tomorrow();
    const unknown = await world.rate(`date=${DAY}&by=service`);
    expect(unknown.items.map(({ channel, viewerSeconds }) => [channel, viewerSeconds])).to.deep.equal([
      ['Unknown', 7200],
    ]);
    expect(await programmes()).to.deep.equal([['total', 7200]]);
    await world.schedule('acme', DAY, '01 x 11:00 12:00', '01 y 12:00 13:00');
    expect(await programmes()).to.deep.equal([
      ['x', 5400],
      ['y', 1800],
      ['total', 7200],
    ]);
    await put('01', ['x', '11:00', '11:30'], ['y', '11:30', '13:00']);
    expect((await programmes())[1]).to.deep.equal(['y', 5400]);
    await put('01', ['y', '11:30', '13:00'], ['z', '13:00', '14:00']);
    const { criteria } = await world.rate(`date=${DAY}&by=programme`);
    expect(criteria).to.include({ revision: 4, status: 'preliminary' });
    const differences = async (query: string) => {
      const answer = await world.ask(`/reports/ratings/diff?date=${DAY}&by=programme${query}`);
      const body = (await answer.json()) as { differences: Record<string, unknown>[] };
      return body.differences.map(({ change, contentId }) => [change, contentId]);
    };
    expect(await differences('')).to.deep.equal([
      ['added', 'z'],
      ['deleted', 'x'],
    ]);
    expect(await differences('&from-revision=1&to-revision=2')).to.deep.equal([
      ['added', 'x'],
      ['added', 'y'],
    ]);
    expect((await world.rate(`date=${DAY}&by=programme&revision=2`)).items).to.have.length(2);
    expect((await world.ask(`/reports/ratings?date=${DAY}&by=programme&revision=9`)).status).to.equal(404);
    expect((await world.rate(`date=${DAY}&by=service`)).criteria.revision).to.equal(2); // it got its name
    const moved = await world.ask(`/reports/ratings/diff?date=${DAY}&by=programme`);
    const [added] = ((await moved.json()) as { differences: { fields: unknown[] }[] }).differences;
    expect(added?.fields).to.deep.include({ name: 'startDateTime', after: `${DAY}T13:00:00.000Z` });
    expect(added?.fields).to.deep.include({ name: 'audience', after: 0 });
    const own = await world.asProvider('acme', `/reports/ratings/diff?date=${DAY}&by=programme`);
    expect(((await own.json()) as { differences: unknown[] }).differences).to.deep.equal([]);
  });

  it('R2, R7: nobody watches, one does, nobody could, everybody is erased', async () => {
    await begin({}, []);
    await world.schedule('acme', DAY, '01 x 11:00 12:00');
    tomorrow();
    const query = `from=${at('11:00')}&to=${at('12:00')}&by=programme`;
    const before = await world.rate(query);
    expect(before.criteria).to.include({ universe: 0, sessions: 0, imputedPercent: 0 });
    expect(figuresOf(before.items[0])).to.deep.equal([0, 0, undefined, 0, 'nobody could be watching']);
    await world.close();

    await begin({}, ['a', 'b']);
    await world.schedule('acme', DAY, '01 x 11:00 12:00', '01 y 12:00 13:00');
    await world.watch([watched('a', '11:00', '11:30')]);
    tomorrow();
    const day = `date=${DAY}&by=programme`;
    const alone = await world.rate(day);
    expect(alone.items.map(figuresOf)).to.deep.equal([
      [1800, 0.5, 25, 1, undefined],
      [0, 0, 0, 0, 'nobody was reached'],
    ]);
    for (const user of ['a', 'b']) {
      const erased = await world.ask(`/accounts/${user}/erasure`, { method: 'POST' });
      expect(erased.status).to.equal(204);
    }
    await world.untilUniverse(0);
    const empty = await world.rate(day);
    expect(empty.criteria).to.include({ universe: 0, revision: 2 });
    expect(empty.items.map(figuresOf)).to.deep.equal([
      [0, 0, undefined, 0, 'nobody could be watching'],
      [0, 0, undefined, 0, 'nobody could be watching'],
    ]);
  });

  it('R4, R6: a window that is to come, one that runs, and a service that is not measured', async () => {
    await begin();
    await world.schedule('acme', DAY, '01 x 11:00 12:00');
    const coming = await world.rate(`from=${at('11:00')}&to=${at('12:00')}&by=service`);
    expect(coming.criteria).to.include({ status: 'live', through: `${DAY}T11:00:00.000Z` });
    expect(figuresOf(coming.items[0]).at(-1)).to.equal('nothing of it was measured');
    expect((await world.ask(`/reports/ratings/diff?from=${at('11:00')}&to=${at('12:00')}`)).status).to.equal(409);
    await world.watch([watched('a', '11:00', '11:40')]);
    const running = await world.rate(`from=${at('11:00')}&to=${at('12:00')}&by=service`);
    expect(running.items[0]).to.include({ measuredSeconds: 2400, viewerSeconds: 2400, tvr: 25 });
    const marks = await world.ask('/sg/services/01/measured-windows', {
      method: 'PUT',
      body: JSON.stringify({ marks: [`TRUE ${DAY}T20:00Z~21:00`] }),
      headers: { 'content-type': 'application/json' },
    });
    expect(marks.status).to.equal(200);
    const unmeasured = await world.rate(`from=${at('11:00')}&to=${at('11:40')}&by=service`);
    expect(figuresOf(unmeasured.items[0])).to.deep.equal([
      0,
      undefined,
      undefined,
      undefined,
      'nothing of it was measured',
    ]);
  });

  it('R14: a provider sees its own, of whole programmes that enough people watched; one without services nothing', async () => {
    await begin({ SUPPRESS_BELOW: '3' });
    await world.schedule('acme', DAY, '01 x 11:00 12:00', '01 y 12:00 13:00');
    await world.schedule('other', DAY, '02 z 11:00 13:00');
    await world.watch([
      ...['a', 'b', 'c'].map((user) => watched(user, '11:00', '12:00')),
      watched('d', '11:00', '12:30', '02'),
    ]);
    tomorrow();
    const rate = async (provider: string, query: string) => {
      const answer = await world.asProvider(provider, `/reports/ratings?${query}`);
      const text = await answer.text();
      expect(answer.status, text).to.equal(200);
      return JSON.parse(text) as { criteria: Item; items: Item[]; total?: Item };
    };
    const own = await rate('acme', `date=${DAY}&by=programme`);
    expect(own).to.not.have.property('total');
    expect(own.items.map(({ contentId, viewerSeconds }) => [contentId, viewerSeconds])).to.deep.equal([
      ['x', 3 * 3600],
      ['y', 0],
    ]);
    expect(own.items[0]).to.not.have.any.keys('share', 'totalViewingPercent');
    const few = await rate('other', `date=${DAY}&by=programme`);
    expect(few.items.map(({ suppressed, viewerSeconds }) => [suppressed, viewerSeconds])).to.deep.equal([
      [true, undefined],
    ]);
    expect(few.criteria).to.not.have.any.keys('sessions', 'imputedPercent');
    // a window of its own choice cuts the programme where no piece begins
    const cut = await rate('acme', `from=${at('11:07')}&to=${at('12:00')}&by=programme`);
    expect(cut.items.map(({ suppressed }) => suppressed)).to.deep.equal([true]);
    const unreached = await rate('acme', `date=${DAY}&by=programme&reach=3600&kind=cumulative`);
    expect(unreached.items[0]).to.include({ reach: 3 });
    for (const by of ['all', 'service', 'programme', 'provider,hour', 'genre,region']) {
      const nothing = await rate('nobody', `date=${DAY}&by=${by}`);
      expect(sumOf(nothing.items), by).to.equal(0);
    }
    const path = `/reports/ratings?date=${DAY}&service=02`;
    expect((await world.asProvider('acme', path)).status).to.equal(403);
    const mixed = ['/reports/attention', '/reports/duplication', '/reports/frequency'];
    for (const address of mixed) {
      const answer = await world.asProvider('nobody', `${address}?date=${DAY}`);
      expect(answer.status, address).to.equal(200);
    }
  });

  it('R6, R15: jobs run by hand, broken off and run again come to the same', async () => {
    await begin();
    await world.schedule('acme', DAY, '01 x 11:00 12:00', '01 y 12:00 13:00');
    await world.schedule('other', DAY, '02 z 11:00 13:00');
    await world.watch([watched('a', '11:00', '12:00'), watched('b', '11:30', '13:00', '02')]);
    const run = async (name: string, query = ''): Promise<Record<string, unknown>> => {
      world.clock.now += 1_000;
      const answer = await world.ask(`/jobs/${name}/runs${query}`, { method: 'POST' });
      return (await answer.json()) as Record<string, unknown>;
    };
    world.clock.now = Date.parse(at('13:06'));
    // one that missed its times makes up for them: x ended an hour ago
    expect(await run('programme-figures')).to.include({ rows: 3 });
    expect(await run('programme-figures')).to.include({ rows: 2 }); // y and z, which ended within ten minutes
    const slot = await world.rate(`from=${at('11:00')}&to=${at('12:00')}&service=01&programme=x`);
    expect(slot.criteria).to.include({ revision: 1, creationDate: `${DAY}T13:06:01.000Z` });

    tomorrow();
    const daily = await run('daily-ratings');
    expect(daily).to.include({ rows: 9 }); // for the market and two providers
    expect((await run('daily-ratings')).rows).to.equal(9);
    const made = await world.rate(`date=${DAY}`);
    expect(made.criteria).to.include({ revision: 1, status: 'preliminary' });
    await put('01', ['x', '11:00', '11:30'], ['y', '11:30', '13:00']);

    // broken off half way, as when a server stops
    const { archive } = world.products.reports;
    const looked = await archive.refresh(AbortSignal.abort());
    expect(looked).to.equal(0);
    const whole = await run('rating-revisions');
    expect(whole.rows).to.be.at.least(12); // and those of the day before it began
    const revised = await world.rate(`date=${DAY}&by=programme`);
    expect(revised.criteria).to.include({ revision: 2 });
    expect((await run('rating-revisions')).rows).to.equal(whole.rows);
    expect(await world.rate(`date=${DAY}&by=programme`)).to.deep.equal(revised);

    world.clock.now += 9 * 24 * HOUR_MS;
    await run('rating-revisions');
    const final = await world.rate(`date=${DAY}&by=programme`);
    expect(final.criteria).to.include({ revision: 3, status: 'final' });
    expect(final.items).to.deep.equal(revised.items);
    expect((await run('forget-ratings')).rows).to.equal(0);
    world.clock.now += 400 * 24 * HOUR_MS;
    expect(Number((await run('forget-ratings')).rows)).to.be.above(12);
    expect((await world.ask(`/reports/ratings?date=${DAY}&by=programme`)).status).to.equal(410);
  });
});
