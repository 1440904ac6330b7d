// Simulated handsets answer a survey over HTTP, some wrongly, late or not at all: the result tells the truth that they know (R10, R11, O10).

import { expect } from 'chai';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import {
  createHandsetSurveys,
  NO_SURVEYS,
  readQuestions,
  type SurveyCounts,
} from '../../server/simulator/handset-survey.ts';
import { createRandom } from '../../server/simulator/random.ts';
import { writeReport } from '../../server/simulator/report-xml.ts';
import { startServer, type TestServer } from '../support/server.ts';

const HANDSETS = 60;
const HABITS = { overClaim: 0.2, underReport: 0.3, silent: 0.15, late: 0.1 };

describe('surveyed handsets', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ SAMPLE_GUIDE: 'false' });
  });
  after(() => server.close());

  it('R11: the known truth, and each kind of wrong answer, is found again', async () => {
    const { products, url, clock } = server;
    const put = (id: string) =>
      server.ask(`/sg/services/${id}`, {
        method: 'PUT',
        body: JSON.stringify({ names: { en: 'S' } }),
        headers: { 'content-type': 'application/json' },
      });
    for (const id of ['01', '02']) expect((await put(id)).status).to.equal(201);
    const rows = async function* () {
      for (let at = 0; at < HANDSETS; at += 1)
        yield { line: at, entry: { user: `u${at}`, password: 'secret', role: 'handset' as const } };
    };
    await products.accounts.import(rows(), { by: 'test' });
    const startedAt = clock.now;
    const handsets = Array.from({ length: HANDSETS }, (_, at) => {
      const random = createRandom(5, at);
      const service = random.chance(0.4) ? '01' : '02';
      const client = createHandsetClient({ url, user: `u${at}`, password: 'secret', keepAlive: true, clock: Date.now });
      const handset = { number: at, user: `u${at}`, modern: true, deviceId: `d${at}`, clockErrorMs: 0 };
      return { service, client, handset: { ...handset, knowsGuide: true, logsOutOnZap: false }, random };
    });
    for (const { service, client, handset } of handsets) {
      const act = { at: clock.now, type: 'LogInInfo', service, programme: '' } as const;
      const { status } = await client.post({
        path: '/',
        body: () => writeReport(act, handset),
        date: () => new Date(clock.now),
      });
      expect(status).to.equal(200);
    }
    clock.now += 1_000;
    const survey = { service: '01', id: 'truth', timeLimitS: 60 };
    const begun = await server.ask('/surveys', {
      method: 'POST',
      body: JSON.stringify(survey),
      headers: { 'content-type': 'application/json' },
    });
    expect(await begun.json()).to.include({ asked: HANDSETS });

    // Each waits for its turn by the clock that is moved by hand.
    const waiting: { at: number; go(): void }[] = [];
    let underWay = 0;
    const surveys = await Promise.all(
      handsets.map(async ({ service, client, handset, random }) => {
        const own = createHandsetSurveys({
          client: {
            async post(message) {
              underWay += 1;
              return client.post(message).finally(() => {
                underWay -= 1;
              });
            },
            close: client.close,
          },
          handset,
          sessions: [{ service, from: startedAt, to: Number.MAX_SAFE_INTEGER }],
          habits: HABITS,
          random,
          clock: () => clock.now,
          wait: (ms) => new Promise((resolve) => waiting.push({ at: clock.now + ms, go: () => resolve(undefined) })),
        });
        own.take(...readQuestions((await client.get({ path: `/updates?device=${handset.deviceId}` })).body));
        return own;
      }),
    );
    /** Lets these answer, and waits until what they sent is answered. */
    const turn = async (some: typeof waiting): Promise<void> => {
      for (const { go } of some) go();
      do await new Promise((resolve) => setImmediate(resolve));
      while (underWay > 0);
    };
    const inTime = waiting.filter(({ at }) => at < startedAt + 61_000);
    clock.now += 30_000;
    await turn(inTime);
    const late = waiting.filter((one) => !inTime.includes(one));
    clock.now += 60_000;
    await turn(late);
    const counts: SurveyCounts = { ...NO_SURVEYS };
    for (const own of surveys) {
      const one = await own.finish();
      for (const name of Object.keys(counts) as (keyof SurveyCounts)[]) counts[name] += one[name];
    }

    const { result } = (await (await server.ask('/surveys/truth')).json()) as { result: Record<string, unknown> };
    const { counted, watched, overClaims, underReports } = counts;
    expect(counts).to.include({ asked: HANDSETS, wrong: 0, silent: HANDSETS - counted - counts.late });
    for (const name of ['overClaims', 'underReports', 'late', 'silent'] as const)
      expect(counts[name], name).to.be.greaterThan(0);
    expect(result).to.deep.include({
      answered: counted,
      late: counts.late,
      watching: watched - underReports + overClaims,
    });
    expect(result.comparison).to.include({
      compared: counted,
      saysWatchingLogWatching: watched - underReports,
      saysWatchingLogNot: overClaims,
      saysNotLogWatching: underReports,
      adjustmentFactor: watched / (watched - underReports + overClaims),
    });
  });
});
