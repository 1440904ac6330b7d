// JSON bodies, parameters and addresses of every wrong kind: a clear 4xx as problem+json, nothing changed (O11).

import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { type Bad, bad, invalid, unsupported } from '../support/bad-bodies.ts';
import { callsOf, type OpenapiDocument, withQuery } from '../support/openapi-document.ts';

describe('bad JSON and parameters', () => {
  let world: ApiWorld;
  let state: Record<string, string>;
  before(async () => {
    world = await startApiWorld();
    state = await world.state();
  });
  afterEach(async () => {
    expect((await world.ask('/accounts')).status).to.equal(200);
    expect(await world.state()).to.deep.equal(state);
  });
  after(() => world.close());

  it('O11: bodies that are no JSON object of the right fields', async () => {
    const deep = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;
    const any: Record<string, Bad> = {
      array: invalid('[]'),
      null: invalid('null'),
      text: invalid('"x"'),
      number: invalid('1e999'),
      'half an object': invalid('{"version":'),
      'more after it': invalid('{"version":"1"} x'),
      comment: invalid('{/* */}'),
      deep: invalid(deep),
      'not UTF-8': invalid(Buffer.from('{"version":"é"}', 'latin1')),
      'UTF-16': invalid(Buffer.from('\ufeff{"version":"1"}', 'utf16le')),
      'byte order mark': invalid('\ufeff{"version":"1"}'),
      NUL: invalid('{"version":"1"}\u0000'),
      'another type': unsupported('{"version":"1"}', { 'content-type': 'text/plain' }),
      form: unsupported('version=1', { 'content-type': 'application/x-www-form-urlencoded' }),
      gzip: unsupported(gzipSync('{"version":"1"}'), { 'content-encoding': 'gzip' }),
      'too large': bad(413, 'too_large', `{"version":"${'x'.repeat(2 ** 20)}"}`),
    };
    const price = '"price":{"amount":"1","currency":"EUR"}';
    const own: Record<string, Record<string, Bad>> = {
      'PUT /sg/purchase-items/x': {
        'no names': invalid(`{"services":["01"],${price}}`),
        'nothing in it': invalid(`{"names":{"en":"X"},${price}}`),
        'no price': invalid('{"names":{"en":"X"},"services":["01"]}'),
        'a price below zero': invalid(
          '{"names":{"en":"X"},"services":["01"],"price":{"amount":"-1","currency":"EUR"}}',
        ),
        'no currency': invalid('{"names":{"en":"X"},"services":["01"],"price":{"amount":"1"}}'),
        'two units of time': invalid(`{"names":{"en":"X"},"services":["01"],${price},"period":"P1M7D"}`),
        'over before it begins': invalid(
          `{"names":{"en":"X"},"services":["01"],${price},"validFrom":"2026-01-02","validTo":"2026-01-02"}`,
        ),
        'a service that is not there': invalid(`{"names":{"en":"X"},"services":["no"],${price}}`),
        itself: bad(409, 'conflict', `{"names":{"en":"X"},"parts":["x"],${price}}`),
      },
      'POST /accounts': {
        'no user': invalid('{"password":"a long secret","role":"operator"}'),
        'a number for a text': invalid('{"user":1,"password":"a long secret","role":"operator"}'),
        'an object for a text': invalid('{"user":{},"password":"a long secret","role":"operator"}'),
        'a colon': invalid('{"user":"a:b","password":"a long secret","role":"operator"}'),
        'no such role': invalid('{"user":"x","password":"a long secret","role":"king"}'),
        'an unknown field': invalid('{"user":"x","password":"a long secret","role":"operator","enabled":true}'),
        __proto__: invalid('{"__proto__":{"role":"administrator"},"user":"x","password":"a long secret"}'),
        'a control character': invalid('{"user":"a\\u0000","password":"a long secret","role":"operator"}'),
      },
      'PATCH /accounts/abc': {
        'a text for a flag': invalid('{"enabled":"false"}'),
        'a text for an object': invalid('{"demographics":"x"}'),
        'an array for an object': invalid('{"demographics":["x"]}'),
        'deep in an object': invalid(`{"demographics":{"a":${deep}}}`),
        'no zone': invalid('{"zone":"Mars/Olympus"}'),
        'another role': invalid('{"role":"administrator"}'),
        'a provider': invalid('{"provider":"x"}'),
      },
      'POST /accounts/news/tokens': {
        'no instant': invalid('{"expiresAt":"soon"}'),
        past: invalid('{"expiresAt":"2001-01-01T00:00:00Z"}'),
        number: invalid('{"expiresAt":1}'),
      },
      'PUT /accounts/abc/consent': { 'no version': invalid('{}'), 'a blank': invalid('{"version":" "}') },
      'PUT /sg/services/01': {
        'no names': invalid('{}'),
        'a list of names': invalid('{"names":["x"]}'),
        'deep names': invalid(`{"names":{"en":${deep}}}`),
        'many names': invalid(
          JSON.stringify({ names: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`l${n}`, 'x'])) }),
        ),
        'an endless language': invalid(`{"names":{"${'x'.repeat(99)}":"x"}}`),
        'a huge number': invalid('{"names":{"en":"x"},"order":1e400}'),
        'a negative number': invalid('{"names":{"en":"x"},"dwellMs":-1}'),
        'a broken number': invalid('{"names":{"en":"x"},"order":0.5}'),
        'a text for a number': invalid('{"names":{"en":"x"},"order":"1"}'),
        'no zone': invalid('{"names":{"en":"x"},"zone":"Mars/Olympus"}'),
      },
      'PUT /sg/services/01/measured-windows': {
        'no marks': invalid('{}'),
        'a text': invalid('{"marks":"TRUE"}'),
        'a number in it': invalid('{"marks":[1]}'),
        'no mark': invalid('{"marks":["TRUE yesterday"]}'),
        'no such day': invalid('{"marks":["TRUE 2007-02-30T12:00~13:00"]}'),
        'too many': invalid(JSON.stringify({ marks: Array(8_785).fill('TRUE 2007-08-09T12:00~13:00') })),
      },
      'POST /accounts/imports': {
        'another type': unsupported('user\n', { 'content-type': 'application/json' }),
        gzip: unsupported(gzipSync('user,password,role\n'), { 'content-type': 'text/csv', 'content-encoding': 'gzip' }),
        'no header': bad(400, 'invalid', '', { 'content-type': 'text/csv' }),
        'another header': bad(400, 'invalid', 'a,b\n', { 'content-type': 'text/csv' }),
      },
      'POST /sg/loads?provider=news-corp': {
        JSON: unsupported('{}'),
        gzip: unsupported(gzipSync('<tv/>'), { 'content-type': 'text/xml', 'content-encoding': 'gzip' }),
        entity: bad(400, 'invalid', '<!DOCTYPE tv [<!ENTITY a "x">]><tv>&a;</tv>', { 'content-type': 'text/xml' }),
        deep: bad(400, 'invalid', `<tv>${'<a>'.repeat(99)}`, { 'content-type': 'text/xml' }),
        'another root': bad(400, 'invalid', '<guide/>', { 'content-type': 'text/xml' }),
        'a NUL': bad(400, 'invalid', '<tv>\u0000</tv>', { 'content-type': 'text/xml' }),
        empty: bad(400, 'invalid', '', { 'content-type': 'text/xml' }),
      },
    };
    for (const [request, cases] of Object.entries(own)) {
      const [method = '', path = ''] = request.split(' ');
      const all = /imports|loads/.test(path) ? cases : { ...any, ...cases };
      for (const [name, { body, status, code, headers }] of Object.entries(all)) {
        const answer = await world.ask(path, {
          method,
          body: Buffer.from(body),
          headers: { 'content-type': 'application/json', ...headers },
        });
        const text = await answer.text();
        const told = `${request}, ${name}: ${answer.status} ${text}`;
        expect(answer.status, told).to.equal(status);
        expect(answer.headers.get('content-type'), told).to.equal('application/problem+json; charset=utf-8');
        expect(JSON.parse(text), told).to.include({ code, status });
      }
    }
  });

  it('O11: parameters, cursors and addresses that nobody means', async () => {
    const document = (await (await fetch(`${world.url}/openapi.json`)).json()) as OpenapiDocument;
    const lists = callsOf(document).filter(
      ({ method, path }) => method === 'GET' && !/healthz|readyz|metrics|openapi/.test(path),
    );
    const cursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    let tried = 0;
    const refuses = async (url: string, user = 'admin'): Promise<void> => {
      const answer = await world.as(user, 'GET', url, { accept: 'application/json' });
      const told = `${url}: ${answer.status}`;
      expect(answer.status, told).to.equal(400);
      expect(await answer.json(), told).to.include({ code: 'invalid' });
      tried += 1;
    };
    for (const { url, parameters = [], 'x-roles': roles } of lists) {
      const user = roles.includes('administrator') ? 'admin' : 'abc';
      for (const { name, in: place, schema, required } of parameters) {
        if (place !== 'query' || required) continue;
        await refuses(withQuery(url, `${name}=%`), user);
        await refuses(withQuery(url, `${name}=%E4%B8`), user);
        await refuses(withQuery(url, `${name}=a&${name}=b`), user);
        if (name === 'from' || name === 'to')
          for (const value of [
            'noon',
            '2026-02-30',
            '2026-07-20T20:00:00',
            '99999-01-01',
            '-1',
            '1e9',
            '2026-07-20T25:00Z',
            '%00',
          ])
            await refuses(withQuery(url, `${name}=${value}`), user);
        if (schema.type === 'integer')
          for (const value of ['1e1', '0x1', '1.0', '%20', 'NaN', '9'.repeat(30)])
            await refuses(withQuery(url, `${name}=${value}`), user);
      }
    }
    for (const after of [
      'x',
      'bnVsbA',
      '!',
      cursor([]),
      cursor([1, 2, 3, 4]),
      cursor(['1', 2, '3', '4']),
      cursor({}),
      cursor('x'),
    ])
      await refuses(`/sessions?after=${after}`);
    for (const after of ['x', '-1', '1e400', '1.5']) await refuses(`/online?after=${after}`);
    for (const after of ['x', '-1', '%27']) await refuses(`/audit?after=${after}`);
    for (const after of ['x', '-1', '1.5']) await refuses(`/sg/services?after=${after}`);
    for (const url of [
      '/sessions?from=2026-07-20&to=2026-07-20',
      '/sg/programmes?from=2026-07-20&to=2026-09-20',
      '/reports/ratings?from=0001-01-01&to=9999-12-31',
    ])
      await refuses(url);
    for (const url of ['/accounts/%', '/accounts/%E0%A4%A', '/jobs/%zz/runs', '/accounts/%C0%80/export'])
      await refuses(url);
    expect(tried).to.be.greaterThan(150);
    for (const url of [
      '/sessions?user=%00',
      '/accounts/%00',
      `/accounts/${'x'.repeat(5_000)}`,
      '/accounts/..%2fabc',
      '/jobs/%2e%2e/runs',
    ])
      expect((await world.ask(url)).status, url).to.equal(404);
  });
});
