// Surveys over HTTP: who is asked, how handsets learn and answer, what comes of it (CN101399958A, step s312 B; R10, R11, R15, O1, O2, O11).

import { expect } from 'chai';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { createProducts } from '../../server/products.ts';
import { openSqliteStore } from '../../server/store/sqlite/open-sqlite-store.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { logReport } from '../support/reports.ts';

const validator = createXsdValidator(new URL('../../schemas/Survey.xsd', import.meta.url));
const MINUTE_MS = 60_000;

interface Told {
  id: string;
  state: string;
  asked: number;
  seed: string;
  population: object;
  suppressed: boolean;
  result: Record<string, unknown> & { comparison?: Record<string, unknown>; missing: object };
}

describe('surveys', () => {
  let world: ApiWorld;
  before(async () => {
    world = await startApiWorld({}, { SUPPRESS_BELOW: '3' });
    await world.as('other', 'PUT', '/subscriptions/basic'); // who has not bought 01 is not measured on it
  });
  after(() => world.close());
  beforeEach(async () => {
    await watch('abc', '01');
    await watch('other', '02');
  });

  const watch = async (user: string, service: string): Promise<string> => {
    world.clock.now += 1_000;
    const body = logReport('LogInInfo', user, service, `${service}1`);
    return (await world.as(user, 'POST', '/', { body, type: 'text/xml' })).text();
  };

  const begin = (user: string, body: object) => world.as(user, 'POST', '/surveys', { body: JSON.stringify(body) });
  const told = async (user: string, id: string): Promise<Told> => {
    const answer = await world.as(user, 'GET', `/surveys/${id}`);
    expect(answer.status).to.equal(200);
    return (await answer.json()) as Told;
  };
  const answer = (user: string, id: string, body: object = {}) =>
    world.as(user, 'POST', `/surveys/${id}/answers?format=json`, { body: JSON.stringify(body) });
  const receipt = async (user: string, id: string, body?: object): Promise<unknown> =>
    ((await (await answer(user, id, body)).json()) as { result: unknown }).result;
  const questions = async (user: string): Promise<string[]> => {
    const body = await (await world.as(user, 'GET', '/updates?format=json')).json();
    const { items } = body as { items: { kind: string; content: { survey: string } }[] };
    return items.filter(({ kind }) => kind === 'survey').map(({ content }) => content.survey);
  };
  const runJob = async (name: string): Promise<void> => {
    const { ended } = await world.products.jobs.runNow(name, 'test');
    expect((await ended).error).to.equal(undefined);
    world.clock.now += 1_000; // a job runs once for a time
  };

  it('R10: asks all online by one event, which handsets learn of by mark and fetch', async () => {
    const body = { service: '01', question: { en: 'Are you watching One?' }, id: 'all', timeLimitS: 60, spreadS: 5 };
    const begun = await begin('ops', body);
    expect(begun.status).to.equal(201);
    expect(begun.headers.get('location')).to.equal('/surveys/all');
    expect(await begun.json()).to.deep.include({
      state: 'open',
      asked: 2,
      population: { online: 2, measurable: 2, eligible: 2 },
      to: {},
      confidence: 0.95,
      by: 'ops',
    });
    expect(await questions('abc')).to.include('all');
    const page = await (await world.as('other', 'GET', '/updates')).text();
    expect(page).to.match(/<Update [^>]*kind="survey"[^>]*validUntil="[^"]+"/);
    expect(page).to.contain('<Text lang="en">Are you watching One?</Text>').and.to.contain('name="spreadS">5<');
    world.clock.now += 60_000;
    expect(await questions('abc')).not.to.include('all'); // nobody is asked when no answer counts any more
    const { items } = await world.products.audit.list({ limit: 1 }).then((list) => ({ items: list }));
    expect(items[0]).to.deep.include({ by: 'ops', action: 'survey.start', subject: 'all' });
  });

  it('V5, R10: a handset without a stream learns by the mark in the answer to its report', async () => {
    const report = (user: string): Promise<string> => watch(user, '01');
    const fetched = async (user: string): Promise<string> => {
      const { id } = (await (await world.as(user, 'GET', '/updates?format=json')).json()) as { id: string };
      await world.as(user, 'GET', `/updates?format=json&since=${id}`);
      return report(user);
    };
    expect(await fetched('abc')).to.contain('<Interaction needsUpdate="false"');
    expect(await fetched('other')).to.contain('<Interaction needsUpdate="false"');
    expect((await begin('ops', { service: '01', to: { users: ['abc'] }, id: 'abc-alone' })).status).to.equal(201);
    expect(await report('abc')).to.contain('<Interaction needsUpdate="true"');
    expect(await report('other')).to.contain('<Interaction needsUpdate="false"');
    expect([await questions('abc'), await questions('other')].map((list) => list.includes('abc-alone'))).to.deep.equal([
      true,
      false,
    ]);
  });

  it('O11: the same id again is the same survey; with something else, or of somebody else, it is refused', async () => {
    const body = { service: '01', id: 'once', to: { percent: 50 } };
    const first = (await (await begin('ops', body)).json()) as Told;
    const again = await begin('ops', body);
    expect(again.status).to.equal(200);
    expect(await again.json()).to.deep.equal(first);
    expect((await begin('ops', { ...body, to: { percent: 51 } })).status).to.equal(409);
    expect((await begin('admin', body)).status).to.equal(409);
    const race = await Promise.all(Array.from({ length: 5 }, () => begin('ops', { ...body, id: 'race' })));
    expect(race.map(({ status }) => status).sort()).to.deep.equal([200, 200, 200, 200, 201]);
    const [one, ...others] = (await Promise.all(race.map((each) => each.json()))) as Told[];
    for (const other of others) expect(other).to.deep.equal(one);
  });

  it('R10: asks a sample, a group, named users, and nobody else', async () => {
    const sample = (await (await begin('ops', { service: '01', id: 'sample', to: { sample: 1 } })).json()) as Told;
    expect([sample.asked, sample.population]).to.deep.equal([1, { online: 2, measurable: 2, eligible: 2 }]);
    const asked = (await questions('abc')).includes('sample') ? ['abc', 'other'] : ['other', 'abc'];
    expect(await questions(asked[0] ?? '')).to.include('sample');
    expect(await questions(asked[1] ?? '')).not.to.include('sample');
    expect(await receipt(asked[0] ?? '', 'sample')).to.equal('counted');
    expect((await answer(asked[1] ?? '', 'sample')).status).to.equal(403);
    expect((await answer(asked[0] ?? '', 'sample', { deviceId: 'not-this-one' })).status).to.equal(403);
    await world.products.accounts.change('other', { demographics: { sex: 'f', age: '30-39' } }, 'test');
    const group = { service: '01', id: 'group', to: { group: { sex: 'f' }, percent: 100 } };
    expect(await (await begin('ops', group)).json()).to.deep.include({
      asked: 1,
      population: { online: 2, measurable: 2, eligible: 1 },
      to: { group: { sex: 'f' }, percent: 100 },
    });
    expect([await questions('abc'), await questions('other')].map((list) => list.includes('group'))).to.deep.equal([
      false,
      true,
    ]);
    expect(await told('ops', 'sample')).to.nested.include({ 'result.answered': 1, 'result.none': 1 });
  });

  it('R11: one answer a device, in XML or JSON; late and repeated ones are counted apart', async () => {
    await begin('ops', { service: '01', id: 'answers', timeLimitS: 60 });
    const xml = (body: string) => world.as('abc', 'POST', '/surveys/answers/answers', { body, type: 'text/xml' });
    const sent = await xml('<SurveyAnswer xmlns="urn:pocketmeter:survey:1" watching="01"/>');
    const text = await sent.text();
    expect(sent.headers.get('content-type')).to.contain('application/xml');
    validator.readValid(Buffer.from(text), (root) => expect(root.attr('result')?.value).to.equal('counted'));
    expect(await receipt('abc', 'answers', { watching: '02' })).to.equal('repeated');
    world.clock.now += 60_000;
    expect(await receipt('other', 'answers', { watching: '01' })).to.equal('late');
    expect(await receipt('other', 'answers', { watching: '01' })).to.equal('repeated');
    expect((await told('ops', 'answers')).result).to.deep.include({ answered: 1, watching: 1, late: 1, repeated: 2 });
    for (const wrong of ['<SurveyReceipt xmlns="urn:pocketmeter:survey:1" survey="a" result="late"/>', '<a/>', '<']) {
      const refused = await xml(wrong);
      expect(refused.status, wrong).to.equal(400);
      expect(refused.headers.get('content-type')).to.contain('problem+xml');
    }
    expect((await answer('abc', 'answers', { watching: 7 })).status).to.equal(400);
    expect((await answer('abc', 'none')).status).to.equal(404);
  });

  it('R11: is held against the session log once it is closed, and stays when it is final', async () => {
    await begin('ops', { service: '01', id: 'held', timeLimitS: 60 });
    world.clock.now += 10_000;
    await answer('abc', 'held', { watching: '01' }); // so it is
    await answer('other', 'held', { watching: '01' }); // it shows 02
    expect((await told('ops', 'held')).result).not.to.have.property('comparison');
    world.clock.now += 50_000;
    const closed = await told('ops', 'held');
    expect(closed.state).to.equal('closed');
    expect(closed.result).to.deep.include({ ratingPercent: 100, ratingLowPercent: 100, nonResponsePercent: 0 });
    expect(closed.result.comparison).to.include({
      compared: 2,
      saysWatchingLogWatching: 1,
      saysWatchingLogNot: 1,
      agreementPercent: 50,
      overClaimPercent: 100,
      underReportPercent: 0,
      adjustmentFactor: 0.5,
    });
    await runJob('close-surveys');
    expect((await told('ops', 'held')).state).to.equal('closed');
    world.clock.now += 20 * MINUTE_MS;
    expect((await answer('abc', 'held')).status).to.equal(410);
    await runJob('close-surveys');
    const final = await told('ops', 'held');
    expect(final).to.deep.equal({ ...closed, state: 'final' });
    for (const user of ['abc', 'other'])
      await world.products.surveying.surveys.eraseOf((await world.products.accounts.get(user)).viewer);
    expect(await told('ops', 'held')).to.deep.equal(final);
    const list = await (await world.as('ops', 'GET', '/surveys?limit=1')).json();
    const { items, next } = list as { items: Told[]; next: string };
    expect(items.map(({ id, state }) => [id, state])).to.deep.equal([['held', 'final']]);
    const rest = await (await world.as('ops', 'GET', `/surveys?after=${encodeURIComponent(next)}`)).json();
    expect((rest as { items: Told[] }).items.map(({ id }) => id))
      .to.include('who-watches-01')
      .and.not.to.include('held');
  });

  it('R4, R11: of what is not measured the log says nothing', async () => {
    const put = (body: object) =>
      world.as('news', 'PUT', '/sg/services/01/measured-windows', { body: JSON.stringify(body) });
    expect((await put({ marks: ['TRUE 2026-01-01T00:00Z~01:00'] })).status).to.equal(200);
    await begin('ops', { service: '01', id: 'unmeasured', timeLimitS: 60 });
    await answer('abc', 'unmeasured', { watching: '01' });
    world.clock.now += 60_000;
    const { result } = await told('ops', 'unmeasured');
    expect(result.comparison).to.include({ compared: 0, unlogged: 1, adjustmentFactor: null });
    expect(result.missing).to.include({ adjustmentFactor: 'nobody claims to watch' });
    await put({ marks: [] });
  });

  it('O2: who may not be measured is not asked, and an answer is not kept', async () => {
    await world.products.accounts.withdrawConsent('other', 'test');
    const begun = (await (await begin('ops', { service: '01', id: 'consent' })).json()) as Told;
    expect(begun).to.deep.include({ asked: 1, population: { online: 2, measurable: 1, eligible: 1 } });
    expect((await answer('other', 'consent')).status).to.equal(403);
    await world.products.accounts.withdrawConsent('abc', 'test'); // after it was asked
    expect((await answer('abc', 'consent')).status).to.equal(403);
    expect((await told('ops', 'consent')).result).to.include({ asked: 1, answered: 0 });
    for (const user of ['abc', 'other']) await world.products.accounts.recordConsent(user, { version: '1' }, 'test');
  });

  it('O1, G3: a provider asks about its own services, chooses no people, and sees no others’ surveys', async () => {
    for (const body of [{ service: '02' }, { service: 'none' }, { service: '01', to: { users: ['abc'] } }])
      expect((await begin('news', body)).status, JSON.stringify(body)).to.equal(403);
    await begin('ops', { service: '02', id: 'of-film' });
    expect((await world.as('news', 'GET', '/surveys/of-film')).status).to.equal(403);
    expect((await world.as('film', 'GET', '/surveys/of-film')).status).to.equal(200);
    const { items } = (await (await world.as('film', 'GET', '/surveys')).json()) as { items: Told[] };
    expect(items.map(({ id }) => id)).to.deep.equal(['of-film']);
    for (const user of ['abc', 'other']) await answer(user, 'of-film', { watching: '02' });
    const film = await told('film', 'of-film');
    expect([film.suppressed, film.result]).to.deep.equal([true, undefined]); // R14: two answers, of three at least
    expect(await told('ops', 'of-film')).to.nested.include({ suppressed: false, 'result.watching': 2 });
  });

  it('R15: a schedule begins one survey for a due time, however often it is looked at; once means once', async () => {
    const add = (body: object) => world.as('ops', 'POST', '/surveys/schedules', { body: JSON.stringify(body) });
    const due = new Date(Math.ceil(world.clock.now / MINUTE_MS) * MINUTE_MS + 3 * MINUTE_MS).toISOString();
    const cron = `${Number(due.slice(14, 16))} ${Number(due.slice(11, 13))} * * *`;
    const daily = { id: 'daily', cron, zone: 'UTC', survey: { service: '01', to: { percent: 50 } } };
    expect([(await add(daily)).status, (await add(daily)).status]).to.deep.equal([201, 200]);
    expect((await add({ ...daily, zone: 'Asia/Shanghai' })).status).to.equal(409);
    const at = new Date(world.clock.now + 4 * MINUTE_MS).toISOString();
    expect((await add({ id: 'single', at, survey: { service: '01' } })).status).to.equal(201);
    const begun = async () => (await world.products.surveying.surveys.list({ limit: 100 })).map(({ id }) => id);
    const before = await begun();
    await runJob('survey-schedules');
    expect(await begun()).to.deep.equal(before);
    world.clock.now += 5 * MINUTE_MS;
    for (let times = 0; times < 2; times += 1) await runJob('survey-schedules');
    const id = `daily.${due.replaceAll(/[-:]|\.\d+/g, '')}`;
    expect(await begun()).to.have.members([...before, 'single', id]);
    const { items } = (await (await world.as('ops', 'GET', '/surveys/schedules')).json()) as { items: Told[] };
    expect(items.map((each) => each.id)).to.deep.equal(['daily', 'every-evening']);
    expect((await world.as('ops', 'DELETE', '/surveys/schedules/daily')).status).to.equal(204);
    expect((await world.as('ops', 'DELETE', '/surveys/schedules/daily')).status).to.equal(404);
    world.clock.now += 20 * MINUTE_MS; // nothing asks for a time that is long past
    expect((await add({ id: 'past', at, survey: { service: '01' } })).status).to.equal(201);
    await runJob('survey-schedules');
    expect(await begun()).to.have.length(before.length + 2);
  });

  it('O11: what is wrong is refused by name, and nothing is begun', async () => {
    const before = await Promise.all([
      world.products.surveying.surveys.list({ limit: 100 }),
      world.products.surveying.schedules.list(),
    ]);
    const cases: [object, number, string][] = [
      [{}, 400, 'service'],
      [{ service: 'none' }, 404, 'none'],
      [{ service: '01', to: 'all' }, 400, 'to'],
      [{ service: '01', to: { everybody: true } }, 400, 'to.everybody'],
      [{ service: '01', to: { sample: 0 } }, 400, 'to.sample'],
      [{ service: '01', to: { sample: 1.5 } }, 400, 'to.sample'],
      [{ service: '01', to: { sample: 1, percent: 1 } }, 400, 'to.sample'],
      [{ service: '01', to: { percent: 101 } }, 400, 'to.percent'],
      [{ service: '01', to: { users: [] } }, 400, 'to.users'],
      [{ service: '01', to: { users: ['nobody'] } }, 404, 'nobody'],
      [{ service: '01', to: { users: ['ops'] } }, 404, 'ops'],
      [{ service: '01', to: { group: { sex: 7 } } }, 400, 'to.group'],
      [{ service: '01', timeLimitS: 9 }, 400, 'timeLimitS'],
      [{ service: '01', timeLimitS: '60' }, 400, 'timeLimitS'],
      [{ service: '01', timeLimitS: 60, spreadS: 61 }, 400, 'spreadS'],
      [{ service: '01', confidence: 1 }, 400, 'confidence'],
      [{ service: '01', question: { en: '' } }, 400, 'question.en'],
      [{ service: '01', question: { 'no language': 'x' } }, 400, 'question'],
      [{ service: '01', id: 'a/b' }, 400, 'id'],
      [{ service: '01', id: 'schedules' }, 400, 'id'],
    ];
    for (const [body, status, name] of cases) {
      const refused = await begin('ops', body);
      expect(refused.status, JSON.stringify(body)).to.equal(status);
      expect(await refused.text(), JSON.stringify(body)).to.contain(name);
    }
    const survey = { service: '01' };
    for (const [body, name] of [
      [{ survey }, 'cron'],
      [{ survey, cron: '* * * * *', at: '2027-01-01' }, 'cron'],
      [{ survey, cron: '* * * * * *' }, 'cron'],
      [{ survey, cron: '61 * * * *' }, 'schedule'],
      [{ survey, cron: '* * * * *', zone: 'Mars/Olympus' }, 'zone'],
      [{ survey: { ...survey, id: 'x' }, cron: '* * * * *' }, 'survey.id'],
      [{ cron: '* * * * *' }, 'survey'],
    ] as const) {
      const refused = await world.as('ops', 'POST', '/surveys/schedules', { body: JSON.stringify(body) });
      expect(refused.status, JSON.stringify(body)).to.equal(400);
      expect(await refused.text(), JSON.stringify(body)).to.contain(name);
    }
    const { surveys, schedules } = world.products.surveying;
    expect([await surveys.list({ limit: 100 }), await schedules.list()]).to.deep.equal(before);
  });

  it('O2: answers are in a user’s export, and erased with the user', async () => {
    await begin('ops', { service: '01', id: 'mine' });
    await answer('abc', 'mine', { watching: '01' });
    const exported = (await (await world.as('abc', 'GET', '/accounts/abc/export')).json()) as {
      surveys: { survey: string; watching?: string }[];
    };
    const mine = exported.surveys.filter(({ survey }) => survey === 'mine');
    expect(mine.map(({ watching }) => watching)).to.deep.equal(['01']);
    await world.products.userData.erase('abc', 'test');
    expect((await told('ops', 'mine')).result).to.include({ asked: 2, answered: 0 });
  });
});

describe('surveys at the desk', () => {
  it('R10: a command beside a running server, which does not know who is online, begins none', async () => {
    const store = openSqliteStore(':memory:');
    const log = createLog({ level: 'silent' });
    const config = readConfig({});
    const { surveying } = await createProducts({ store, config, key: Buffer.alloc(32, 7), clock: Date.now, log });
    const request = { service: '01', to: {}, question: {}, timeLimitMs: 60_000, spreadMs: 0, confidence: 0.9 };
    const begun = surveying.surveys
      .start(request, 'x', { by: 'test', viewer: -1 })
      .catch((problem: unknown) => problem);
    expect(await begun).to.include({ code: 'unavailable' });
    expect(await store.surveys.find('x')).to.equal(undefined);
    await store.close();
  });
});
