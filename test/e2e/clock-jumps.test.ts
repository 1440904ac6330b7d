// The server's clock set forwards and backwards by an hour in the midst of sessions (V4, V7, V11, V12, V15).

import { expect } from 'chai';
import { readConfig } from '../../server/config.ts';
import { createRandom } from '../../server/simulator/random.ts';
import { deriveSessions } from '../../server/viewing/derive-sessions.ts';
import type { StoredReport } from '../../server/viewing/report.ts';
import type { Session } from '../../server/viewing/session.ts';
import { digestAuthorization, readChallenge } from '../support/digest-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CHALLENGES_MOST = 3;
const SEED = Math.floor(Math.random() * 2 ** 31);

describe('a server whose clock jumps', () => {
  let server: TestServer;
  let viewer: number;
  /** The true time, by which the handset goes; the server's clock is moved apart from it. */
  let now: number;
  let jumpMs: number;

  beforeEach(async () => {
    server = await startServer();
    ({ viewer } = await server.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test'));
    now = server.clock.now;
    jumpMs = 0;
  });
  afterEach(() => server.close());

  const pass = (ms: number): void => {
    now += ms;
    server.clock.now = now + jumpMs;
  };
  const jump = (ms: number): void => {
    jumpMs = ms;
    pass(0);
  };

  const challengeOf = (response: Response): string[] =>
    (response.headers.get('www-authenticate') ?? '').split(/, (?=Digest )/);
  const send = (xml: string, dated: boolean, challenge?: string[]): Promise<Response> => {
    const headers: Record<string, string> = { 'content-type': 'text/xml' };
    if (dated) headers.date = new Date(now).toUTCString();
    if (challenge !== undefined) {
      const credentials = { user: 'abc', password: 'secret', method: 'POST', uri: '/', nc: 1, cnonce: '0a4f113b' };
      headers.authorization = digestAuthorization({ challenge, ...credentials });
    }
    return fetch(`${server.url}/`, { method: 'POST', body: xml, headers });
  };
  /** The text of the answer to one report; simple handsets without a clock send no Date. */
  const post = async (
    type: 'LogInInfo' | 'LogOutInfo',
    service: string,
    { dated = true, programme = '1' } = {},
  ): Promise<string> => {
    const xml = `<LogReport><Message_Type Message_Type_Type="${type}"/><User_ID User_ID_Type="abc"/><Service_ID Service_ID_Type="${service}"/><Program_ID Program_ID_Type="${programme}"/></LogReport>`;
    let answer = await send(xml, dated);
    for (let asked = 0; answer.status === 401 && asked < CHALLENGES_MOST; asked += 1) {
      answer = await send(xml, dated, challengeOf(answer));
    }
    expect(answer.status, await answer.clone().text()).to.equal(200);
    return answer.text();
  };

  const sessions = (): Promise<Session[]> =>
    server.products.viewing.listSessions({ from: 0, to: now + 10 * HOUR_MS, viewer, limit: 1_000 });
  const online = async (): Promise<Record<string, unknown>[]> => {
    const body = (await (await server.ask('/online')).json()) as { items: Record<string, unknown>[] };
    return body.items;
  };

  it('V4, V12: forwards and back again, a dated session keeps its times', async () => {
    const start = now;
    await post('LogInInfo', '01');
    pass(2 * MINUTE_MS);
    await post('LogInInfo', '01');
    jump(HOUR_MS);
    pass(2 * MINUTE_MS);
    expect(await post('LogInInfo', '01')).to.contain('result="recorded"');
    await server.products.viewing.closeSilentSessions();
    jump(0);
    pass(2 * MINUTE_MS);
    expect(await post('LogInInfo', '01')).to.contain('result="recorded"');
    expect(await online()).to.have.length(1);
    pass(2 * MINUTE_MS);
    await post('LogOutInfo', '01');
    expect(await online()).to.deep.equal([]);
    const [session, ...others] = await sessions();
    expect(others).to.deep.equal([]);
    expect(session).to.deep.include({ startedAt: start, endedAt: start + 8 * MINUTE_MS, flags: [], imputedMs: 0 });
  });

  it('V4: backwards, what the handset dates is quarantined as from the future until the clock is right', async () => {
    const start = now;
    await post('LogInInfo', '01');
    jump(-HOUR_MS);
    pass(MINUTE_MS);
    expect(await post('LogInInfo', '02')).to.contain('result="quarantined" reason="future"');
    jump(0);
    pass(MINUTE_MS);
    expect(await post('LogInInfo', '03')).to.contain('result="recorded"');
    pass(MINUTE_MS);
    await post('LogOutInfo', '03');
    const times = (await sessions()).map(({ service, startedAt, endedAt = 0 }) => [service, startedAt, endedAt]);
    expect(times).to.deep.equal([
      ['01', start, start + 2 * MINUTE_MS],
      ['03', start + 2 * MINUTE_MS, start + 3 * MINUTE_MS],
    ]);
  });

  it('V4: forwards for good, dated reports are late at first, and then of a clock that is too slow', async () => {
    jump(HOUR_MS);
    const answers: string[] = [];
    for (let beat = 0; beat < 6; beat += 1) {
      answers.push(await post('LogInInfo', '01'));
      pass(2 * MINUTE_MS);
    }
    expect(answers[0]).to.contain('result="recorded"');
    expect(answers.at(-1)).to.contain('result="quarantined" reason="clock_skew"');
  });

  it('V7: a nonce from the future is stale, and the new one is taken at once', async () => {
    const early = challengeOf(await send('', true));
    jump(-HOUR_MS);
    const refused = await send('<LogReport/>', false, early);
    expect(refused.status).to.equal(401);
    expect(readChallenge(challengeOf(refused)[0] ?? '').stale).to.equal('true');
    expect(await post('LogInInfo', '01', { dated: false })).to.contain('result="recorded"');
    const used = challengeOf(await send('', true));
    expect((await send('<LogReport/>', false, used)).status).to.equal(400);
    expect((await send('<LogReport/>', false, used)).status).to.equal(401); // a replay stays one
  });

  it('V15: set back, the online list goes by what comes now', async () => {
    await post('LogInInfo', '01', { dated: false });
    jump(-HOUR_MS);
    pass(MINUTE_MS);
    await post('LogInInfo', '02', { dated: false });
    const [entry] = await online();
    expect(entry?.watching).to.include({ service: '02', since: new Date(server.clock.now).toISOString() });
    expect(entry?.lastSignAt).to.equal(new Date(server.clock.now).toISOString());
    pass(MINUTE_MS);
    await post('LogOutInfo', '02', { dated: false });
    expect(await online()).to.deep.equal([]);
  });

  it('V15: set back, who is silent for the time-out goes off the online list', async () => {
    await post('LogInInfo', '01', { dated: false });
    jump(-HOUR_MS);
    expect(await online()).to.have.length(1);
    pass(6 * MINUTE_MS);
    expect(await online()).to.deep.equal([]);
  });

  it(`V11, V12: through random jumps no session is negative and no second counts twice (SEED=${SEED})`, async () => {
    const random = createRandom(SEED, 0);
    for (let step = 0; step < 150; step += 1) {
      pass(random.integer(1, 4 * MINUTE_MS));
      if (random.chance(0.1)) jump(random.integer(-1, 1) * HOUR_MS);
      const type = random.chance(0.75) ? 'LogInInfo' : 'LogOutInfo';
      await post(type, `0${random.integer(1, 3)}`, { dated: random.chance(0.5), programme: String(step % 5) });
    }
    const listed = await sessions();
    const reports: StoredReport[] = [];
    for await (const page of server.products.viewing.exportViewer(viewer)) reports.push(...page);
    const config = readConfig({});
    const rules = { ...config, timeoutMs: config.onlineTimeoutMs, capMs: config.sessionCapMs };
    const counted = reports.filter((report) => report.quarantine === undefined);
    expect(listed).to.have.deep.members(deriveSessions(counted, rules).sessions);

    jump(HOUR_MS);
    await server.products.viewing.closeSilentSessions();
    jump(-HOUR_MS);
    await server.products.viewing.closeSilentSessions();
    const clean = (await sessions()).filter((session) => session.quarantine === undefined);
    for (const [index, { startedAt, endedAt }] of clean.entries()) {
      const nextAt = clean[index + 1]?.startedAt ?? Number.POSITIVE_INFINITY;
      expect(endedAt ?? startedAt, String(index)).to.be.within(startedAt, nextAt);
    }
  });
});
