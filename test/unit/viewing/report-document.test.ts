// Documents read into reports and batches, and kept to the byte without the sender's identity (V1-V3, V11; O2).

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../../server/problem.ts';
import { createReportReader, type ReadDocument, unpackDocument } from '../../../server/viewing/report-document.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../fixtures/viewing/${name}`, import.meta.url));
const seal = (text: string): string => Buffer.from(text).toString('base64');
const open = (sealed: string): string => Buffer.from(sealed, 'base64').toString();

const createReader = () => {
  const templates = new Map<number, string>();
  const reader = createReportReader({ seal, onTemplate: ({ template, text }) => void templates.set(template, text) });
  const unpack = ({ report, document }: ReadDocument): string => {
    const { extension, ...fields } = report;
    return unpackDocument(document, { ...extension, ...fields }, templates.get(document.template), open);
  };
  return { reader, unpack };
};

const FULL = {
  type: 'LogOutInfo',
  user: 'abc',
  service: '01',
  programme: '11',
  onlineState: 'offline',
  imsi: '460001234567890',
  channelStat: 'TRUE',
};
const EXTENSION = {
  reportId: 'r-1001',
  sequence: 17,
  deviceId: 'phone-7',
  deviceModel: 'Nokia N92',
  clientTime: Date.UTC(2007, 6, 20, 20, 31, 22, 250),
  endReason: 'zap',
  access: 'broadcast',
  timeShiftS: 0,
  guideVersion: '42',
};

describe('report documents', () => {
  it("V1: the method's own sample, without the optional elements", () => {
    const { reader } = createReader();
    const { report } = reader.readReport(fixture('login.xml'));
    expect(report).to.deep.equal({ type: 'LogInInfo', user: 'abc', service: '01', programme: '11' });
  });

  it('V1, V2: all elements and the extension, the first time by the validator, then recognised', () => {
    const { reader } = createReader();
    const first = reader.readReport(fixture('logout-extension.xml'));
    expect(first.report).to.deep.equal({ ...FULL, extension: EXTENSION });
    expect(reader.readReport(fixture('logout-extension.xml'))).to.deep.equal(first);
  });

  it('V2: an unknown namespace is ignored, and the document is kept sealed', () => {
    const { reader, unpack } = createReader();
    const read = reader.readReport(fixture('other-namespace.xml'));
    expect(read.report).to.deep.equal({ type: 'LogInInfo', user: 'abc', service: '01', programme: '11' });
    expect(read.document.template).to.equal(0);
    expect(unpack(read)).to.equal(fixture('other-namespace.xml').toString());
  });

  it('O2: a packed document holds neither user nor IMSI nor device id', () => {
    const { reader } = createReader();
    const { document } = reader.readReport(fixture('logout-extension.xml'));
    expect(document.template).to.be.above(0);
    expect(document.rest).to.equal('TRUE"Nokia N92"2007-07-20T22:31:22.250+02:00"42');
  });

  it('V1: references, white space and other quotes mean what XML says', () => {
    const { reader, unpack } = createReader();
    const text = fixture('login.xml')
      .toString()
      .replace('"abc"', "'a&amp;&#x4E2D;\tb'")
      .replace('"LogInInfo"', '" LogInInfo "');
    const read = reader.readReport(Buffer.from(text));
    expect(read.report).to.deep.equal({ type: 'LogInInfo', user: 'a&中 b', service: '01', programme: '11' });
    expect(unpack(read)).to.equal(text);
  });

  it('V1: values beyond ASCII fit a template too, after a byte order mark too', () => {
    const { reader, unpack } = createReader();
    const text = `\uFEFF${fixture('login-extension.xml').toString().replace('Nokia N92', '小米')}`;
    const read = reader.readReport(Buffer.from(text));
    expect(read.report.extension?.deviceModel).to.equal('小米');
    expect(read.document.template).to.be.above(0);
    expect(unpack(read)).to.equal(text);
  });

  it('D6: unpacking gives back the exact document (property)', () => {
    const { reader, unpack } = createReader();
    const value = fc.string({
      minLength: 1,
      maxLength: 8,
      unit: fc.constantFrom(...'ab1 .é中\t', '&amp;', '&#10;', "'", '>'),
    });
    const sequence = fc.constantFrom('1', '17', '42', '007', '+5', ' 12 ', '-0', '4000000000');
    const quote = fc.constantFrom('"abc"', '"abc"', '"abc"', "'abc'", '"abc" ', '\n"abc"');
    const names = fc.constantFrom('login-extension.xml', 'logout-extension.xml');
    let templated = 0;
    fc.assert(
      fc.property(
        names,
        value,
        value,
        value,
        sequence,
        quote,
        fc.constantFrom(false, false, true),
        (name, user, model, state, count, quoted, comment) => {
          const text = fixture(name)
            .toString()
            .replace('"abc"', () =>
              quoted.replace('abc', () => (quoted.includes("'") ? user.replaceAll("'", '') : user)),
            )
            .replace('Nokia N92', () => model)
            .replace(/"(?:on|off)line"/, () => `"${state}"`)
            .replace('"17"', `"${count}"`)
            .replace('</LogReport>', comment ? '<!-- " --></LogReport>\r\n' : '</LogReport>');
          const read = reader.readReport(Buffer.from(text));
          if (read.document.template > 0) templated += 1;
          expect(unpack(read)).to.equal(text);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(templated).to.be.above(20);
  });

  it('D6: a template that is not stored is an error, not a wrong document', () => {
    expect(() => unpackDocument({ template: 1, rest: '' }, {}, undefined, open)).to.throw('template 1 is not stored');
  });
});

describe('batches of reports', () => {
  const reportsOf = (name: string) => createReader().reader.readBatch(fixture(name));

  it('V3: every report with its time, and when the batch was sent', () => {
    const { sentAt, items } = reportsOf('batch.xml');
    expect(sentAt).to.equal(Date.UTC(2007, 6, 20, 20, 35));
    expect(
      items.map((item) => ('report' in item ? [item.report.type, item.report.extension?.clientTime] : 'refused')),
    ).to.deep.equal([
      ['LogInInfo', Date.UTC(2007, 6, 20, 20, 31, 22, 250)],
      ['LogOutInfo', Date.UTC(2007, 6, 20, 20, 34)],
    ]);
  });

  it('V3, V5: a report that breaks the schema is refused alone, with its line in the batch', () => {
    const { items } = reportsOf('batch-one-bad.xml');
    expect(items.map((item) => 'problem' in item)).to.deep.equal([false, false, true]);
    const bad = items[2];
    expect(bad !== undefined && 'problem' in bad ? bad.problem.faults[0] : undefined).to.include({
      line: 18,
      element: 'Message_Type',
    });
  });

  it('V3: a batch of nothing but bad reports is answered per report', () => {
    const { reader } = createReader();
    const { items } = reader.readBatch(
      Buffer.from('<LogReports><LogReport/><LogReport x="1"><a/>t</LogReport></LogReports>'),
    );
    expect(items.map((item) => 'problem' in item)).to.deep.equal([true, true]);
  });

  it('V11: each report is kept as it stands in the batch', () => {
    const { reader, unpack } = createReader();
    const { items } = reader.readBatch(fixture('batch.xml'));
    const texts = items.map((item) => ('report' in item ? unpack(item) : ''));
    expect(texts[0]).to.match(/^<LogReport>\n {4}<Message_Type [\s\S]*<\/LogReport>$/);
    expect(texts.every((text) => fixture('batch.xml').toString().includes(text))).to.equal(true);
  });

  const refused: [string, string][] = [
    ['an empty batch', '<LogReports/>'],
    ['a single report', fixture('login.xml').toString()],
    ['a time of sending without a zone', fixture('batch.xml').toString().replace('20:35:00Z', '20:35:00')],
    ['an element that is no report', fixture('batch.xml').toString().replace('</LogReports>', '<Other/></LogReports>')],
    ['a default namespace', fixture('batch.xml').toString().replace('<LogReports', '<LogReports xmlns="urn:x"')],
    ['more than 1,000 reports', `<LogReports>${'<LogReport/>'.repeat(1001)}</LogReports>`],
  ];
  for (const [what, text] of refused) {
    it(`V3: refuses ${what} as a whole`, () => {
      expect(() => createReader().reader.readBatch(Buffer.from(text))).to.throw(
        Problem,
        /^invalid: the document breaks LogReports.xsd/,
      );
    });
  }
});
