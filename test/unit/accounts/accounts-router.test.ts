// The routes of accounts, consent, a user's own data and the audit log (O1, O2, O11).

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import express, { type ErrorRequestHandler, type Express } from 'express';
import request, { type Response } from 'supertest';
import { createAccounts } from '../../../server/accounts/accounts.ts';
import { accountsRouter } from '../../../server/accounts/accounts-router.ts';
import { createAudit } from '../../../server/accounts/audit.ts';
import { createOrigins } from '../../../server/accounts/origins.ts';
import { createSealing } from '../../../server/accounts/sealing.ts';
import { randomPseudonym } from '../../../server/accounts/secrets.ts';
import type { Role } from '../../../server/http/caller.ts';
import { Problem } from '../../../server/problem.ts';
import { createSqliteAccountStore } from '../../../server/store/sqlite/account-store.ts';
import { createSqliteAuditStore } from '../../../server/store/sqlite/audit-store.ts';
import { type Database, openDatabase } from '../../../server/store/sqlite/database.ts';
import { createSqliteOriginStore } from '../../../server/store/sqlite/origin-store.ts';
import { createSqliteTokenStore } from '../../../server/store/sqlite/token-store.ts';
import { createUserData } from '../../../server/user-data.ts';
import { CHEAP } from '../../support/password-cost.ts';

const clock = (): number => Date.UTC(2026, 6, 20);
const encode: ErrorRequestHandler = (error, _request, response, _next) => {
  response
    .status(error instanceof Problem ? 400 : 500)
    .json({ code: error instanceof Problem ? error.code : String(error) });
};

describe('accounts router', () => {
  let database: Database;
  let app: Express;
  let erased: number[];
  beforeEach(() => {
    database = openDatabase(':memory:');
    erased = [];
    const sealing = createSealing(Buffer.alloc(32, 1));
    const origins = createOrigins({ store: createSqliteOriginStore(database), sealing, clock });
    const audit = createAudit({ store: createSqliteAuditStore(database), clock });
    const accounts = createAccounts({
      store: createSqliteAccountStore(database),
      tokens: createSqliteTokenStore(database),
      origins,
      audit,
      sealing,
      realm: 'r',
      clock,
      newPseudonym: randomPseudonym,
      newSecret: () => 'token-told-once',
      consentPolicy: {},
      passwordCost: CHEAP,
    });
    app = express();
    app.use(
      accountsRouter({
        accounts,
        audit,
        // The caller is who the header says: authentication has tests of its own.
        guard:
          (...roles) =>
          (req, res, next) => {
            const [role, user] = String(req.headers['x-caller']).split(' ');
            if (!roles.includes(role as Role)) throw new Problem('forbidden', 'role');
            res.locals.caller = { role, user };
            next();
          },
        userData: createUserData({
          accounts,
          origins,
          viewing: {
            async *exportViewer() {},
            eraseViewer: async (viewer) => void erased.push(viewer),
            listSessions: async () => [],
            listModels: async () => [],
          },
          push: { exportOf: async () => ({ events: [], acknowledged: [] }), eraseOf: async () => undefined },
          surveys: { exportOf: async () => [], eraseOf: async () => undefined },
          subscriptions: {
            export: async () => ({ version: 0, items: [], changes: [] }),
            erase: async () => undefined,
          },
          preferences: {
            view: async () => ({ halfLifeDays: 30, measured: true, viewedSeconds: 0, preferences: [] }),
            remove: async () => undefined,
          },
          listTemplates: async () => [],
          open: (sealed) => sealed,
          purge: async () => undefined,
          clock,
          graceMs: 0,
          wait: async () => undefined,
        }),
      }),
      encode,
    );
  });
  afterEach(() => database.close());
  type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
  const ask = (
    method: Method,
    path: string,
    body?: object | string,
    caller = 'administrator root',
    type = 'application/json',
  ) => {
    const asked = request(app)[method](path).set('X-Caller', caller);
    return body === undefined ? asked : asked.set('Content-Type', type).send(body);
  };
  const load = (): Promise<Response> =>
    Promise.resolve(
      ask('post', '/accounts/imports', readFileSync('fixtures/accounts/accounts.csv', 'utf8'), undefined, 'text/csv'),
    );

  it('adds, shows, changes and removes an account; nothing secret or pseudonymous is shown', async () => {
    const added = await ask('post', '/accounts', { user: 'ada@x y', password: 'p', role: 'handset', name: 'Ada' });
    expect(added.status).to.equal(201);
    expect(added.headers.location).to.equal('/accounts/ada%40x%20y');
    const shown = {
      user: 'ada@x y',
      role: 'handset',
      name: 'Ada',
      enabled: true,
      createdAt: '2026-07-20T00:00:00.000Z',
      measurable: true,
    };
    expect(added.body).to.deep.equal(shown);
    const path = '/accounts/ada%40x%20y';
    expect((await ask('get', path)).body).to.deep.equal(shown);
    const changed = await ask('patch', path, { name: 'A', enabled: false, zone: 'UTC', password: 'q' });
    expect(changed.body).to.deep.equal({ ...shown, name: 'A', enabled: false, zone: 'UTC', measurable: false });
    expect((await ask('delete', path)).status).to.equal(204);
    expect((await ask('get', path)).body).to.deep.equal({ code: 'not_found' });
    const actions = (await ask('get', '/audit?limit=4')).body.items.map((entry: { action: string }) => entry.action);
    expect(actions).to.deep.equal(['account.remove', 'account.disable', 'account.password', 'account.change']);
  });

  it('O11: refuses what is malformed', async () => {
    await load();
    const bodies = ['{', '[]', '{"user":1}', '{"user":"a","role":"king","password":"p"}', '{"colour":"red"}', '{}'];
    for (const body of bodies)
      expect((await ask('post', '/accounts', body)).body, body).to.deep.equal({ code: 'invalid' });
    for (const body of [{ demographics: [] }, { demographics: { a: 1 } }, { enabled: 'no' }, { password: 1 }]) {
      expect((await ask('patch', '/accounts/13800000001', body)).body).to.deep.equal({ code: 'invalid' });
    }
    expect((await ask('post', '/accounts', { user: 'x'.repeat(20_000) })).body).to.deep.equal({ code: 'too_large' });
    expect((await ask('get', '/accounts?role=king')).body).to.deep.equal({ code: 'invalid' });
    expect((await ask('post', '/accounts/imports', '{}')).body).to.deep.equal({ code: 'unsupported' });
  });

  it('O8: imports CSV and lists it in pages', async () => {
    expect((await load()).body).to.deep.equal({ rows: 4, added: 4, updated: 0, refused: 0, faults: [] });
    const first = (await ask('get', '/accounts?limit=3')).body;
    expect(first.items.map((each: { user: string }) => each.user)).to.deep.equal([
      '13800000001',
      '13800000002',
      'news',
    ]);
    expect(first.next).to.equal('news');
    const second = (await ask('get', `/accounts?limit=3&after=${first.next}`)).body;
    expect(second.items).to.have.length(1);
    expect(second).not.to.have.property('next');
    expect((await ask('get', '/accounts?role=provider')).body.items[0]).to.have.property('provider', 'news-corp');
  });

  it('O1: tells a token once and revokes it', async () => {
    await load();
    const { body } = await ask('post', '/accounts/news/tokens', { expiresAt: '2026-08-01T00:00:00Z' });
    expect(body).to.have.property('token', 'token-told-once');
    expect((await ask('get', '/accounts/news/export')).body.account.tokens).to.deep.equal([
      { id: body.id, createdAt: '2026-07-20T00:00:00.000Z', expiresAt: '2026-08-01T00:00:00.000Z' },
    ]);
    expect((await ask('post', '/accounts/news/tokens', { expiresAt: 'soon' })).body).to.deep.equal({ code: 'invalid' });
    expect((await ask('delete', `/accounts/news/tokens/${body.id}`)).status).to.equal(204);
    expect(JSON.stringify((await ask('get', '/audit')).body)).not.to.contain('token-told-once');
  });

  it('O2: handsets manage their own consent and see their own data, nobody else does but administrators', async () => {
    await load();
    const own = 'handset 13800000001';
    const consent = await ask('put', '/accounts/13800000001/consent', { version: '1' }, own);
    expect(consent.body.consent).to.deep.equal({ version: '1', at: '2026-07-20T00:00:00.000Z' });
    expect((await ask('delete', '/accounts/13800000001/consent', undefined, own)).status).to.equal(204);
    const { body } = await ask('get', '/accounts/13800000001/export', undefined, own);
    expect(body.account.consent.withdrawnAt).to.equal('2026-07-20T00:00:00.000Z');
    expect(body.viewing).to.deep.equal({ reports: [], sessions: [], models: [] });
    for (const [method, path] of [
      ['put', '/accounts/13800000002/consent'],
      ['delete', '/accounts/13800000002/consent'],
      ['get', '/accounts/13800000002/export'],
      ['get', '/accounts/13800000001'],
      ['get', '/accounts'],
      ['get', '/audit'],
      ['post', '/accounts/13800000001/erasure'],
    ] as const) {
      expect((await ask(method, path, undefined, own)).body, path).to.deep.equal({ code: 'forbidden' });
    }
    expect((await ask('get', '/accounts/news/export', undefined, 'provider news')).body).to.deep.equal({
      code: 'forbidden',
    });
  });

  it('O2: erasure reaches the viewing data and leaves no name', async () => {
    await load();
    const { viewer } = (await ask('get', '/accounts/13800000001/export')).body.account;
    expect((await ask('post', '/accounts/13800000001/erasure')).status).to.equal(204);
    expect(erased).to.deep.equal([viewer]);
    expect((await ask('get', '/accounts/13800000001')).body).to.deep.equal({ code: 'not_found' });
    expect(JSON.stringify((await ask('get', '/audit')).body)).not.to.contain('13800000001');
  });
});
