// The XSD validator: what it takes, what it refuses and in which words (V1, V18).

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createXsdValidator } from '../../../schemas/xsd-validator.ts';
import { Problem } from '../../../server/problem.ts';

const schema = (name: string): URL => new URL(`../../../schemas/${name}`, import.meta.url);
const fixture = (name: string): Buffer => readFileSync(new URL(`../../../fixtures/viewing/${name}`, import.meta.url));
const validator = createXsdValidator(schema('LogReport.xsd'));

const refusalOf = (body: Buffer): Problem => {
  try {
    validator.readValid(body, () => undefined);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('the document was accepted');
};

describe('XSD validator', () => {
  for (const name of [
    'login',
    'logout',
    'login-full',
    'logout-full',
    'login-extension',
    'logout-extension',
    'other-namespace',
  ]) {
    it(`V1, V2: accepts ${name}.xml`, () => {
      expect(validator.readValid(fixture(`${name}.xml`), (root) => root.name)).to.equal('LogReport');
    });
  }

  const refused: [string, string, object | undefined][] = [
    ['bad-dtd', 'invalid', { line: 3, element: 'DOCTYPE' }],
    ['bad-entity', 'invalid', { line: 2, element: 'DOCTYPE' }],
    ['bad-undeclared-entity', 'invalid', { line: 4, rule: "Entity 'who' not defined" }],
    [
      'bad-order',
      'invalid',
      { line: 4, element: 'Service_ID', rule: 'This element is not expected. Expected is ( User_ID ).' },
    ],
    ['bad-missing-attribute', 'invalid', { line: 5, element: 'Service_ID' }],
    ['bad-enumeration', 'invalid', { line: 3, element: 'Message_Type' }],
    ['bad-unknown-element', 'invalid', { line: 7, element: 'Battery' }],
    ['bad-extension', 'invalid', { line: 10, element: '{urn:pocketmeter:report:1}Report' }],
    ['bad-not-xml', 'invalid', { line: 8, rule: 'Premature end of data in tag LogReport line 2' }],
    ['bad-not-xml-at-all', 'invalid', { line: 1 }],
    ['bad-utf8', 'invalid', { rule: 'encoding' }],
    ['bad-latin1', 'unsupported', undefined],
    ['bad-utf16', 'unsupported', undefined],
  ];
  for (const [name, code, fault] of refused) {
    it(`V5, V18: refuses ${name}.xml as ${code}`, () => {
      const problem = refusalOf(fixture(`${name}.xml`));
      expect(problem.code).to.equal(code);
      if (fault === undefined) expect(problem.faults).to.deep.equal([]);
      else expect(problem.faults[0]).to.include(fault);
    });
  }

  it('V18: refuses an encoding that is declared far behind', () => {
    const body = fixture('login.xml')
      .toString()
      .replace(' encoding="UTF-8"', `${' '.repeat(500)}encoding='ISO-8859-1'`);
    expect(refusalOf(Buffer.from(body)).code).to.equal('unsupported');
  });

  it('V18: refuses bytes beyond ASCII under US-ASCII, and accepts ASCII', () => {
    const body = fixture('login.xml').toString().replace('UTF-8', 'US-ASCII');
    expect(validator.readValid(Buffer.from(body), (root) => root.name)).to.equal('LogReport');
    expect(refusalOf(Buffer.from(body.replace('abc', 'é'))).faults).to.deep.equal([{ rule: 'encoding' }]);
  });

  for (const body of ['', ' ', '<', 'x', '\u0000', '<!--', '<?xml']) {
    it(`V18: refuses ${JSON.stringify(body)} with a Problem`, () => {
      expect(refusalOf(Buffer.from(body)).code).to.be.oneOf(['invalid', 'unsupported']);
    });
  }

  it('V18: refuses depth beyond 256', () => {
    const nested = '<x xmlns="urn:x">'.repeat(3000) + '</x>'.repeat(3000);
    const body = fixture('login.xml').toString().replace('</LogReport>', `${nested}</LogReport>`);
    expect(refusalOf(Buffer.from(body)).faults[0]?.rule).to.match(/^Excessive depth in document: 256/);
  });

  it('V18: the letters of a document type within a comment are none', () => {
    const body = fixture('login.xml').toString().replace('<LogReport', '<!-- <!DOCTYPE x> --><LogReport');
    expect(validator.readValid(Buffer.from(body), (root) => root.name)).to.equal('LogReport');
  });

  it('V18: a schema location in the document opens no file', () => {
    const body = fixture('login.xml').toString().replace('LogReport.xsd"', 'file:///nowhere/other.xsd"');
    expect(validator.readValid(Buffer.from(body), (root) => root.name)).to.equal('LogReport');
  });

  it('V18, V19: memory stays flat over 20,000 bad documents', () => {
    const bodies = refused.map(([name]) => fixture(`${name}.xml`));
    const spend = (count: number): number => {
      for (let index = 0; index < count; index += 1) refusalOf(bodies[index % bodies.length] ?? Buffer.alloc(0));
      return process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    };
    const before = spend(2_000);
    expect(spend(20_000) - before).to.be.below(4_000_000);
  });
});
