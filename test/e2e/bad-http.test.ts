// What is no HTTP, half of it, too slow or too much: answered with a problem or cut off, and harms nothing (V17, V18, O11; RFC 9112).

import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { exchange, type RawAnswer } from '../support/raw-http.ts';
import { logReport } from '../support/reports.ts';

const REPORT = logReport('LogInInfo', 'abc', '01', '011');
const LENGTH = Buffer.byteLength(REPORT);

describe('bad HTTP', () => {
  let world: ApiWorld;
  let state: Record<string, string>;
  before(async () => {
    world = await startApiWorld();
    await world.as('abc', 'POST', '/', { body: REPORT, type: 'text/xml' });
    state = await world.state();
  });
  afterEach(async () => {
    const again = await world.as('abc', 'POST', '/', { body: REPORT, type: 'text/xml' });
    expect(await again.text()).to.contain('result="duplicate"');
    expect(await world.state()).to.deep.equal(state);
  });
  after(() => world.close());

  /** A header with good credentials; `more` are lines of it. */
  const header = async (more: string[], path = '/reports', line = `POST ${path} HTTP/1.1`): Promise<string> => {
    const authorization = await world.digestOf('abc', 'POST', path);
    const date = new Date(world.clock.now).toUTCString();
    return [
      line,
      'Host: a',
      `Date: ${date}`,
      'Content-Type: text/xml',
      `Authorization: ${authorization}`,
      ...more,
      '',
      '',
    ].join('\r\n');
  };
  const good = async (...more: string[]): Promise<string> =>
    (await header([`Content-Length: ${LENGTH}`, ...more])) + REPORT;

  const expectProblem = (
    answer: RawAnswer | undefined,
    form: 'xml' | 'json',
    status: number,
    code: string,
    told: string,
  ): void => {
    expect(answer, told).not.to.equal(undefined);
    const { headers = {}, body = '' } = answer ?? {};
    expect(answer?.status, `${told}: ${body}`).to.equal(status);
    expect(headers['content-type'], told).to.equal(`application/problem+${form}; charset=utf-8`);
    const problem = form === 'xml' ? new XMLParser().parse(body).problem : JSON.parse(body);
    expect(problem, told).to.include({ code, status });
  };

  it('V18: what no parser takes is answered 400 and the connection closed', async () => {
    const json = {
      words: 'hello\r\n\r\n',
      'an unknown method': 'FROB /reports HTTP/1.1\r\nHost: a\r\n\r\n',
      'another version': 'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
      'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      TLS: Buffer.from('16030100a5010000a10303', 'hex'),
      NUL: Buffer.alloc(100),
      'a broken header': 'GET /accounts HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n',
      'a NUL in a header': 'GET /accounts HTTP/1.1\r\nHost: a\u0000\r\n\r\n',
      'a folded header': 'GET /accounts HTTP/1.1\r\nHost: a\r\n b\r\nContent-Length : 3\r\n\r\n',
    };
    for (const [name, bytes] of Object.entries(json)) {
      const answers = await exchange(world.url, [bytes]);
      expect(answers, name).to.have.length(1);
      expectProblem(answers[0], 'json', 400, 'invalid', name);
      expect(answers[0]?.headers.connection).to.equal('close');
    }
  });

  it('V18: a handset’s is answered in its form', async () => {
    const chunked = await header(['Transfer-Encoding: chunked']);
    const xml = {
      'two lengths': (await header([`Content-Length: ${LENGTH}`, 'Content-Length: 3'])) + REPORT,
      'a length and chunks': (await header([`Content-Length: ${LENGTH}`, 'Transfer-Encoding: chunked'])) + REPORT,
      'a negative length': await header(['Content-Length: -1']),
      'a length in words': await header(['Content-Length: ten']),
      'a length beyond all': await header([`Content-Length: ${'9'.repeat(40)}`]),
      'a broken chunk': `${chunked}zz\r\n`,
      'a chunk that goes on': `${chunked}3\r\nabcdef\r\n0\r\n\r\n`,
      'a broken chunk, later': [`${chunked}3\r\nabc\r\n`, 'zz\r\n'],
    };
    for (const [name, bytes] of Object.entries(xml)) {
      const answers = await exchange(world.url, [bytes].flat());
      expect(answers, name).to.have.length(1);
      expectProblem(answers[0], 'xml', 400, 'invalid', name);
    }
  });

  it('V18: a header that is too large', async () => {
    const long = 'x'.repeat(20_000);
    for (const [form, bytes] of [
      ['xml', await good(`X-Long: ${long}`)],
      ['xml', await good(...Array.from({ length: 2_000 }, (_, n) => `X-${n}: 1`))],
      ['xml', `POST /reports?${long} HTTP/1.1\r\nHost: a\r\n\r\n`],
      ['json', `GET /accounts?${long} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ] as const) {
      expectProblem((await exchange(world.url, [bytes]))[0], form, 431, 'too_large', bytes.slice(0, 40));
    }
  });

  it('V18: garbage behind good requests: they are answered first, in their order', async () => {
    const one = await good();
    const answers = await exchange(world.url, [`${one + (await good())}garbage\r\n\r\n`]);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 400]);
    expect(answers[1]?.body).to.contain('result="duplicate"');
    const apart = await exchange(world.url, [await good(), 'garbage\r\n\r\n', 'more garbage\r\n\r\n']);
    expect(apart.map(({ status }) => status)).to.deep.equal([200, 400]);
    // More bytes than the length says are the next request.
    const longer = await exchange(world.url, [`${await good()}<LogReport/>`]);
    expect(longer.map(({ status }) => status)).to.deep.equal([200, 400]);
  });

  it('V17, V18: a body that breaks off is not stored', async () => {
    const whole = logReport('LogInInfo', 'abc', '01', '013');
    const begun = await header([`Content-Length: ${Buffer.byteLength(whole) + 1}`]);
    await exchange(world.url, [begun + whole], true);
    await exchange(world.url, [begun, whole.slice(0, 50)], true);
    await exchange(
      world.url,
      [`${await header(['Transfer-Encoding: chunked'])}${whole.length.toString(16)}\r\n${whole}\r\n`],
      true,
    );
    const account =
      'PUT /accounts/abc/consent HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n';
    await exchange(world.url, [`${account}Authorization: ${world.admin}\r\n\r\n{"version":"1"`], true);
  });

  it('V18: who says nothing, a header that dawdles, a body that dawdles: they are sent away, and keep nobody out', async () => {
    const impatient = await startApiWorld({ headerMs: 500, requestMs: 1_000, checkMs: 50 });
    const { url } = impatient;
    const begin = async (line: string): Promise<string> => {
      const authorization = await impatient.digestOf('abc', 'POST', '/reports');
      return `POST /reports HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n${line}\r\n\r\n`;
    };
    const chunk = '1\r\n<\r\n';
    const cases: [string, 'xml' | 'json', string[]][] = [
      ['nothing', 'json', ['']],
      ['half a header', 'json', ['POST /reports HTTP/1.1\r\nHost: a\r\n']],
      ['a header by drops', 'json', [...`POST /reports HTTP/1.1\r\nX: ${'x'.repeat(1_000)}`]],
      ['half a body', 'xml', [(await begin('Content-Length: 900')) + REPORT]],
      ['a body by drops', 'xml', [await begin('Transfer-Encoding: chunked'), ...Array<string>(1_000).fill(chunk)]],
    ];
    const ends = cases.map(async ([name, form, pieces]) => {
      const [answer] = await exchange(url, pieces);
      expectProblem(answer, form, 408, 'invalid', name);
    });
    const crowd = Array.from({ length: 100 }, () => exchange(url, ['POST /reports HTTP/1.1\r\n']));
    const answer = await impatient.as('abc', 'POST', '/', { body: REPORT, type: 'text/xml' });
    expect(answer.status).to.equal(200);
    await Promise.all([...ends, ...crowd]);
    await impatient.close();
  });

  it('V18: a body that is too large gets its answer through, however it is sent', async () => {
    const large = 'x'.repeat(3 * 2 ** 20);
    for (const [name, bytes] of [
      ['with its length', (await header([`Content-Length: ${large.length}`])) + large],
      [
        'in one chunk',
        `${await header(['Transfer-Encoding: chunked'])}${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`,
      ],
      [
        'in chunks without an end',
        (await header(['Transfer-Encoding: chunked'])) + `10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(50),
      ],
    ] as const) {
      const answers = await exchange(world.url, [bytes]);
      expect(answers, name).to.have.length(1);
      expectProblem(answers[0], 'xml', 413, 'too_large', name);
      expect(answers[0]?.headers.connection, name).to.equal('close');
    }
  });

  it('V3: what is unusual and right is taken', async () => {
    const close = 'Connection: close';
    const { url } = world;
    for (const [name, pieces] of Object.entries({
      'HTTP/1.0': [(await header([`Content-Length: ${LENGTH}`], '/reports', 'POST /reports HTTP/1.0')) + REPORT],
      'an absolute address': [
        (await header([`Content-Length: ${LENGTH}`, close], '/reports', `POST ${url}/reports HTTP/1.1`)) + REPORT,
      ],
      'Expect: 100-continue': [await header([`Content-Length: ${LENGTH}`, 'Expect: 100-continue', close]), REPORT],
      'by drops': [...((await good(close)).match(/[\s\S]{1,100}/g) ?? [])],
      'in chunks': [
        await header(['Transfer-Encoding: chunked', close]),
        `${LENGTH.toString(16)}\r\n${REPORT}\r\n0\r\n\r\n`,
      ],
      'a byte order mark': [`${await header([`Content-Length: ${LENGTH + 3}`, close])}\ufeff${REPORT}`],
      identity: [await good('Content-Encoding: identity', close)],
      'an upgrade': [await good('Upgrade: h2c', 'Connection: Upgrade, close')],
      'a blank line before': [`\r\n${await good(close)}`],
    })) {
      const answers = await exchange(world.url, pieces);
      expect(
        answers.map(({ status, body }) => [status, /duplicate/.test(body)]),
        name,
      ).to.deep.equal([[200, true]]);
    }
    for (const [status, bytes] of [
      [404, 'GET /\r\n\r\n'], // HTTP/0.9
      [400, 'POST / HTTP/1.1\r\n\r\n'], // no Host [RFC 9112 3.2]
      [417, await good('Expect: the best', close)],
      [404, `OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}\r\n\r\n`],
      [404, `TRACE / HTTP/1.1\r\nHost: a\r\n${close}\r\n\r\n`],
    ] as const)
      expect((await exchange(world.url, [bytes]))[0]?.status, bytes.slice(0, 20)).to.equal(status);
    expect(await exchange(world.url, ['CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'])).to.deep.equal([]);
  });
});
