// The OpenAPI document is valid, has every route that runs and no other, and real answers match it (O7, O11).

import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import express, { type Express } from 'express';
import { XMLParser } from 'fast-xml-parser';
import { type ApiWorld, startApiWorld, USER_OF } from '../support/api-world.ts';
import { bodyOf, type Call, callsOf, isStream, type OpenapiDocument, withQuery } from '../support/openapi-document.ts';
import { logReport } from '../support/reports.ts';

interface Layer {
  /** Mounted at the root, for middleware. */
  slash: boolean;
  name: string;
  handle: { stack?: Layer[] };
  route?: { path: unknown; methods: Record<string, boolean> };
}

/** `GET /accounts/{user}` of every route, at any depth of routers that are mounted at the root. */
function routesOf(app: Express): string[] {
  const visit = (layers: Layer[]): string[] =>
    layers.flatMap(({ route, handle, slash, name }) => {
      if (route === undefined) {
        if (handle.stack === undefined) return [];
        if (!slash) throw new Error(`the router ${name} is not mounted at the root: its paths can't be told`);
        return visit(handle.stack);
      }
      if (typeof route.path !== 'string' || /[*{}()\\]/.test(route.path))
        throw new Error(`unknown form: ${route.path}`);
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${path}`);
    });
  return visit((app.router as unknown as { stack: Layer[] }).stack).sort();
}

/** Objects with named fields have no others: what an answer has and the document has not is a difference, too. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in inner && !('additionalProperties' in inner)
    ? { ...inner, additionalProperties: false }
    : inner;
}

/** Who may ask for anything, or a handset for what is its own alone. */
const askerOf = ({ 'x-roles': roles }: Pick<Call, 'x-roles'>): string =>
  roles.length === 0 || roles.includes('administrator') ? 'admin' : 'abc';

/** A provider has two services that one user watches both, and preferences are counted. */
async function watchTogether({ as, clock, products }: ApiWorld): Promise<void> {
  const body = '<tv><channel id="03"><display-name lang="en">Three</display-name></channel></tv>';
  await as('news', 'POST', '/sg/loads', { body, type: 'text/xml' });
  for (const [type, service] of [
    ['LogInInfo', '03'],
    ['LogInInfo', '01'],
  ] as const) {
    await as('abc', 'POST', '/', { body: logReport(type, 'abc', service, ''), type: 'text/xml' });
    clock.now += 20 * 60_000;
  }
  await as('abc', 'POST', '/', { body: logReport('LogInInfo', 'abc', '01', '1'), type: 'text/xml' });
  const { ended } = await products.jobs.runNow('preferences', 'test', clock.now + 86_400_000);
  expect((await ended).error).to.equal(undefined);
}

describe('the OpenAPI document', () => {
  let world: ApiWorld;
  let document: OpenapiDocument;
  let calls: Call[];
  let ajv: Ajv2020;
  before(async () => {
    world = await startApiWorld();
    await watchTogether(world);
    const answer = await fetch(`${world.url}/openapi.json`);
    expect(answer.headers.get('content-type')).to.equal('application/json; charset=utf-8');
    document = (await answer.json()) as OpenapiDocument;
    calls = callsOf(document);
    ajv = new Ajv2020({
      strict: true,
      allowUnionTypes: true,
      allErrors: true,
      keywords: ['xml', 'components', 'x-xsd'],
    });
    addFormats.default(ajv);
    ajv.addSchema({ $id: 'api', components: closed(document.components) as object });
  });
  after(() => world.close());

  const faultsOf = (schema: Record<string, unknown>, value: unknown): string => {
    const local = JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/components', '"api#/components'));
    const validate = ajv.compile(local);
    return validate(value) ? '' : ajv.errorsText(validate.errors);
  };

  it('O7: is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document) as never)).to.deep.equal({ valid: true });
    expect(validator.version).to.equal('3.1');
    const broken = { ...document, paths: { '/x': { get: { parameters: [{ name: 'x' }] } } } };
    expect((await new Validator().validate(broken as never)).valid).to.equal(false);
  });

  it('O7: has a name of its own for each operation, and resolves every reference', () => {
    const names = calls.map(({ operationId }) => operationId);
    expect(new Set(names).size).to.equal(names.length);
    const used = new Set(
      [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
    );
    expect([...used].sort()).to.deep.equal(Object.keys(document.components.schemas).sort());
  });

  it('O7: has every route that runs, and no other', () => {
    const documented = calls.map(({ method, path }) => `${method} ${path}`).sort();
    expect(documented).to.deep.equal(routesOf(world.app));
    const app = express().use(express.Router().get('/new/:id', () => undefined));
    expect(routesOf(app)).to.deep.equal(['GET /new/{id}']);
    expect(() => routesOf(express().use('/deep', express.Router()))).to.throw('not mounted at the root');
  });

  it('O7: every GET answers as it says, to every role that it names', async () => {
    for (const call of calls.filter(({ method }) => method === 'GET')) {
      const roles = call['x-roles'].length === 0 ? ['operator'] : call['x-roles'];
      for (const role of roles as (keyof typeof USER_OF)[]) {
        const url = call.path === '/online' && role === 'provider' ? '/online?service=01' : call.url;
        const answer = await world.as(USER_OF[role], 'GET', url);
        const body = await bodyOf(answer);
        const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
        const media = call.responses[answer.status]?.content?.[type];
        const told = `${role} GET ${url}: ${answer.status} ${type} ${body.slice(0, 300)}`;
        expect(answer.status, told).to.equal(200);
        expect(media, told).not.to.equal(undefined);
        if (type !== 'application/json') continue;
        const value = JSON.parse(body);
        expect(faultsOf(media?.schema ?? {}, value), told).to.equal('');
        if ('items' in value) expect(value.items, told).not.to.have.length(0);
      }
    }
  });

  it('O7: every GET answers each format that it names', async () => {
    for (const call of calls) {
      const { url, method, responses } = call;
      for (const type of Object.keys(responses[200]?.content ?? {})) {
        if (method !== 'GET') continue;
        const answer = await world.as(askerOf(call), 'GET', url, { accept: type });
        await bodyOf(answer);
        expect(answer.headers.get('content-type'), url).to.match(new RegExp(`^${type}`));
      }
    }
  });

  it('O11: bounds, choices and texts of parameters hold, and defaults are what absence means', async () => {
    let tried = 0;
    for (const call of calls) {
      const { method, url, parameters = [] } = call;
      if (method !== 'GET') continue;
      const ask = (query: string) => world.as(askerOf(call), 'GET', withQuery(url, query));
      const plain = isStream(call) ? '' : await (await world.as(askerOf(call), 'GET', url)).text();
      for (const { name, in: place, schema, required, example } of parameters) {
        if (place !== 'query') continue;
        tried += 1;
        const bad = [`${name}=`, `${name}=1&${name}=1`];
        if (schema.type === 'integer') bad.push(`${name}=${(schema.maximum ?? 0) + 1}`, `${name}=-1`, `${name}=x`);
        if (schema.enum !== undefined) bad.push(`${name}=nonsense`);
        for (const query of bad) {
          if (required || example !== undefined) continue; // given once already
          const answer = await ask(query);
          const wanted = name === 'format' && query === 'format=nonsense' ? 415 : 400;
          expect(answer.status, `${url} ${query}`).to.equal(wanted);
        }
        for (const value of [schema.minimum, schema.maximum, ...(schema.enum ?? [])])
          if (value !== undefined)
            expect((await ask(`${name}=${value}`)).status, `${url} ${name}=${value}`).not.to.equal(400);
        if (schema.default === undefined) continue;
        const same = await (await ask(`${name}=${schema.default}`)).text();
        expect(same, `${url} ${name}=${schema.default}`).to.equal(plain);
      }
    }
    expect(tried).to.be.greaterThan(30);
  });

  it('O7: every other operation does what its example asks, and answers as it says', async () => {
    const own = await startApiWorld();
    const { accounts } = own.products;
    try {
      const { id } = await accounts.issueToken('news', {}, 'test');
      for (const { method, url, init, responses, 'x-roles': roles } of calls) {
        if (method === 'GET') continue;
        const user = askerOf({ 'x-roles': roles });
        const asked = (url === '/sg/loads' ? `${url}?provider=news-corp` : url).replace('0123456789abcdef', id);
        const answer = await own.as(user, method, asked, init);
        const body = await answer.text();
        const told = `${method} ${asked}: ${answer.status} ${body.slice(0, 300)}`;
        expect(answer.ok, told).to.equal(true);
        expect(Object.keys(responses), told).to.include(String(answer.status));
        const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
        const media = responses[answer.status]?.content?.[type];
        if (body !== '') expect(media, told).not.to.equal(undefined);
        if (type === 'application/json') expect(faultsOf(media?.schema ?? {}, JSON.parse(body)), told).to.equal('');
        if ((await accounts.find('abc')) === undefined)
          await accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
      }
    } finally {
      await own.close();
    }
  });

  it('O11: a problem is as it says, in both forms', async () => {
    const schema = { $ref: '#/components/schemas/Problem' };
    expect(faultsOf(schema, await (await world.ask('/sessions?limit=0')).json())).to.equal('');
    const body = logReport('LogInInfo', 'abc', '01', '11').replace('User_ID_Type', 'x');
    const answer = await world.as('abc', 'POST', '/', { body, type: 'text/xml' });
    expect(answer.headers.get('content-type')).to.match(/^application\/problem\+xml/);
    const { problem } = new XMLParser({ isArray: (name) => name === 'i' }).parse(await answer.text());
    const { faults, ...members } = problem;
    expect(faults.i).not.to.have.length(0);
    expect(faultsOf(schema, { ...members, faults: faults.i })).to.equal('');
    expect(faultsOf(schema, { ...members, more: 1 })).not.to.equal('');
  });
});
