// Every address and every role, by what the OpenAPI document says of them (O1, O11, V8).

import { expect } from 'chai';
import type { Role } from '../../server/http/caller.ts';
import { type ApiWorld, startApiWorld, USER_OF } from '../support/api-world.ts';
import { digestAuthorization } from '../support/digest-client.ts';
import { bodyOf, type Call, callsOf, type OpenapiDocument } from '../support/openapi-document.ts';
import { startServer } from '../support/server.ts';

const ROLES = Object.keys(USER_OF) as Role[];
const HANDSET_DOOR = ['/', '/reports', '/reports/batch'];
const EITHER = [
  '/sg',
  '/sg/now',
  '/subscriptions',
  '/subscriptions/sync',
  '/subscriptions/{item}',
  '/keys',
  '/events',
  '/updates',
  '/preferences',
  '/surveys/{id}/answers',
]; // problems in XML, too, unless JSON is asked for
const PASSWORD = 'a long secret';

describe('roles', () => {
  let world: ApiWorld;
  let calls: Call[];
  before(async () => {
    world = await startApiWorld();
    calls = callsOf((await (await fetch(`${world.url}/openapi.json`)).json()) as OpenapiDocument);
  });
  after(() => world.close());

  /** Expects the refusal in the right form, with a challenge where credentials are asked for. */
  const refused = async (answer: Response, { method, path }: Call, ...statuses: number[]): Promise<void> => {
    const body = await answer.text();
    const told = `${method} ${path}: ${answer.status} ${body}`;
    expect(statuses, told).to.include(answer.status);
    const form = [...HANDSET_DOOR, ...EITHER].includes(path) ? 'xml' : 'json';
    expect(answer.headers.get('content-type'), told).to.equal(`application/problem+${form}; charset=utf-8`);
    expect(body, told).to.contain(answer.status === 401 ? 'unauthorized' : 'forbidden');
    if (answer.status === 401) expect(answer.headers.get('www-authenticate'), told).to.match(/^(Digest|Basic) realm=/);
  };

  /** What is behind credentials, one by one; nothing may have changed at the end. */
  const changesNothing = async (ask: (call: Call) => Promise<void>, of: (call: Call) => boolean = () => true) => {
    const before = await world.state();
    const chosen = calls.filter((call) => call['x-roles'].length > 0 && of(call));
    expect(chosen).not.to.have.length(0);
    for (const call of chosen) await ask(call);
    expect(await world.state()).to.deep.equal(before);
  };

  it('O1: anonymous: what is public, and nothing else', async () => {
    const open = calls.filter((call) => call['x-roles'].length === 0);
    expect(open.map(({ path }) => path)).to.have.members(['/healthz', '/readyz', '/metrics', '/openapi.json']);
    for (const { path } of open) expect((await fetch(world.url + path)).status, path).to.equal(200);
    await changesNothing(async (call) => {
      const { method, url, init } = call;
      const headers = init.type === undefined ? {} : { 'content-type': init.type };
      await refused(await fetch(world.url + url, { ...init, method, headers }), call, 401);
    });
  });

  for (const role of ROLES) {
    const user = USER_OF[role];
    it(`O1: ${role}: not what is for others`, () =>
      changesNothing(
        // The handsets' door knows Digest only: to others it says so, before it asks who they are.
        async (call) =>
          refused(
            await world.as(user, call.method, call.url, call.init),
            call,
            HANDSET_DOOR.includes(call.path) ? 401 : 403,
          ),
        (call) => !call['x-roles'].includes(role),
      ));
  }

  it('O1: a disabled account, staff or handset, is nobody', () =>
    changesNothing(async (call) => {
      await refused(await world.as('left', call.method, call.url, call.init), call, 401);
      await refused(await world.as('gone', call.method, call.url, call.init), call, 401);
    }));

  it('V8: a wrong password, a wrong token, and a handset by Basic are nobody', async () => {
    const attempts = [
      (call: Call) =>
        world.login({ user: 'abc', password: 'wrong', scheme: 'digest' }, call.method, call.url, call.init),
      (call: Call) =>
        world.login({ user: 'nobody', password: 'x', scheme: 'digest' }, call.method, call.url, call.init),
      (call: Call) => world.as('nobody', call.method, call.url, call.init),
    ];
    await changesNothing(async (call) => {
      for (const attempt of attempts) await refused(await attempt(call), call, 401);
    });
    // Each costs the server a slow hash, by design: so one address stands for all with the same roles.
    const credentials = [
      { user: 'admin', password: 'wrong', scheme: 'basic' },
      { user: 'abc', password: 'secret', scheme: 'basic' },
      { user: 'left', password: PASSWORD, scheme: 'basic' },
    ] as const;
    const oneOfEach = new Map(calls.map((call) => [call['x-roles'].join(), call]));
    let turn = 0;
    await changesNothing(
      async (call) => {
        turn += 1;
        const chosen = credentials[turn % credentials.length] ?? credentials[0];
        await refused(await world.login(chosen, call.method, call.url, call.init), call, 401);
      },
      (call) => oneOfEach.get(call['x-roles'].join()) === call,
    );
  });

  it('O1: an unknown scheme, and credentials that are none, are refused with what would do', async () => {
    for (const authorization of [
      'Negotiate abc',
      'Basic',
      'Basic !',
      'Bearer',
      'Digest',
      'Digest x',
      'x',
      'Basic OnBhc3N3b3Jk',
    ])
      for (const path of ['/accounts', '/sessions']) {
        const answer = await fetch(world.url + path, { headers: { authorization } });
        expect([400, 401], `${authorization} ${path}`).to.include(answer.status);
        if (answer.status === 401) expect(answer.headers.get('www-authenticate')).to.contain('Basic realm=');
      }
  });

  it('V8: behind a proxy, failures count for the address of the sender', async () => {
    const server = await startServer({ TRUSTED_HOPS: '1', FAILURES_PER_ADDRESS: '2' });
    const ask = async (sender: string): Promise<number> => {
      const headers = { authorization: 'Bearer wrong', 'x-forwarded-for': sender };
      return (await fetch(`${server.url}/accounts`, { headers })).status;
    };
    expect([await ask('192.0.2.1'), await ask('192.0.2.1'), await ask('192.0.2.1')]).to.deep.equal([401, 401, 429]);
    expect(await ask('192.0.2.2')).to.equal(401);
    await server.close();
  });

  it('V6: a handset signs its body with auth-int at any address', async () => {
    const path = '/accounts/abc/consent';
    const body = JSON.stringify({ version: '2' });
    const asked = await fetch(world.url + path, { method: 'PUT' });
    const challenge = (asked.headers.get('www-authenticate') ?? '').split(/, (?=Digest |Basic )/);
    const put = (signed: string, nc: number): Promise<Response> => {
      const request = { challenge, user: 'abc', password: 'secret', method: 'PUT', uri: path, nc, cnonce: 'x' };
      const authorization = digestAuthorization({ ...request, qop: 'auth-int', body: Buffer.from(signed) });
      return fetch(world.url + path, {
        method: 'PUT',
        body,
        headers: { authorization, 'content-type': 'application/json' },
      });
    };
    expect((await put(body, 1)).status).to.equal(200);
    expect((await put('{"version":"3"}', 2)).status).to.equal(401);
    expect((await put('', 3)).status).to.equal(401);
    expect((await world.products.accounts.find('abc'))?.consent?.version).to.equal('2');
  });

  it('O11: HEAD, OPTIONS and methods that an address does not have', async () => {
    const before = await world.state();
    for (const path of new Set(calls.map((call) => call.path))) {
      const url = calls.find((call) => call.path === path)?.url ?? path;
      const isIt = ({ path: known }: Call): boolean =>
        new RegExp(`^${known.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
      const methods = [...new Set(calls.filter(isIt).map(({ method }) => method))];
      const options = await world.as('admin', 'OPTIONS', url);
      const allowed = (options.headers.get('allow') ?? '').split(', ');
      expect(
        allowed.filter((method) => method !== 'HEAD'),
        path,
      ).to.have.members(methods);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
        if (methods.includes(method)) continue;
        const answer = await world.as('admin', method, url);
        expect(answer.status, `${method} ${path}`).to.equal(404);
        expect(await answer.json(), `${method} ${path}`).to.include({ code: 'not_found', status: 404 });
      }
      const got = methods.includes('GET') ? await world.as('admin', 'GET', url) : undefined;
      const head = await world.as('admin', 'HEAD', url);
      expect(head.status, path).to.equal(got?.status ?? 404);
      expect(await head.text(), path).to.equal('');
      if (got !== undefined) expect(head.headers.get('content-type'), path).to.equal(got.headers.get('content-type'));
    }
    for (const path of ['/nothing', '/accounts/abc/nothing', '//', '/reports/', '/sg/nothing'])
      expect((await world.as('admin', 'GET', path)).status, path).to.equal(404);
    const { audit: _seen, ...after } = await world.state(); // that a user's data was shown is noted
    expect(before).to.include(after);
  });

  // Last, for it changes things.
  it('O1: every role gets in where the document says so', async () => {
    const order = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'];
    for (const call of calls.toSorted((a, b) => order.indexOf(a.method) - order.indexOf(b.method))) {
      for (const role of call['x-roles'] as Role[]) {
        if ((await world.products.accounts.find('abc')) === undefined)
          await world.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
        const answer = await world.as(USER_OF[role], call.method, call.url, call.init);
        const told = `${role} ${call.method} ${call.url}: ${answer.status} ${await bodyOf(answer)}`;
        expect([401, 403], told).not.to.include(answer.status);
        expect(Object.keys(call.responses), told).to.include(String(answer.status));
        expect(answer.status, told).to.be.lessThan(500);
      }
    }
  });
});
