// What must hold of any request that a logged-in caller makes up: an answer, or a problem in the right form (O11).

import { expect } from 'chai';
import fc from 'fast-check';
import type { TestServer } from '../server.ts';
import type { FuzzRuns } from './fuzz-runs.ts';

const NAMES = [
  ...[
    'from',
    'to',
    'limit',
    'after',
    'before',
    'user',
    'service',
    'programme',
    'format',
    'by',
    'base',
    'reach',
    'kind',
    'of',
  ],
  ...['provider', 'revision', 'role', 'dueAt', '__proto__', 'constructor', 'x'],
];
const VALUES = [
  ...[
    '',
    '0',
    '1',
    '-1',
    '1e3',
    '1000',
    '1001',
    'NaN',
    'Infinity',
    '9007199254740993',
    '99999999999999999999',
    '%',
    '\u0000',
  ],
  ...[
    '2026-11-20',
    '2026-11-20T18:00:00Z',
    '2026-11-20T18:00:00+01:00',
    '2026-02-30',
    '2026-11-20T25:00:00Z',
    '0000-01-01',
  ],
  ...['9999-12-31T23:59:59.999Z', '+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', '2000-01-01', '2030-01-01'],
  ...[
    '01',
    '01,02,,',
    'abc',
    'json',
    'csv',
    'xml',
    'service',
    'programme',
    'second',
    'minute',
    'administrator',
    'king',
  ],
  // Cursors of our form: [1, 2, "a", "b"], [1e999, 1, "", ""], [null, 1, "", ""], {}.
  ...['WzEsMiwiYSIsImIiXQ', 'WzFlOTk5LDEsIiIsIiJd', 'W251bGwsMSwiIiwiIl0', 'e30', 'W10=', "'", '"', '\u4e2d', '../..'],
  ...['a'.repeat(300), 'toString', '__proto__'],
];
const PATHS = [
  ...[
    '/sessions',
    '/online',
    '/reports/ratings',
    '/reports/attention',
    '/sg/services',
    '/sg/programmes',
    '/sg/services/01',
  ],
  ...[
    '/accounts',
    '/accounts/abc',
    '/accounts/__proto__',
    '/accounts/%00',
    '/accounts/%E0%A4%A',
    '/accounts/abc/export',
  ],
  ...['/audit', '/jobs', '/jobs/retention/runs', '/jobs/nope/runs', '/metrics', '/'],
];

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const query = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), text), { maxLength: 5 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&'));
const rawQuery = fc.string({ maxLength: 40 }).map((raw) => raw.replaceAll(/[^\x21-\x7e]|#/g, ''));

const optional = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.record(fields, { requiredKeys: [] });
const time = fc.constantFrom(
  '2007-08-09T12:00+08:00',
  '2007-08-09 12:00',
  '2026-03-29T02:30',
  '9999-12-31T23:59',
  '0000-01-01T00:00Z',
  '2007-13-09T12:00',
  '2007-08-09T24:00',
);
const end = fc.constantFrom('13:00', '00:00', '12:00:30', '2007-08-10T00:00', '13:00+99:00', '9999-12-31T23:59:59');
const mark = fc
  .tuple(fc.constantFrom('TRUE', 'FALSE', 'stat=TRUE', 'MAYBE'), time, end)
  .map(([what, from, to]) => `${what} ${from}~${to}`);
const json: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 3 });

/** Bodies that are nearly right for where they go, so that they get far. */
const BODIES: [method: string, path: string, body: fc.Arbitrary<unknown>][] = [
  [
    'POST',
    '/accounts',
    optional({ user: text, password: text, role: fc.constantFrom('handset', 'operator', 'king'), name: text }),
  ],
  [
    'PATCH',
    '/accounts/abc',
    optional({
      name: text,
      zone: text,
      enabled: fc.boolean(),
      demographics: fc.dictionary(text, text, { maxKeys: 3 }),
    }),
  ],
  ['PUT', '/accounts/abc/consent', optional({ version: text })],
  ['POST', '/accounts/admin/tokens', optional({ expiresAt: text })],
  [
    'PUT',
    '/sg/services/new',
    optional({
      names: fc.dictionary(text, text, { minKeys: 1, maxKeys: 3 }),
      zone: fc.constantFrom('UTC', 'Asia/Shanghai', 'x'),
      order: fc.nat(2e6),
      dwellMs: fc.nat(1e8),
      genre: text,
    }),
  ],
  ['PUT', '/sg/services/new/measured-windows', optional({ marks: fc.array(mark, { maxLength: 5 }) })],
  ['POST', '/accounts/imports', text],
  ['POST', '/sg/loads?provider=demo', text],
  ['POST', '/', text],
  ['POST', '/reports/batch', text],
];
const sent = fc.constantFrom(...BODIES).chain(([method, path, right]) =>
  fc.record({
    method: fc.constant(method),
    path: fc.constant(path),
    body: fc.oneof(
      { weight: 6, arbitrary: right.map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: json.map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    ),
  }),
);
const asked = fc.record({
  method: fc.constant('GET'),
  path: fc
    .tuple(fc.constantFrom(...PATHS), fc.oneof({ weight: 9, arbitrary: query }, { weight: 1, arbitrary: rawQuery }))
    .map(([path, search]) => `${path}?${search}`),
  body: fc.constant(undefined),
});

/** Requests of all kinds by the administrator; what was written before is in what is asked for later. */
export async function fuzzRequests(server: TestServer, runs: FuzzRuns): Promise<{ answered: number; refused: number }> {
  const seen = { answered: 0, refused: 0 };
  const check = async ({
    method,
    path,
    body,
  }: {
    method: string;
    path: string;
    body: string | undefined;
  }): Promise<void> => {
    const type = path === '/accounts/imports' ? 'text/csv' : 'application/json';
    const init = body === undefined ? {} : { body, headers: { 'content-type': type } };
    const response = await server.ask(path, { method, ...init });
    const answer = await response.text();
    expect(response.status, `${method} ${path} ${body}: ${answer}`).to.be.below(500);
    if (response.status < 400) {
      seen.answered += 1;
      return;
    }
    seen.refused += 1;
    const isHandset = path === '/' || path === '/reports/batch';
    const form = isHandset && method === 'POST' ? 'xml' : 'json';
    expect(response.headers.get('content-type'), `${method} ${path}`).to.contain(`application/problem+${form}`);
    expect(answer, `${method} ${path}`).to.contain(form === 'xml' ? '<code>' : '"code":');
  };
  await fc.assert(fc.asyncProperty(fc.oneof(asked, sent), check), runs);
  return seen;
}
