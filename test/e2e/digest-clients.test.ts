// Foreign Digest clients against the check: curl, Python's requests, Java, wget (V6; RFC 2617, RFC 7616).

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createDigest, type Digest } from '../../server/http/digest.ts';
import { digestHa1 } from '../../server/http/digest-response.ts';
import { createFailureLimits } from '../../server/http/failure-limits.ts';
import { readBody } from '../../server/http/request-body.ts';
import { Problem } from '../../server/problem.ts';
import { digestAuthorization } from '../support/digest-client.ts';

const run = promisify(execFile);

const REALM = 'pocketmeter';
const REPORT = '<LogReport><Message_Type Message_Type_Type="LogInInfo"/></LogReport>';
const STATUS: Record<string, number> = { unauthorized: 401, invalid: 400, rate_limited: 429 };

const JAVA_CLIENT = `
import java.io.*;
import java.net.*;
class Post {
  public static void main(String[] parameters) throws Exception {
    Authenticator.setDefault(new Authenticator() {
      protected PasswordAuthentication getPasswordAuthentication() {
        return new PasswordAuthentication("Mufasa", "Circle Of Life".toCharArray());
      }
    });
    for (int times = 0; times < 3; times++) {
      var connection = (HttpURLConnection) new URL(parameters[0]).openConnection(Proxy.NO_PROXY);
      connection.setDoOutput(true);
      connection.getOutputStream().write(parameters[1].getBytes("UTF-8"));
      System.out.println(connection.getResponseCode());
      try (InputStream answer = connection.getInputStream()) { answer.readAllBytes(); }
    }
  }
}
`;

interface Seen {
  status: number;
  authorization: string | undefined;
  body: string;
}

describe('Digest clients', () => {
  let server: Server;
  let digest: Digest;
  let url: string;
  let offered: RegExp;
  let now: number;
  const seen: Seen[] = [];

  beforeEach(async () => {
    offered = /./;
    now = 1_184_963_482_000;
    seen.length = 0;
    const clock = (): number => now;
    digest = createDigest({
      realm: REALM,
      privateKey: 'private',
      etag: 'v1',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
      domain: '/',
      clock,
      findCredentials: (user) => ({
        ha1Md5: digestHa1('MD5', user, REALM, 'Circle Of Life'),
        ha1Sha256: digestHa1('SHA-256', user, REALM, 'Circle Of Life'),
      }),
      failureLimits: createFailureLimits({ clock }),
    });
    server = createServer(async (request, response) => {
      const { method = '', url: target = '' } = request;
      const { authorization: header } = request.headers;
      const body = await readBody(request, 65_536);
      try {
        const verified = await digest.verify({ method, target, header, body, remoteAddress: '10.0.0.1' });
        response.setHeader('Authentication-Info', verified.authenticationInfo());
        response.end(`hello ${verified.user}\n`);
      } catch (problem) {
        response.statusCode = problem instanceof Problem ? (STATUS[problem.code] ?? 500) : 500;
        const challenges = digest.challengeFor(problem).filter((challenge) => offered.test(challenge));
        if (challenges.length > 0) response.setHeader('WWW-Authenticate', challenges);
        response.end();
      }
      seen.push({ status: response.statusCode, authorization: header, body: body.toString() });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/reports?from=handset`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const statuses = (): number[] => seen.map(({ status }) => status);

  it('V6: our own test client, with auth-int and SHA-256', async () => {
    const asked = await fetch(url, { method: 'POST', body: REPORT });
    expect(asked.status).to.equal(401);
    // fetch joins the two header lines.
    const challenge = (asked.headers.get('www-authenticate') ?? '').split(/, (?=Digest )/);
    const authorization = digestAuthorization({
      challenge,
      user: 'Mufasa',
      password: 'Circle Of Life',
      method: 'POST',
      uri: '/reports?from=handset',
      body: Buffer.from(REPORT),
      nc: 1,
      cnonce: '0a4f113b',
      algorithm: 'SHA-256',
      qop: 'auth-int',
    });
    const answered = await fetch(url, { method: 'POST', body: REPORT, headers: { authorization } });
    expect(await answered.text()).to.equal('hello Mufasa\n');
  });

  describe('curl', () => {
    before(async function () {
      if (!(await has('curl', '--version'))) this.skip();
    });

    const curl = async (...more: string[]): Promise<string> => {
      const common = ['-sS', '--noproxy', '*', '--digest', '-u', 'Mufasa:Circle Of Life', '--data-binary', REPORT];
      return (await run('curl', [...common, ...more])).stdout;
    };

    it('V6: POSTs through the dialogue', async () => {
      expect(await curl(url)).to.equal('hello Mufasa\n');
      expect(statuses()).to.deep.equal([401, 200]);
      expect(seen[1]?.body).to.equal(REPORT);
    });

    it('V6: speaks SHA-256 when that is what is offered', async () => {
      offered = /SHA-256/;
      expect(await curl(url)).to.equal('hello Mufasa\n');
      expect(seen[1]?.authorization).to.include('SHA-256');
    });

    it('V7: is refused with a wrong password, and does not ask for ever', async () => {
      expect(await curl('-u', 'Mufasa:wrong', '-w', '%{http_code}', url)).to.equal('401');
    });

    it('V7: a quotation mark in the user name', async () => {
      expect(await curl('-u', 'Mu"fa\\sa:Circle Of Life', url)).to.equal('hello Mu"fa\\sa\n');
    });
  });

  describe('Python requests', () => {
    before(async function () {
      if (!(await has('python3', '-c', 'import requests'))) this.skip();
    });

    const python = async (script: string): Promise<string> => {
      const start = `import sys, requests; from requests.auth import HTTPDigestAuth
s = requests.Session(); s.trust_env = False; s.auth = HTTPDigestAuth("Mufasa", "Circle Of Life")
post = lambda: print(s.post(sys.argv[1], data=sys.argv[2]).status_code)
`;
      return (await run('python3', ['-c', start + script, url, REPORT])).stdout;
    };

    it('V6: POSTs through the dialogue, and keeps its nonce', async () => {
      expect(await python('post(); post(); post()')).to.equal('200\n200\n200\n');
      expect(statuses()).to.deep.equal([401, 200, 200, 200]);
      expect(seen.at(-1)?.authorization).to.include('nc=00000003');
    });

    for (const algorithm of ['MD5', 'SHA-256']) {
      it(`V6: speaks ${algorithm} alone`, async () => {
        offered = new RegExp(`algorithm=${algorithm}`);
        expect(await python('post()')).to.equal('200\n');
      });
    }

    it('V7: finds a new nonce by itself when its own is stale', async () => {
      const answered = python('post(); import time; time.sleep(0.5); post()');
      const timer = setInterval(() => {
        if (seen.length === 2) now += 600_000;
        if (seen.length >= 2) clearInterval(timer);
      }, 5);
      expect(await answered).to.equal('200\n200\n');
      expect(statuses()).to.deep.equal([401, 200, 401, 200]);
    });
  });

  describe('Java', () => {
    before(async function () {
      if (!(await has('java', '-version'))) this.skip();
    });

    it("V6: POSTs through the dialogue, keeps its nonce, and believes the server's proof", async () => {
      const folder = await mkdtemp(join(tmpdir(), 'digest-java-'));
      const source = join(folder, 'Post.java');
      await writeFile(source, JAVA_CLIENT);
      try {
        const { stdout } = await run('java', ['-Dhttp.auth.digest.validateServer=true', source, url, REPORT]);
        expect(stdout).to.equal('200\n200\n200\n');
      } finally {
        await rm(folder, { recursive: true });
      }
      expect(statuses()).to.deep.equal([401, 200, 200, 200]);
    });
  });

  describe('wget', () => {
    before(async function () {
      if (!(await has('wget', '--version'))) this.skip();
    });

    it('V6: POSTs through the dialogue', async () => {
      const credentials = ['--user=Mufasa', '--password=Circle Of Life'];
      const { stdout } = await run('wget', ['-qO-', '--no-proxy', ...credentials, `--post-data=${REPORT}`, url]);
      expect(stdout).to.equal('hello Mufasa\n');
      expect(statuses()).to.deep.equal([401, 200]);
    });
  });
});

async function has(command: string, ...parameters: string[]): Promise<boolean> {
  try {
    await run(command, parameters);
    return true;
  } catch {
    console.warn(`NOT TESTED: ${command} ${parameters.join(' ')} does not run here`);
    return false;
  }
}
