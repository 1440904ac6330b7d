// The same fault gives the same code in XML and JSON, and nothing internal is shown (RFC 9457; O5, O11).

import { expect } from 'chai';
import express, { type RequestHandler } from 'express';
import fc from 'fast-check';
import { XmlDocument } from 'libxml2-wasm';
import request from 'supertest';
import { encodeProblem, notFound, type ProblemFormat, problemEncoder } from '../../../server/http/problem-encoder.ts';
import { requestId } from '../../../server/http/request-id.ts';
import { createLog } from '../../../server/log.ts';
import { Problem, type ProblemCode } from '../../../server/problem.ts';

function served(handler: RequestHandler, format: ProblemFormat = 'json') {
  const lines: Record<string, unknown>[] = [];
  let now = 0;
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } });
  const app = express();
  app.use(requestId());
  app.get('/thing/:id', handler);
  app.post('/thing', express.json({ limit: 100 }), handler);
  app.use(notFound(), problemEncoder({ log, format, clock: () => now }));
  const wait = (ms: number): void => {
    now += ms;
  };
  return { agent: request(app), lines, wait };
}

const failing =
  (error: unknown): RequestHandler =>
  () => {
    throw error;
  };

describe('problem encoder', () => {
  it('O11: every code has its status', () => {
    const statuses: Record<ProblemCode, number> = {
      invalid: 400,
      unauthorized: 401,
      forbidden: 403,
      not_found: 404,
      conflict: 409,
      gone: 410,
      too_large: 413,
      unsupported: 415,
      rate_limited: 429,
      unavailable: 503,
    };
    for (const [code, status] of Object.entries(statuses))
      expect(encodeProblem(new Problem(code as ProblemCode, 'd'), 'r', 'json').status).to.equal(status);
  });

  it('RFC 9457 §3: JSON with code, request id and faults', () => {
    const faults = [{ line: 3, element: 'User_ID', rule: 'required' }];
    const { headers, body } = encodeProblem(new Problem('invalid', 'no user', { faults }), 'r1', 'json');
    expect(headers['Content-Type']).to.equal('application/problem+json; charset=utf-8');
    expect(JSON.parse(body)).to.deep.equal({
      type: 'urn:pocketmeter:problem:invalid',
      title: 'The request is not valid',
      status: 400,
      detail: 'no user',
      code: 'invalid',
      requestId: 'r1',
      faults,
    });
  });

  it('RFC 9457 appendix B: XML in its namespace, lists as elements i', () => {
    const faults = [{ line: 3, element: 'User_ID', rule: 'a < b & c' }];
    const { headers, body } = encodeProblem(new Problem('invalid', 'no user', { faults }), 'r1', 'xml');
    expect(headers['Content-Type']).to.equal('application/problem+xml; charset=utf-8');
    expect(body).to.equal(
      '<?xml version="1.0" encoding="UTF-8"?>\n<problem xmlns="urn:ietf:rfc:7807"><type>urn:pocketmeter:problem:invalid</type>' +
        '<title>The request is not valid</title><status>400</status><detail>no user</detail><code>invalid</code>' +
        '<requestId>r1</requestId><faults><i><line>3</line><element>User_ID</element><rule>a &lt; b &amp; c</rule></i></faults></problem>\n',
    );
  });

  it('O11: whatever the detail holds, the XML is well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (detail) => {
        const { body } = encodeProblem(new Problem('invalid', `${detail}\u0000\uD800]]>`, {}), 'r', 'xml');
        XmlDocument.fromBuffer(Buffer.from(body)).dispose();
      }),
    );
  });

  it('O11: what is not a Problem is logged whole and shown bare', async () => {
    const { agent, lines } = served(failing(new Error('the table viewer_42 is broken')));
    const answer = await agent.get('/thing/1').set('X-Request-Id', 'abc');
    expect([answer.status, answer.body.code, answer.body.requestId]).to.deep.equal([500, 'internal', 'abc']);
    expect(answer.text).to.not.contain('viewer_42');
    expect(lines).to.have.length(1);
    expect(lines[0]?.requestId).to.equal('abc');
    expect(JSON.stringify(lines[0]?.error)).to.contain('viewer_42');
  });

  it('O5: a stopped store gives 503 with Retry-After and one log line in ten seconds', async () => {
    const { agent, lines, wait } = served(failing(new Problem('unavailable', 'away', { retryAfterS: 1.2 })));
    for (let times = 0; times < 5; times += 1) {
      const answer = await agent.get('/thing/1');
      expect([answer.status, answer.headers['retry-after']]).to.deep.equal([503, '2']);
    }
    expect(lines).to.have.length(1);
    wait(10_000);
    await agent.get('/thing/1');
    expect([lines.length, lines[1]?.unsaid]).to.deep.equal([2, 4]);
  });

  it('O5: a busy embedded store is unavailable, a broken statement is internal', () => {
    const sqlite = (errcode: number): Error => Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode });
    expect(encodeProblem(sqlite(5), 'r', 'json').headers['Retry-After']).to.equal('5');
    expect(encodeProblem(sqlite(261), 'r', 'json').status).to.equal(503);
    expect(encodeProblem(sqlite(1), 'r', 'json').status).to.equal(500);
  });

  it('O5: a disk that is full when a file is flushed is unavailable, a file that is not there is internal', () => {
    const disk = (code: string): Error => Object.assign(new Error('x'), { code });
    expect(encodeProblem(disk('ENOSPC'), 'r', 'xml').status).to.equal(503);
    expect(encodeProblem(disk('EIO'), 'r', 'xml').status).to.equal(503);
    expect(encodeProblem(disk('ENOENT'), 'r', 'xml').status).to.equal(500);
  });

  it('V6: a challenge that was set stays', async () => {
    const { agent } = served((_request, response) => {
      response.setHeader('WWW-Authenticate', ['Digest a="b"', 'Basic c="d"']);
      throw new Problem('unauthorized', 'who are you');
    }, 'xml');
    const answer = await agent.get('/thing/1');
    expect([answer.status, answer.headers['www-authenticate']]).to.deep.equal([401, 'Digest a="b", Basic c="d"']);
    expect(answer.headers['content-type']).to.equal('application/problem+xml; charset=utf-8');
  });

  it('O11: bad addresses and bodies get a clear 4xx', async () => {
    const { agent, lines } = served((_request, response) => void response.json({}));
    const post = (type: string, body: string) => agent.post('/thing').set('Content-Type', type).send(body);
    expect((await agent.get('/thing/%E0%A4%A')).body.code).to.equal('invalid');
    expect((await agent.get('/nothing')).body.code).to.equal('not_found');
    expect((await agent.delete('/thing/1')).status).to.equal(404);
    expect((await post('application/json', '{"a":')).body.code).to.equal('invalid');
    expect((await post('application/json', `"${'x'.repeat(200)}"`)).status).to.equal(413);
    expect((await post('application/json; charset=klingon', '{}')).body.code).to.equal('unsupported');
    expect(lines).to.deep.equal([]);
  });

  it('O11: an answer that has begun is cut, not continued', async () => {
    const { agent } = served((_request, response) => {
      response.write('half');
      throw new Error('late');
    });
    const outcome = await agent.get('/thing/1').then(
      () => 'whole',
      () => 'cut',
    );
    expect(outcome).to.equal('cut');
  });

  it('O7: makes a request id of its own for absent and insane ones', async () => {
    const { agent } = served((_request, response) => void response.json({}));
    const made = [await agent.get('/thing/1'), await agent.get('/thing/1').set('X-Request-Id', 'a b"c')].map(
      (answer) => answer.headers['x-request-id'] ?? '',
    );
    expect(made.every((id) => /^[\w-]{8,}-[0-9a-z]+$/.test(id))).to.equal(true);
    expect(made[0]).to.not.equal(made[1]);
  });
});
