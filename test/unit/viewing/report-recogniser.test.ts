// What is recognised without a parser is what the validator accepts, and means the same (V1, D6).

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../../server/problem.ts';
import { createReportReader } from '../../../server/viewing/report-document.ts';
import {
  createRecogniser,
  readPlain,
  TEMPLATE_LIMIT,
  type Template,
} from '../../../server/viewing/report-recogniser.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/viewing/${name}`, import.meta.url), 'utf8');
const NAMES = ['login', 'logout', 'login-full', 'logout-full', 'login-extension', 'logout-extension'];
const SAMPLES = NAMES.map((name) => fixture(`${name}.xml`));

/** The validator's path alone: a reader whose templates are never stored, so that it recognises nothing. */
const slow = createReportReader({ seal: (text) => text, onTemplate: () => Promise.reject(new Error('not stored')) });
const validate = (text: string) => slow.readReport(Buffer.from(text)).report;

const taught = () => {
  const templates: Template[] = [];
  const recogniser = createRecogniser({ validate, onTemplate: (template) => void templates.push(template) });
  return { templates, recogniser };
};

const bits = [
  '"',
  "'",
  '<',
  '>',
  '&',
  '/',
  ' ',
  '\n',
  '=',
  'a',
  '0',
  ':',
  '',
  '<!-- -->',
  'id="x"',
  ' xmlns="urn:x"',
  '&#65;',
  'é',
  '-',
  '+',
];
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(4),
  bit: fc.constantFrom(...bits),
});
const edits = fc.array(edit, { minLength: 1, maxLength: 3 });

const edited = (sample: string, all: { at: number; cut: number; bit: string }[]): string => {
  let text = sample;
  for (const { at, cut, bit } of all) {
    const from = Math.floor(at * text.length);
    text = text.slice(0, from) + bit + text.slice(from + cut);
  }
  return text;
};

describe('report recogniser', () => {
  const { recogniser, templates } = taught();
  for (const sample of SAMPLES) recogniser.learn(sample);

  const recognise = (text: string) => {
    const match = recogniser.match(text);
    return match === undefined ? undefined : readPlain(match);
  };

  for (const [index, name] of NAMES.entries()) {
    it(`V1: recognises ${name}.xml with other values, as the validator reads it`, () => {
      const text = (SAMPLES[index] ?? '').replaceAll('"abc"', '"other"').replaceAll('"01"', '""');
      expect(recognise(text)).to.deep.equal(validate(text));
      expect(validate(text)).to.include({ user: 'other', service: '' });
    });
  }

  const alterations: [string, (text: string) => string][] = [
    ['a reference in a value', (text) => text.replace('"abc"', '"a&amp;c"')],
    ['an unknown message type', (text) => text.replace('LogInInfo', 'LogMaybe')],
    ['another namespace', (text) => text.replace('urn:pocketmeter:report:1', 'urn:pocketmeter:report:2')],
    ['a count that is too great', (text) => text.replace('"17"', '"99999999999999999"')],
    ['a day that does not exist', (text) => text.replace('2007-07-20', '2007-02-29')],
    ['an hour that does not exist', (text) => text.replace('T22:', 'T24:')],
    ['a time without a zone', (text) => text.replace('+02:00', '')],
    ['an empty device id', (text) => text.replace('"phone-7"', '""')],
    ['something behind the end', (text) => `${text}x`],
  ];
  for (const [what, alter] of alterations) {
    it(`V1: leaves ${what} to the validator`, () => {
      const sample = fixture('login-extension.xml');
      expect(alter(sample)).not.to.equal(sample);
      expect(recognise(alter(sample))).to.equal(undefined);
    });
  }

  it('V1: what is recognised in altered documents is valid and means the same (property)', () => {
    let recognised = 0;
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), edits, (sample, edits) => {
        const text = edited(sample, edits);
        const report = recognise(text);
        if (report === undefined) return;
        recognised += 1;
        expect(validate(text)).to.deep.equal(report);
      }),
      { numRuns: 20_000 },
    );
    expect(recognised).to.be.above(50);
  });

  it('V1: whatever altered document taught a template, what it recognises is valid and means the same (property)', () => {
    let learned = 0;
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), edits, edits, (sample, first, second) => {
        const teacher = edited(sample, first);
        try {
          validate(teacher);
        } catch {
          return;
        }
        const fresh = taught();
        fresh.recogniser.learn(teacher);
        learned += fresh.templates.length;
        for (const text of [
          teacher,
          teacher.replace('"abc"', '"x y"').replace('"17"', '"18"'),
          edited(teacher, second),
        ]) {
          const match = fresh.recogniser.match(text);
          const report = match === undefined ? undefined : readPlain(match);
          if (report !== undefined) expect(validate(text)).to.deep.equal(report);
        }
      }),
      { numRuns: 5_000 },
    );
    expect(learned).to.be.above(10);
  });

  it('V1: any value that is recognised is valid and means the same (property)', () => {
    const two = (max: number) => fc.nat(max).map((value) => String(value).padStart(2, '0'));
    const zone = fc.constantFrom('Z', '+00:00', '-13:59', '+14:00', '+13:60', '');
    const instant = fc
      .tuple(
        fc.constantFrom('1000', '1900', '2000', '2024', '2999', '0001'),
        two(13),
        two(32),
        two(25),
        two(61),
        two(61),
        zone,
      )
      .map(
        ([year, month, day, hour, minute, second, end]) => `${year}-${month}-${day}T${hour}:${minute}:${second}${end}`,
      );
    const text = fc.string({ maxLength: 140, unit: fc.constantFrom(...'aZ0 _.:@+-/,;()#*\t') });
    const count = fc.oneof(fc.bigInt({ min: -1n, max: 1n << 60n }).map(String), fc.constantFrom('007', '+1', '-0', ''));
    let recognised = 0;
    fc.assert(
      fc.property(text, text, instant, count, (user, model, time, sequence) => {
        const altered = fixture('logout-extension.xml')
          .replace('"abc"', `"${user}"`)
          .replace('"Nokia N92"', `"${model}"`)
          .replace('2007-07-20T22:31:22.250+02:00', time)
          .replace('"17"', `"${sequence}"`);
        const report = recognise(altered);
        if (report === undefined) return;
        recognised += 1;
        expect(validate(altered)).to.deep.equal(report);
      }),
      { numRuns: 5_000 },
    );
    expect(recognised).to.be.above(20);
  });

  const unlearned: [string, (text: string) => string][] = [
    ['single quotes', (text) => text.replace('"abc"', "'abc'")],
    ['comments', (text) => text.replace('</LogReport>', '<!-- --></LogReport>')],
    ['foreign attributes', (text) => text.replace('</LogReport>', '<x:A xmlns:x="urn:x" size="1"/></LogReport>')],
    [
      'a foreign attribute that is named like ours',
      (text) => text.replace('</LogReport>', '<x:A xmlns:x="urn:x" id="1"/></LogReport>'),
    ],
    ['foreign text', (text) => text.replace('</LogReport>', '<A xmlns="urn:x">x="y"</A></LogReport>')],
    ['a processing instruction', (text) => text.replace('</LogReport>', '<?x User_ID_Type="x"?></LogReport>')],
  ];
  for (const [what, alter] of unlearned) {
    it(`V1: learns nothing from a document with ${what}`, () => {
      const fresh = taught();
      const altered = alter(fixture('login.xml'));
      expect(validate(altered).type).to.equal('LogInInfo');
      fresh.recogniser.learn(altered);
      expect(fresh.templates).to.deep.equal([]);
    });
  }

  it('V1: a value that breaks the document teaches nothing', () => {
    const fresh = taught();
    fresh.recogniser.learn(fixture('bad-order.xml'));
    expect(fresh.templates).to.deep.equal([]);
  });

  it('D6: a template holds no value of the document it was learned from, and any process gives it the same number', () => {
    const text = templates[2]?.text ?? '';
    expect(text).to.contain('<User_ID User_ID_Type=""/>').and.contain('<IMSI IMSI_Type=""/>');
    const again = taught();
    again.recogniser.preload(templates);
    again.recogniser.learn(SAMPLES[2] ?? '');
    expect(again.templates).to.deep.equal([]);
    expect(again.recogniser.match(SAMPLES[2] ?? '')?.template).to.equal(templates[2]?.template);
  });

  it('D6: a template is used only once it is stored', async () => {
    let store: () => void = () => undefined;
    const fresh = createRecogniser({ validate, onTemplate: () => new Promise((resolve) => (store = resolve)) });
    fresh.learn(SAMPLES[0] ?? '');
    expect(fresh.match(SAMPLES[0] ?? '')).to.equal(undefined);
    store();
    await Promise.resolve();
    expect(fresh.match(SAMPLES[0] ?? '')?.values).to.deep.equal(['abc', '01', '11']);
  });

  it('V18: the number of templates is bounded', () => {
    const fresh = taught();
    for (let index = 0; index < TEMPLATE_LIMIT + 10; index += 1) {
      fresh.recogniser.learn((SAMPLES[0] ?? '').replace('</LogReport>', `${' '.repeat(index)}</LogReport>`));
    }
    expect(fresh.templates).to.have.length(TEMPLATE_LIMIT);
  });

  it('V1: the validator alone refuses what it should', () => {
    expect(() => validate(fixture('bad-order.xml'))).to.throw(Problem);
  });
});
