// Reports of every wrong kind: a clear 4xx as problem+xml, nothing stored, and the server goes on (V1, V5, V18, O11).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { type Bad, bad, invalid, unsupported } from '../support/bad-bodies.ts';
import { logReport } from '../support/reports.ts';
import { startServer } from '../support/server.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/viewing');
const REPORT = logReport('LogInInfo', 'abc', '01', '011');
const LIMIT_BYTES = 65_536;

const declared = (encoding: string): string => REPORT.replace('UTF-8', encoding);
const inside = (text: string): string => REPORT.replace('</LogReport>', `${text}</LogReport>`);
const withDoctype = (subset: string): string =>
  REPORT.replace('<LogReport ', `<!DOCTYPE LogReport [${subset}]>\n<LogReport `);
const laughs = [
  '<!ENTITY l0 "lol">',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `<!ENTITY l${n} "${`&l${n - 1};`.repeat(10)}">`),
];

/** What the handsets' addresses must refuse; those of the fixtures come on top. */
const REPORTS: Record<string, Bad> = {
  'too large': bad(413, 'too_large', inside(' '.repeat(LIMIT_BYTES))),
  'by one byte': bad(413, 'too_large', REPORT + ' '.repeat(LIMIT_BYTES + 1 - REPORT.length)),
  'a megabyte': bad(413, 'too_large', 'x'.repeat(1_048_576)),
  'a document type': invalid(withDoctype('')),
  'an entity': invalid(withDoctype('<!ENTITY a "abc">').replace('"abc"', '"&a;"')),
  'an external entity': invalid(withDoctype('<!ENTITY a SYSTEM "file:///etc/passwd">').replace('"abc"', '"&a;"')),
  'an external subset': invalid(
    REPORT.replace('<LogReport ', '<!DOCTYPE LogReport SYSTEM "http://127.0.0.1:9/a.dtd"><LogReport '),
  ),
  'a billion laughs': invalid(withDoctype(laughs.join('')).replace('"abc"', '"&l9;"')),
  'UTF-16 with its mark': unsupported(Buffer.from(`\ufeff${declared('UTF-16')}`, 'utf16le')),
  'UTF-16 without': unsupported(Buffer.from(REPORT, 'utf16le')),
  'Latin-1, as it says': unsupported(Buffer.from(declared('ISO-8859-1').replace('"011"', '"é"'), 'latin1')),
  'UTF-7': unsupported(declared('UTF-7')),
  'UTF-8 that is Latin-1': invalid(Buffer.from(REPORT.replace('"011"', '"é"'), 'latin1')),
  'ASCII that is UTF-8': invalid(declared('US-ASCII').replace('"011"', '"é"')),
  'UTF-16 that is UTF-8': unsupported(declared('UTF-16')),
  'a lone surrogate': invalid(Buffer.concat([Buffer.from(REPORT), Buffer.from([0xed, 0xa0, 0x80])])),
  'an overlong slash': invalid(Buffer.concat([Buffer.from(REPORT), Buffer.from([0xc0, 0xaf])])),
  empty: invalid(''),
  blank: invalid(' \r\n'),
  words: invalid('hello'),
  JSON: invalid('{"LogReport":{}}'),
  'only a declaration': invalid('<?xml version="1.0"?>'),
  'half a document': invalid(REPORT.slice(0, 200)),
  'two documents': invalid(REPORT + REPORT.replace(/<\?.*\?>/, '')),
  'another root': invalid('<Report/>'),
  'a NUL within': invalid(REPORT.replace('"011"', '"0\u000011"')),
  'a NUL at the end': invalid(`${REPORT}\u0000`),
  'a NUL by reference': invalid(REPORT.replace('"011"', '"&#0;"')),
  'deep nesting': invalid(inside(`${'<a xmlns="urn:a">'.repeat(1_500)}${'</a>'.repeat(1_500)}`)),
  'ten thousand elements': invalid(REPORT.replace('<User_ID', `${'<a/>'.repeat(10_000)}<User_ID`)),
  'ten thousand attributes': invalid(
    REPORT.replace('<User_ID', `<User_ID ${Array.from({ length: 5_000 }, (_, n) => `a${n}=""`).join(' ')}`),
  ),
  'the same attribute twice': invalid(REPORT.replace('<User_ID', '<User_ID User_ID_Type="abc"')),
  gzip: unsupported(gzipSync(REPORT), { 'content-encoding': 'gzip' }),
  'not gzip, but said to be': unsupported(REPORT, { 'content-encoding': 'gzip' }),
  brotli: unsupported(REPORT, { 'content-encoding': 'br' }),
  'gzip that is not said to be': invalid(gzipSync(REPORT)),
  'JSON by its type': unsupported(REPORT, { 'content-type': 'application/json' }),
  'a form by its type': unsupported(REPORT, { 'content-type': 'application/x-www-form-urlencoded' }),
  'parts by their type': unsupported(REPORT, { 'content-type': 'multipart/form-data; boundary=a' }),
};

describe('bad reports', () => {
  let world: ApiWorld;
  let state: Record<string, string>;
  before(async () => {
    world = await startApiWorld();
    await world.as('abc', 'POST', '/', { body: REPORT, type: 'text/xml' });
    state = await world.state();
  });
  afterEach(async () => expect(await world.state()).to.deep.equal(state));
  after(() => world.close());

  /** The same report again changes nothing, and is answered 200. */
  const goesOn = async (told: string): Promise<void> => {
    const answer = await world.as('abc', 'POST', '/', { body: REPORT, type: 'text/xml' });
    expect(await answer.text(), `after ${told}`).to.contain('result="duplicate"');
  };

  const fixtures = readdirSync(FIXTURES).filter((name) => name.startsWith('bad-'));
  const known: Record<string, Bad> = Object.fromEntries(
    fixtures.map((name) => {
      const body = readFileSync(join(FIXTURES, name));
      return [name, /latin1|utf16/.test(name) ? unsupported(body) : invalid(body)];
    }),
  );

  for (const path of ['/', '/reports', '/reports/batch', '/Reports/']) {
    it(`V18: POST ${path} refuses every kind of bad body`, async () => {
      expect(fixtures.length).to.be.greaterThan(10);
      for (const [name, { body, status, code, headers }] of Object.entries({ ...known, ...REPORTS })) {
        for (const chunked of [false, true]) {
          const authorization = await world.digestOf('abc', 'POST', path);
          const answer = await fetch(world.url + path, {
            method: 'POST',
            headers: { 'content-type': 'text/xml', authorization, ...headers },
            body: chunked ? ReadableStream.from([Buffer.from(body)]) : Buffer.from(body),
            ...(chunked ? { duplex: 'half' } : {}),
          });
          const text = await answer.text();
          const told = `${name}${chunked ? ', chunked' : ''}: ${answer.status} ${text}`;
          expect(answer.status, told).to.equal(status);
          expect(answer.headers.get('content-type'), told).to.equal('application/problem+xml; charset=utf-8');
          expect(new XMLParser().parse(text).problem, told).to.include({ code, status });
        }
        await goesOn(name);
      }
    });
  }

  it('V5: what breaks the schema is told with line, element and rule', async () => {
    const body = readFileSync(join(FIXTURES, 'bad-enumeration.xml'), 'utf8');
    const answer = await world.as('abc', 'POST', '/', { body, type: 'text/xml' });
    const { problem } = new XMLParser({ isArray: (name) => name === 'i' }).parse(await answer.text());
    expect(problem.faults.i[0]).to.include({ line: 3, element: 'Message_Type' });
    expect(problem.faults.i[0].rule).to.contain('LogInInfo');
  });

  it('V9, V18: they are refused alike where the policy lets reports through without credentials', async () => {
    const server = await startServer({ CHALLENGE: 'changes' });
    for (const [name, { body, status, code, headers }] of Object.entries({ ...known, ...REPORTS })) {
      if (headers?.['content-type'] !== undefined) continue; // who the sender is comes before what it sent
      const init = { method: 'POST', headers: { 'content-type': 'text/xml', ...headers }, body: Buffer.from(body) };
      const answer = await fetch(`${server.url}/`, init);
      const { problem } = new XMLParser().parse(await answer.text());
      expect(problem, name).to.include({ code, status });
    }
    expect(server.products.viewing.online.size()).to.equal(0);
    await server.close();
  });
});
