// A simulated handset's HTTP and Digest against a server that checks on its own (V5, V6, V18).

import { expect } from 'chai';
import { readChallenge, readNextNonce, writeCredentials } from '../../../server/simulator/digest-credentials.ts';
import { createHandsetClient, type HandsetClient } from '../../../server/simulator/handset-client.ts';
import { type DigestServer, startDigestServer } from './digest-server.ts';

const DATE = new Date(Date.UTC(2026, 10, 20, 20, 31, 22));
const report = { path: '/', body: () => '<LogReport/>', date: () => DATE };

describe('digest credentials of a handset', () => {
  const request = { user: 'Mufasa', method: 'GET', target: '/dir/index.html', count: 1 };

  it('V6: RFC 2617 §3.5', () => {
    const [challenge] = [
      readChallenge([
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      ]),
    ];
    if (challenge === undefined) throw new Error('no challenge was read');
    expect(writeCredentials(challenge, { ...request, password: 'Circle Of Life', cnonce: '0a4f113b' })).to.equal(
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", algorithm=MD5, ' +
        'response="6629fae49393a05397450978507c4ef1", qop=auth, nc=00000001, cnonce="0a4f113b", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    expect(
      writeCredentials({ ...challenge, withQop: false }, { ...request, password: 'Circle Of Life', cnonce: '' }),
    ).to.include('response="670fd8c2df070c60b045671b8b24ff02"');
  });

  it('V6: finds the MD5 challenge among others, in one header or several', () => {
    const others = 'Basic realm="a, b", Digest realm="r", nonce="1", algorithm=SHA-256, qop="auth"';
    const ours = 'Digest realm="r", nonce="2", algorithm=MD5, qop="auth-int, auth", stale=TRUE';
    const expected = { realm: 'r', nonce: '2', withQop: true, stale: true };
    expect(readChallenge([`${others}, ${ours}`])).to.deep.equal(expected);
    expect(readChallenge([others, ours])).to.deep.equal(expected);
    expect(readChallenge([others])).to.equal(undefined);
    expect(readChallenge(['Digest realm="r", nonce="2", qop="auth-int"'])).to.equal(undefined);
    expect(readNextNonce('nextnonce="a==", qop=auth, rspauth="0"')).to.equal('a==');
  });
});

describe('createHandsetClient', () => {
  let server: DigestServer;
  let client: HandsetClient;
  const make = (more: { password?: string; keepAlive?: boolean; signal?: AbortSignal } = {}): HandsetClient =>
    createHandsetClient({
      url: server.url,
      user: 'abc',
      password: 'secret',
      keepAlive: true,
      clock: () => Date.now(),
      ...more,
    });

  beforeEach(async () => {
    server = await startDigestServer((user) => (user === 'abc' ? 'secret' : undefined));
    client = make();
  });
  afterEach(async () => {
    client.close();
    await server.close();
  });

  it('V6: answers one challenge, then counts with the same nonce', async () => {
    for (let sent = 0; sent < 3; sent += 1) expect((await client.post(report)).status).to.equal(200);
    expect(server.challenges).to.equal(1);
    expect(server.received.map(({ nc }) => nc)).to.deep.equal(['00000001', '00000002', '00000003']);
    expect(server.received[0]?.headers.date).to.equal('Fri, 20 Nov 2026 20:31:22 GMT');
    expect(server.received[0]?.headers['content-type']).to.match(/^text\/xml/);
    expect(server.received[0]?.headers.connection).to.equal('keep-alive');
  });

  it('V6: takes nextnonce and begins to count anew', async () => {
    server.answer = (_, response) => {
      if (server.nonce !== 'first') return false;
      server.nonce = 'second';
      response.setHeader('Authentication-Info', 'qop=auth, nextnonce="second.0"').writeHead(200).end();
      return true;
    };
    await client.post(report);
    await client.post(report);
    expect(server.challenges).to.equal(1);
    expect(server.received.map(({ nonce, nc }) => `${nonce} ${nc}`)).to.deep.equal([
      'first.1 00000001',
      'second.0 00000001',
    ]);
  });

  it('V7: a stale nonce is replaced and the report still arrives once', async () => {
    await client.post(report);
    server.nonce = 'later';
    expect((await client.post(report)).status).to.equal(200);
    expect(server.received.map(({ nonce }) => nonce)).to.deep.equal(['first.1', 'later.2']);
    expect(server.rejected).to.equal(0);
  });

  it('V6: a wrong password is refused after two tries', async () => {
    client.close();
    client = make({ password: 'wrong' });
    expect((await client.post(report)).status).to.equal(401);
    expect(server.rejected).to.equal(2);
    expect(server.received).to.deep.equal([]);
  });

  it('V18: waits as long as Retry-After says, and tries again', async () => {
    let busy = 1;
    server.answer = (_, response) => {
      if (busy === 0) return false;
      busy -= 1;
      response.setHeader('Retry-After', '1').writeHead(503).end();
      return true;
    };
    const startedAt = Date.now();
    const answer = await client.post(report);
    expect(answer).to.include({ status: 200, retries: 1 });
    expect(Date.now() - startedAt).to.be.at.least(990);
    expect(server.received.map(({ nc }) => nc)).to.deep.equal(['00000001', '00000002']);
  });

  it('O10: connects again when a connection breaks', async () => {
    let broken = 1;
    server.answer = (_, response) => {
      if (broken === 0) return false;
      broken -= 1;
      response.destroy();
      return true;
    };
    expect(await client.post(report)).to.include({ status: 200, retries: 1 });
  });

  it('O10: a simple handset closes its connection', async () => {
    client.close();
    client = make({ keepAlive: false });
    await client.post(report);
    expect(server.received[0]?.headers.connection).to.equal('close');
  });

  it('O10: an abort ends the wait for a server that is not there', async () => {
    const stop = new AbortController();
    client.close();
    client = make({ signal: stop.signal });
    await server.close();
    setTimeout(() => stop.abort(), 50);
    const outcome = await client.post(report).then(
      () => 'answered',
      (error: Error) => error.name,
    );
    expect(outcome).to.equal('AbortError');
    server = await startDigestServer(() => undefined);
  });
});
