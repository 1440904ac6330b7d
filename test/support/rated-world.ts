// A whole server whose handsets watched what a test says, and its rating reports: what e2e tests of figures share.

import { setTimeout as sleep } from 'node:timers/promises';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { logReport } from './reports.ts';
import { startServer, type TestServer } from './server.ts';

/** From `from` to `to`: instants, ISO 8601 UTC. */
interface Watched {
  user: string;
  service: string;
  programme?: string;
  from: string;
  to: string;
}

export type Item = Record<string, string | number | boolean | undefined>;

export interface Report {
  criteria: Item;
  items: Item[];
  total?: Item;
}

export interface RatedWorld extends TestServer {
  /** Handsets, with what is told of them. */
  people(users: Record<string, Record<string, string>>): Promise<void>;
  /** Resolves when the people who may be measured weigh so much; they are not read anew for each report. */
  untilUniverse(weight: number): Promise<void>;
  /** Loads an XMLTV schedule: "01 news 18:00 19:00 [more attributes]" a line, of `day`. Answers the load. */
  schedule(provider: string, day: string, ...programmes: string[]): Promise<{ faults?: unknown[] }>;
  /** Posts what handsets report, in order of time, by the server's clock, which goes along. */
  watch(rows: readonly Watched[]): Promise<void>;
  /** GET /reports/ratings of it as JSON, which must have neither NaN nor null. */
  rate(query: string): Promise<Report>;
  /** Any answer, as the provider's account `desk of <provider>`, which is made when it is first named. */
  asProvider(provider: string, path: string, init?: RequestInit): Promise<Response>;
}

/** The clock begins at `from`; two services that nobody sells, 01 of acme and 02 of other. */
export async function startRatedWorld(
  from: string,
  environment: Record<string, string> = {},
  clock = { now: 0 },
): Promise<RatedWorld> {
  clock.now = Date.parse(from);
  const server = await startServer({ SAMPLE_GUIDE: 'false', ...environment }, undefined, {}, clock);
  const { products, url } = server;
  const desks = new Set<string>();

  const schedule: RatedWorld['schedule'] = async (provider, day, ...programmes) => {
    const timeOf = (time: string): string => `${day.replaceAll('-', '')}${time.replaceAll(':', '').padEnd(6, '0')} Z`;
    const entries = programmes.map((line) => {
      const [service, id, start = '', stop = '', ...more] = line.split(' ');
      const inside = more.map((one) => one.replace(/^(\w+)=(.*)$/, '<$1>$2</$1>')).join('');
      const series = /<series>(.*)<\/series>/.exec(inside)?.[1];
      const own = `channel="${service}" start="${timeOf(start)}" stop="${timeOf(stop)}"`;
      const attributes = `id="${id}" ${series === undefined ? '' : `series="${series}" `}${own}`;
      return `<programme ${attributes}><title>${id}</title>${inside.replace(/<series>.*<\/series>/, '')}</programme>`;
    });
    const channels = [...new Set(programmes.map((line) => line.split(' ')[0]))];
    const named = channels.map((id) => `<channel id="${id}"><display-name>Service ${id}</display-name></channel>`);
    const answer = await server.ask(`/sg/loads?provider=${provider}`, {
      method: 'POST',
      body: `<tv>${named.join('')}${entries.join('')}</tv>`,
      headers: { 'content-type': 'text/xml' },
    });
    if (answer.status !== 201) throw new Error(await answer.text());
    return (await answer.json()) as { faults?: unknown[] };
  };

  const watch: RatedWorld['watch'] = async (rows) => {
    const reports = rows.flatMap((row) => [
      { ...row, type: 'LogInInfo', at: Date.parse(row.from) },
      { ...row, type: 'LogOutInfo', at: Date.parse(row.to) },
    ]);
    reports.sort((a, b) => a.at - b.at || (a.type < b.type ? 1 : -1)); // out before in
    for (const { user, service, programme = '', type, at } of reports) {
      clock.now = Math.max(clock.now, at);
      const client = createHandsetClient({ url, user, password: 'secret', keepAlive: false, clock: Date.now });
      const body = (): string => logReport(type, user, service, programme);
      const answer = await client.post({ path: '/', body, date: () => new Date(clock.now) });
      client.close();
      if (!answer.body.includes('result="recorded"')) throw new Error(answer.body);
    }
  };

  const rate: RatedWorld['rate'] = async (query) => {
    const answer = await server.ask(`/reports/ratings?${query}`);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${query}: ${answer.status} ${text}`);
    const wrong = /[^"\w](null|NaN|-?Infinity)\b/.exec(text);
    if (wrong !== null) throw new Error(`${query} has ${wrong[1]}`);
    return JSON.parse(text) as Report;
  };

  const untilUniverse: RatedWorld['untilUniverse'] = async (count) => {
    const iso = (at: number): string => new Date(at).toISOString();
    const now = `from=${iso(clock.now - 1_000)}&to=${iso(clock.now + 1_000)}`; // live, so that it is not kept
    while ((await rate(now)).criteria.universe !== count) await sleep(20);
  };

  return {
    ...server,
    schedule,
    watch,
    async people(users) {
      for (const [user, demographics] of Object.entries(users))
        await products.accounts.add({ user, password: 'secret', role: 'handset', demographics }, 'test');
      const weightOf = ({ weight = '1' }: Record<string, string>): number =>
        environment.RATING_WEIGHTS === 'on' ? Number(weight) : 1;
      await untilUniverse(Object.values(users).reduce((sum, user) => sum + weightOf(user), 0));
    },
    untilUniverse,
    rate,
    async asProvider(provider, path, init = {}) {
      const user = `desk-${provider}`;
      const password = 'a long secret';
      if (!desks.has(provider)) await products.accounts.add({ user, password, role: 'provider', provider }, 'test');
      desks.add(provider);
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      return fetch(url + path, { ...init, headers: { authorization, ...init.headers } });
    },
  };
}

export const sumOf = (items: readonly Item[], field = 'viewerSeconds'): number =>
  items.reduce((sum, item) => sum + Number(item[field] ?? 0), 0);
