// The guide's loads, revisions and ownership (G1, G2, G3, G5).

import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { Problem } from '../../../server/problem.ts';
import { openDatabase } from '../../../server/store/sqlite/database.ts';
import { createSqliteGuideStore } from '../../../server/store/sqlite/guide-store.ts';
import { createGuide, type Guide, type LoadResult } from '../../../sg/guide.ts';
import type { GuideStore } from '../../../sg/guide-store.ts';
import { renewSampleGuide } from '../../../sg/sample-guide.ts';

const NOW = Date.UTC(2007, 7, 9, 12);
const at = (time: string): number => Date.parse(`2007-08-${time}Z`);
const DAY = { from: at('09T00:00'), to: at('10T00:00') };

async function* bytes(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
const tv = (body: string): string => `<tv>${body}</tv>`;
const channel = (id: string): string => `<channel id="${id}"><display-name>${id}</display-name></channel>`;
const programme = (id: string, start: string, stop: string, title = 'x'): string =>
  `<programme channel="${id}" start="200708${start}" stop="200708${stop}"><title>${title}</title></programme>`;

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Problem)) throw new Error(`expected a Problem, got ${String(error)}`);
  return error;
}

describe('guide', () => {
  let store: GuideStore;
  let guide: Guide;
  let now = NOW;
  beforeEach(() => {
    now = NOW;
    store = createSqliteGuideStore(openDatabase(':memory:'));
    guide = createGuide({ store, clock: () => now });
  });
  const load = (text: string, provider = 'demo'): Promise<LoadResult> =>
    guide.load(bytes(text), { provider, source: 'test' });
  const titles = async (revision?: number): Promise<string[]> => {
    const list = await guide.listProgrammes({ ...DAY, ...(revision === undefined ? {} : { revision }) });
    return list.map((one) => {
      const [from, to] = [one.startAt, one.stopAt].map((time) => new Date(time).toISOString().slice(11, 16));
      return `${one.service} ${from}-${to} ${Object.values(one.titles)[0]}`;
    });
  };

  it('G2: faults are reported line by line, and spoil nothing else', async () => {
    const result = await load(readFileSync(new URL('../../../fixtures/guide/faulty.xml', import.meta.url), 'utf8'));
    expect(result.faults.map(({ line, rule }) => `${line} ${rule}`)).to.deep.equal([
      '7 missing_stop',
      '8 overlap',
      '9 duplicate',
      '11 zero_length',
      '12 ends_before_start',
      '13 bad_time',
      '14 unknown_channel',
      '16 no_stop',
    ]);
    expect(result).to.include({ revision: 1, services: 2, programmes: 5, skipped: 6, faultCount: 8 });
    expect(await titles()).to.deep.equal([
      '01 02:00-03:00 Ten',
      '01 03:00-04:00 No stop, no zone, no seconds',
      '01 04:00-05:00 Runs over',
      '01 05:00-06:00 Same start, holds',
      '02 10:00-11:00 Cut short',
    ]);
    expect(await guide.findProgramme({ service: '01', id: '011', at: NOW })).to.include({ startAt: at('09T02:00') });
    const derived = await guide.findProgramme({ service: '01', id: '01-20070809T0300Z', at: NOW });
    expect(derived?.titles).to.deep.equal({ und: 'No stop, no zone, no seconds' });
  });

  it('G2: a file replaces what starts between its first start and its last stop, of its services only', async () => {
    const old =
      programme('a', '0908', '0910', 'long') + programme('a', '0910', '0911') + programme('a', '0911', '0912', 'after');
    await load(tv(channel('a') + channel('b') + old + programme('b', '0909', '0910')));
    await load(tv(channel('a') + programme('a', '0909', '0911', 'new')));
    expect(await titles()).to.deep.equal([
      'a 08:00-09:00 long',
      'a 09:00-11:00 new',
      'b 09:00-10:00 x',
      'a 11:00-12:00 after',
    ]);
  });

  it('G2: days between are emptied, and a programme across midnight is found on both days', async () => {
    await load(tv(channel('a') + programme('a', '0812', '0813') + programme('a', '0912', '0913', 'gone')));
    await load(tv(channel('a') + programme('a', '0700', '0702') + programme('a', '1023', '1101', 'night')));
    expect(await titles()).to.deep.equal([]);
    const next = await guide.listProgrammes({ from: at('11T00:00'), to: at('12T00:00') });
    expect(next.map((one) => one.titles)).to.deep.equal([{ und: 'night' }]);
  });

  it('G3: a correction makes a revision, and the old one can still be read; the same again makes none', async () => {
    await load(tv(channel('a') + programme('a', '0909', '0910', 'planned') + programme('a', '0910', '0911', 'next')));
    const window = { from: at('09T09:00'), to: at('09T10:30') };
    const overrun = { id: 'p', service: 'a', startAt: window.from, stopAt: window.to, titles: { en: 'overran' } };
    expect(await guide.putProgrammes({ role: 'provider', provider: 'demo' }, 'a', window, [overrun])).to.equal(2);
    expect(await guide.putProgrammes({ role: 'administrator' }, 'a', window, [overrun])).to.equal(2);
    expect(await titles()).to.deep.equal(['a 09:00-10:30 overran']);
    expect(await titles(1)).to.deep.equal(['a 09:00-10:00 planned', 'a 10:00-11:00 next']);
    expect((await problemOf(titles(3))).code).to.equal('not_found');
  });

  it('G2: the same file again changes nothing', async () => {
    const text = tv(channel('a') + programme('a', '0909', '0910') + programme('a', '1009', '1010'));
    await load(text);
    expect((await load(text)).revision).to.equal(1);
  });

  it('G3: nobody changes what is of another provider', async () => {
    await load(tv(channel('a') + programme('a', '0909', '0910', 'mine')));
    const result = await load(
      tv(`${channel('a')}\n${programme('a', '0909', '0910', 'theirs')}${channel('c')}`),
      'other',
    );
    expect(result.faults.map(({ line, rule }) => `${line} ${rule}`)).to.deep.equal([
      '1 foreign_service',
      '2 foreign_service',
    ]);
    expect(result.skipped).to.equal(1);
    expect(await titles()).to.deep.equal(['a 09:00-10:00 mine']);
    expect((await guide.findService('c'))?.provider).to.equal('other');
    const stranger = { role: 'provider', provider: 'other' } as const;
    const stolen = { id: 'a', names: { en: 'A' }, provider: 'other', order: 1, measured: [] };
    expect((await problemOf(guide.putService(stranger, stolen))).code).to.equal('forbidden');
    expect((await problemOf(guide.setMeasuredWindows(stranger, 'a', []))).code).to.equal('forbidden');
    expect((await problemOf(guide.putProgrammes(stranger, 'a', DAY, []))).code).to.equal('forbidden');
  });

  it('G2: what is not well-formed changes nothing, and says the line', async () => {
    const broken = await problemOf(load(`<tv>${channel('a')}\n${programme('a', '0909', '0910')}\n</xml>`));
    expect(broken).to.include({ code: 'invalid' });
    expect(broken.faults).to.deep.equal([{ line: 3, rule: 'xml' }]);
    expect(await guide.listServices()).to.deep.equal([]);
    expect(await guide.revision()).to.equal(0);
    expect((await load(tv(channel('b')))).revision).to.equal(1);
  });

  it('G2: entities, other roots, depth, endless text and false encodings are refused', async () => {
    const entity = '<!DOCTYPE tv [<!ENTITY a "b">]><tv/>';
    const texts = [
      entity,
      '<html/>',
      tv('<a>'.repeat(20)),
      tv('x'.repeat(2_000_000)),
      '',
      '<?xml version="1.0" encoding="klingon"?><tv/>',
    ];
    for (const text of texts) expect((await problemOf(load(text))).code).to.equal('invalid');
    const latin = guide.load(
      (async function* () {
        yield Buffer.from(
          '<?xml version="1.0" encoding="ISO-8859-1"?><tv><channel id="l"><display-name>caf\xe9</display-name></channel></tv>',
          'latin1',
        );
      })(),
      { provider: 'demo', source: 'latin' },
    );
    expect((await latin).services).to.equal(1);
    expect((await guide.findService('l'))?.names).to.deep.equal({ und: 'café' });
  });

  it('G2: an entry that is too large is left out alone', async () => {
    const result = await load(
      tv(channel('a') + programme('a', '0908', '0909', 'x'.repeat(9_000)) + programme('a', '0909', '0910', 'fits')),
    );
    expect(result.faults.map((fault) => fault.rule)).to.deep.equal(['too_large']);
    expect(result.skipped).to.equal(1);
    expect(await titles()).to.deep.equal(['a 09:00-10:00 fits']);
  });

  it('G2: nothing is visible before all is; a second load meanwhile is refused, and reading goes on', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = guide.load(
      (async function* () {
        yield Buffer.from(`<tv>${channel('a')}${programme('a', '0909', '0910').repeat(2_000)}`);
        await gate;
        yield Buffer.from('</tv>');
      })(),
      { provider: 'demo', source: 'slow' },
    );
    for (let turns = 0; turns < 50; turns += 1) await setImmediate();
    expect((await problemOf(load(tv(channel('b'))))).code).to.equal('conflict');
    const elsewhere = createGuide({ store, clock: () => now });
    expect(await renewSampleGuide(elsewhere, () => now), 'left to who is at it').to.equal(0);
    const other = elsewhere.revise({ role: 'administrator' }, { services: [], schedules: [] });
    expect((await problemOf(other)).code).to.equal('conflict');
    expect(await guide.listServices()).to.deep.equal([]);
    release();
    expect(await slow).to.include({ revision: 1, services: 1, programmes: 1, skipped: 1_999, faultCount: 1_999 });
    expect(await titles()).to.deep.equal(['a 09:00-10:00 x']);
  });

  it('G2: what a crash left is invisible, and gone with the next load', async () => {
    await store.takeTurn('crashed', NOW, NOW + 60_000);
    const left = { id: 'ghost', names: { en: 'Ghost' }, provider: 'demo', order: 1, measured: [] };
    const page = { service: 'a', day: Math.floor(DAY.from / 86_400_000), programmes: [] };
    await store.put(1, { services: [left], pages: [page] });
    expect(await guide.listServices()).to.deep.equal([]);
    expect((await problemOf(load(tv(channel('a'))))).code).to.equal('conflict');
    now += 60_000;
    expect((await load(tv(channel('a')))).revision).to.equal(1);
    expect((await guide.listServices()).map((service) => service.id)).to.deep.equal(['a']);
  });

  it('G5: a service that reports named first resolves after the load, and its marks stay through the next', async () => {
    expect(await guide.findService('a')).to.equal(undefined);
    await load(tv(channel('a')));
    expect((await guide.findService('a'))?.names).to.deep.equal({ und: 'a' });
    const windows = await guide.setMeasuredWindows({ role: 'administrator' }, 'a', [
      'TRUE 2007-08-09T12:00+08:00~13:00',
    ]);
    expect(windows).to.deep.equal([{ from: at('09T04:00'), to: at('09T05:00') }]);
    await load(tv('<channel id="a"><display-name>New name</display-name></channel>'));
    const service = await guide.findService('a');
    expect(service?.names).to.deep.equal({ und: 'New name' });
    expect(service?.measured).to.deep.equal(windows);
  });
});
