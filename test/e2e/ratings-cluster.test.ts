// Two servers on one MongoDB: one report, the same to the byte from both, and jobs that run once (R5, R6, R15; O4). Runs where STORES asks for mongo.

import { expect } from 'chai';
import { dropDatabase, isMongoAsked, newDatabaseName, uriOfDatabase } from '../support/mongo.ts';
import { type RatedWorld, startRatedWorld } from '../support/rated-world.ts';
import { startServer, type TestServer } from '../support/server.ts';

const DAY = '2026-11-20';
const at = (time: string): string => `${DAY}T${time}:00Z`;

(isMongoAsked ? describe : describe.skip)('ratings from two servers on one MongoDB', () => {
  let uri: string;
  let one: RatedWorld;
  let other: TestServer;
  const clock = { now: 0 };

  beforeEach(async () => {
    uri = uriOfDatabase(newDatabaseName());
    const environment = { MONGODB_URI: uri, SAMPLE_GUIDE: 'false' };
    one = await startRatedWorld(at('10:00'), environment, clock);
    other = await startServer(environment, undefined, {}, clock);
    await one.people({ a: {}, b: {}, c: {} });
    await one.schedule('acme', DAY, '01 x 11:00 12:00', '01 y 12:00 13:00');
    await one.schedule('other', DAY, '02 z 11:00 13:00');
    await one.watch([
      { user: 'a', service: '01', from: at('11:00'), to: at('12:10') },
      { user: 'b', service: '02', from: at('11:10'), to: at('12:40') },
    ]);
    clock.now = Date.parse(DAY) + 40 * 3_600_000;
  });
  afterEach(async () => {
    await other.close();
    await one.close();
    await dropDatabase(uri);
  });

  const textOf = async (server: Pick<TestServer, 'ask'>, query: string): Promise<string> => {
    const answer = await server.ask(`/reports/ratings?date=${DAY}&${query}`);
    const text = await answer.text();
    expect(answer.status, text).to.equal(200);
    return text;
  };

  it('R5, R6: asked of one, of the other, or of both at once, a report is the same to the byte, whatever it is revised by', async () => {
    for (const by of ['service', 'programme', 'service,quarter-hour']) {
      for (const format of ['json', 'xml', 'csv']) {
        const query = `by=${by}&format=${format}`;
        const [mine, theirs] = await Promise.all([textOf(one, query), textOf(other, query)]);
        expect(mine, query).to.equal(theirs);
      }
    }
    const body = JSON.stringify({
      programmes: [{ id: 'x', startAt: at('11:00'), stopAt: at('13:00'), titles: { en: 'x' } }],
    });
    const put = await other.ask(`/sg/services/01/programmes?from=${DAY}T00:00:00Z&to=${DAY}T23:00:00Z`, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(put.status, await put.text()).to.equal(200);
    clock.now += 60_000;
    const revised = await Promise.all([one, other].map((server) => textOf(server, 'by=programme')));
    expect(revised[0]).to.equal(revised[1]).and.to.contain('"revision":2');
    expect(await textOf(one, 'by=programme&revision=1')).to.equal(await textOf(other, 'by=programme&revision=1'));
  });

  it('R15: a job that both are told to run runs once, and both serve what it made', async () => {
    const runs = await Promise.all(
      [one, other].map((server) =>
        server.ask(`/jobs/daily-ratings/runs?dueAt=${DAY}T23:00:00Z`, { method: 'POST' }).then(({ status }) => status),
      ),
    );
    expect(runs.filter((status) => status < 300)).to.have.length(1);
    expect(runs.filter((status) => status === 409)).to.have.length(1);
    expect(await textOf(one, 'by=service')).to.equal(await textOf(other, 'by=service'));
  });
});
