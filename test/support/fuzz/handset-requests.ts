// What must hold of any parameters with which a handset asks for its guide, its updates or a stream: an answer, or a problem (G4, G12, O11).

import { expect } from 'chai';
import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { createXsdValidator } from '../../../schemas/xsd-validator.ts';
import type { ApiWorld } from '../api-world.ts';
import { validGuide, validXmltv } from '../guide-documents.ts';
import type { FuzzRuns } from './fuzz-runs.ts';

const PATHS = ['/sg', '/sg/now', '/updates', '/events', '/Events/', '/subscriptions', '/keys'];
const NAMES = ['since', 'from', 'to', 'service', 'version', 'language', 'format', 'device', 'limit', 'user', 'x'];
const NUMBERS = ['0', '1', '2', '3', '-1', '+1', '1e3', '1.0', '1000', '1001', '999999999', '9007199254740993', 'NaN'];
const TIMES = [
  ...[
    '2026-11-20',
    '2026-11-20T18:00:00Z',
    '2026-11-20T18:00:00+01:00',
    '2026-11-21T12:00Z',
    '2026-02-30',
    '2030-01-01',
  ],
  ...['0000-01-01', '9999-12-31T23:59:59.999Z', '2026-11-20T25:00:00Z', '+275760-09-13T00:00:00Z'],
];
const WORDS = [
  ...[
    '',
    '01',
    '02',
    '01,02',
    '01,,02',
    'de',
    'pt-BR',
    'DE',
    'x'.repeat(300),
    'xml',
    'json',
    'xmltv',
    'abc',
    '__proto__',
  ],
  ...['phone-1', '\u0000', '\u4e2d', "'", '"', '<', '&', '../..', '%', 'a:b'],
];
/** Ids of events, E standing for the epoch that there is. */
const IDS = [
  'E:0',
  'E:1',
  'E:2',
  'E:3',
  'E:999999',
  'E:-1',
  'E:01',
  'E:1e3',
  'E:999999999999999',
  'E:9999999999999999',
  'E:',
  ':1',
  'x:1',
  'E',
];

const value = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.constantFrom(...TIMES),
  fc.constantFrom(...WORDS),
  fc.constantFrom(...IDS),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed()),
);
const query = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&'));
const rawQuery = fc.string({ maxLength: 30 }).map((raw) => raw.replaceAll(/[^\x21-\x7e]|#/g, ''));
const lastEventId = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...IDS, ...NUMBERS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }).map((raw) => raw.replaceAll(/[^\x20-\x7e]/g, '')) },
);
const asked = fc.record({
  path: fc.constantFrom(...PATHS),
  search: fc.oneof({ weight: 9, arbitrary: query }, { weight: 1, arbitrary: rawQuery }),
  accept: fc.constantFrom(
    '*/*',
    'application/xml',
    'application/json',
    'text/event-stream',
    'application/x-xmltv',
    'image/png',
  ),
  id: fc.option(lastEventId, { nil: undefined }),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

const XSD = ['Updates', 'Subscriptions', 'Keys'].map((name) =>
  createXsdValidator(new URL(`../../../schemas/${name}.xsd`, import.meta.url)),
);
const [updates, subscriptions, keys] = XSD;
const checkXml = (path: string, bytes: Buffer): unknown => {
  if (path.startsWith('/sg')) return validGuide(bytes);
  const validator = path === '/updates' ? updates : path === '/keys' ? keys : subscriptions;
  return validator?.readValid(bytes, ({ name }) => name);
};

/** Requests of handset abc. A stream that is opened says how it begins. */
export async function fuzzHandsetRequests(
  world: ApiWorld,
  runs: FuzzRuns,
): Promise<{ answered: number; refused: number; streams: number }> {
  const seen = { answered: 0, refused: 0, streams: 0 };
  const epoch = world.products.push.epoch();

  const checkStream = async ({ body }: Response): Promise<void> => {
    let text = '';
    for await (const piece of body ?? []) {
      text += Buffer.from(piece).toString();
      if (text.includes('\n\n')) break; // which ends the stream
    }
    expect(text)
      .to.match(/^retry: \d+$/m)
      .and.match(/^id: \S+:\d+$/m);
    expect(text).to.match(/"recovered":(?:true|false)/);
    seen.streams += 1;
  };

  const check = async ({ path, search, accept, id }: Asked): Promise<void> => {
    const target = `${path}${search === '' ? '' : '?'}${search}`.replaceAll(/E(?=%3A|:)/g, epoch);
    const uri = new URL(world.url + target);
    const authorization = await world.digestOf('abc', 'GET', uri.pathname + uri.search);
    const headers = { authorization, accept, ...(id === undefined ? {} : { 'last-event-id': id.replace('E', epoch) }) };
    const answer = await fetch(uri, { headers });
    const told = `${target} ${accept} ${id}: ${answer.status}`;
    const type = answer.headers.get('content-type') ?? '';
    if (type === 'text/event-stream') {
      expect(answer.status, told).to.equal(200);
      await checkStream(answer);
      return;
    }
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.status, `${told} ${bytes}`).to.be.below(500);
    expect([401, 429], `${told} ${bytes}`).not.to.include(answer.status);
    if (answer.status >= 400) {
      seen.refused += 1;
      expect(type, told).to.match(/^application\/problem\+(?:xml|json); charset=utf-8$/);
      if (type.includes('+json')) expect(JSON.parse(String(bytes)), told).to.have.any.keys('code');
      else expect(XMLValidator.validate(String(bytes)), told).to.equal(true);
      return;
    }
    seen.answered += 1;
    if (type.startsWith('application/json')) JSON.parse(String(bytes));
    else if (type.startsWith('application/x-xmltv')) validXmltv(bytes);
    else checkXml(path, bytes);
  };
  await fc.assert(fc.asyncProperty(asked, check), runs);
  return seen;
}
