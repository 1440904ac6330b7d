// A whole server with an account of every role, two providers with a service each, and viewing: what e2e tests of the API share.

import { hash } from 'node:crypto';
import type { Role } from '../../server/http/caller.ts';
import type { ListenerLimits } from '../../server/http/listener.ts';
import { digestAuthorization } from './digest-client.ts';
import { logReport } from './reports.ts';
import { startServer, type TestServer } from './server.ts';

export interface ApiWorld extends TestServer {
  /** Sends a request as a user: handsets by Digest, others by a bearer token. */
  as(user: string, method: string, path: string, init?: Sent): Promise<Response>;
  /** The same with a password of one's choice; `scheme` decides how. */
  login(
    credentials: { user: string; password: string; scheme: 'digest' | 'basic' },
    method: string,
    path: string,
    init?: Sent,
  ): Promise<Response>;
  /** The Authorization by which a handset proves itself; `uri` is the request's target. */
  digestOf(user: string, method: string, uri: string, password?: string): Promise<string>;
  /** All that a request could have changed, each kind as a hash, to be compared before and after. */
  state(): Promise<Record<string, string>>;
}

interface Sent {
  body?: string;
  type?: string;
  accept?: string;
}

/** The user of each role; `film` is of another provider than `news`, `other` another handset. */
export const USER_OF: Record<Role, string> = {
  handset: 'abc',
  provider: 'news',
  operator: 'ops',
  administrator: 'admin',
  business: 'shop',
};

const PASSWORD = 'a long secret';
const MINUTE_MS = 60_000;
const HANDSETS = ['abc', 'other', 'gone'];
const STAFF = [
  { user: 'news', role: 'provider', provider: 'news-corp' },
  { user: 'film', role: 'provider', provider: 'film-corp' },
  { user: 'ops', role: 'operator' },
  { user: 'shop', role: 'business' },
  { user: 'left', role: 'administrator' },
] as const;

/** Services 01 of news-corp, which sells it as basic, and 02 of film-corp; abc watched 01 and other 02 for half an hour, and both are online again the next morning; abc has basic. */
export async function startApiWorld(
  limits: Partial<ListenerLimits> = {},
  more: Record<string, string> = {},
): Promise<ApiWorld> {
  const environment = {
    SAMPLE_GUIDE: 'false',
    FAILURES_PER_ACCOUNT: '100000',
    FAILURES_PER_ADDRESS: '1000000',
    ...more,
  };
  const server = await startServer(environment, undefined, limits);
  const { products, url, clock } = server;
  const tokens = new Map<string, string>();
  const challenges = new Map<string, { challenge: string[]; at: number; nc: number }>();

  const send = (method: string, path: string, init: Sent = {}, authorization?: string) =>
    fetch(url + path, {
      method,
      headers: {
        date: new Date(clock.now).toUTCString(),
        ...(init.body === undefined ? {} : { 'content-type': init.type ?? 'application/json' }),
        ...(init.accept === undefined ? {} : { accept: init.accept }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...(init.body === undefined ? {} : { body: init.body }),
    });

  const digestOf: ApiWorld['digestOf'] = async (user, method, uri, password = 'secret') => {
    let known = challenges.get(user);
    if (known?.at !== clock.now) {
      const asked = await fetch(`${url}/reports`, { method: 'POST' });
      const challenge = (asked.headers.get('www-authenticate') ?? '').split(/, (?=Digest )/); // fetch joins the lines
      known = { challenge, at: clock.now, nc: 0 };
      challenges.set(user, known);
    }
    known.nc += 1;
    const { challenge, nc } = known;
    return digestAuthorization({ challenge, user, password, method, uri, nc, cnonce: `c${user}` });
  };
  const login: ApiWorld['login'] = async ({ user, password, scheme }, method, path, init) => {
    const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    return send(method, path, init, scheme === 'basic' ? basic : await digestOf(user, method, path, password));
  };
  const as: ApiWorld['as'] = (user, method, path, init) => {
    if (HANDSETS.includes(user)) return login({ user, password: 'secret', scheme: 'digest' }, method, path, init);
    return send(method, path, init, `Bearer ${tokens.get(user)}`);
  };

  for (const user of HANDSETS) await products.accounts.add({ user, password: 'secret', role: 'handset' }, 'test');
  await Promise.all(STAFF.map((account) => products.accounts.add({ ...account, password: PASSWORD }, 'test')));
  for (const user of ['admin', 'news', 'film', 'ops', 'shop', 'left'])
    tokens.set(user, (await products.accounts.issueToken(user, {}, 'test')).token);
  for (const user of ['gone', 'left']) await products.accounts.disable(user, 'test');

  const hour = (offset: number): string =>
    new Date(clock.now + offset * 60 * MINUTE_MS).toISOString().replaceAll(/[-:T]|\..*/g, '');
  for (const [service, provider] of [
    ['01', 'news-corp'],
    ['02', 'film-corp'],
  ]) {
    const programmes = [-2, -1, 0].map(
      (at) =>
        `<programme id="${service}${at + 3}" channel="${service}" start="${hour(at)}" stop="${hour(at + 1)}"><title lang="en">T</title></programme>`,
    );
    const guide = `<tv><channel id="${service}"><display-name lang="en">S</display-name></channel>${programmes.join('')}</tv>`;
    const answer = await as('admin', 'POST', `/sg/loads?provider=${provider}`, { body: guide, type: 'text/xml' });
    if (answer.status !== 201) throw new Error(await answer.text());
  }
  const basic = { names: { en: 'Basic' }, services: ['01'], price: { amount: '4.99', currency: 'EUR' }, period: 'P1M' };
  const sold = await as('news', 'PUT', '/sg/purchase-items/basic', { body: JSON.stringify(basic) });
  if (sold.status !== 201) throw new Error(await sold.text());
  const ordered = await as('abc', 'PUT', '/subscriptions/basic');
  if (ordered.status !== 201) throw new Error(await ordered.text());
  const report = async (user: string, service: string, type: string): Promise<void> => {
    const answer = await as(user, 'POST', '/', {
      body: logReport(type, user, service, `${service}1`),
      type: 'text/xml',
    });
    if (answer.status !== 200) throw new Error(await answer.text());
  };
  const hello = { audience: { all: true }, content: { text: { en: 'Hello' } }, id: 'hello' };
  const pushed = await as('ops', 'POST', '/pushes', { body: JSON.stringify(hello) });
  if (pushed.status !== 201) throw new Error(await pushed.text());
  const startedAt = clock.now;
  for (const [type, minute] of [
    ['LogInInfo', 0],
    ['LogOutInfo', 30],
    ['LogInInfo', 12 * 60], // the next morning: lists of yesterday and of now both have something
  ] as const) {
    clock.now = startedAt + minute * MINUTE_MS;
    await report('abc', '01', type);
    await report('other', '02', type);
  }
  const survey = { service: '01', id: 'who-watches-01', timeLimitS: 3_600 };
  const begun = await as('news', 'POST', '/surveys', { body: JSON.stringify(survey) });
  if (begun.status !== 201) throw new Error(await begun.text());
  const schedule = { id: 'every-evening', cron: '0 20 * * *', survey: { service: '01' } };
  const scheduled = await as('ops', 'POST', '/surveys/schedules', { body: JSON.stringify(schedule) });
  if (scheduled.status !== 201) throw new Error(await scheduled.text());
  await products.jobs.runNow('retention', 'test').then(({ ended }) => ended);
  clock.now += 1_000; // a job runs once for a time

  return {
    ...server,
    as,
    login,
    digestOf,
    async state() {
      const { accounts, audit, guide, viewing, jobs, subscriptions, preferences, surveying } = products;
      const { surveys, schedules } = surveying;
      const reports: unknown[] = [];
      for (const { viewer } of await accounts.list({ limit: 1_000 }))
        for await (const page of viewing.exportViewer(viewer)) reports.push(page);
      const kinds = {
        accounts: await accounts.list({ limit: 1_000 }),
        audit: await audit.list({ limit: 1_000 }),
        guide: [await guide.revision(), await guide.listServices(), await guide.listPurchaseItems()],
        sessions: await viewing.listSessions({ from: 0, to: clock.now + MINUTE_MS, limit: 1_000 }),
        online: viewing.online.list({ limit: 1_000 }),
        pushes: await products.push.pushes.list({ limit: 1_000 }),
        surveys: [
          await surveys.list({ limit: 1_000 }),
          await schedules.list(),
          await surveys.resultOf(await surveys.get('who-watches-01')),
        ],
        runs: await jobs.listRuns('retention', { limit: 1_000 }),
        reports,
        preferences: await Promise.all(
          (await accounts.list({ limit: 1_000 })).map(({ viewer }) => preferences.view(viewer)),
        ),
        subscriptions: await Promise.all(
          (await accounts.list({ limit: 1_000 })).map(({ viewer }) => subscriptions.export(viewer)),
        ),
      };
      const hashes = Object.entries(kinds).map(([kind, rows]) => [kind, hash('sha256', JSON.stringify(rows))]);
      return Object.fromEntries(hashes);
    },
  };
}
