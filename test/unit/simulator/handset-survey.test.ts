// Handsets that answer surveys, some wrongly: the known truth is found again in the results (O10; R11).

import { expect } from 'chai';
import { createSurveyTally, type SurveyResult } from '../../../reports/surveys/survey-result.ts';
import {
  createHandsetSurveys,
  planAnswer,
  readQuestions,
  type SurveyHabits,
} from '../../../server/simulator/handset-survey.ts';
import { createRandom, type Random } from '../../../server/simulator/random.ts';

const TRUTHFUL: SurveyHabits = { overClaim: 0, underReport: 0, silent: 0.2, late: 0 };
const POPULATION = 2_000;
const SAMPLE = 300;
const WATCHING = 0.3;

/** One survey of a sample, a third of whom are on 01. */
function survey(random: Random, habits: SurveyHabits): SurveyResult {
  const truth: string[] = Array.from({ length: POPULATION }, (_, at) => (at < WATCHING * POPULATION ? '01' : '02'));
  for (let at = 0; at < SAMPLE; at += 1) {
    const other = random.integer(at, POPULATION - 1);
    [truth[at], truth[other]] = [truth[other] ?? '', truth[at] ?? ''];
  }
  const facts = { service: '01', asked: SAMPLE, population: POPULATION, confidence: 0.95, timeLimitMs: 100 };
  const tally = createSurveyTally(facts);
  for (const watching of truth.slice(0, SAMPLE)) {
    const answer = planAnswer(random, habits, '01', watching);
    if (answer === undefined) continue;
    if (answer.isLate) tally.addLate();
    else tally.add({ ...answer, delayMs: 1, logged: watching === '01' });
  }
  return tally.result(true);
}

describe('handsets that are surveyed', () => {
  it('R11: of a hundred surveys the intervals of 95 hold the true rating', () => {
    const random = createRandom(11, 0);
    const runs = Array.from({ length: 500 }, () => survey(random, TRUTHFUL));
    const held = runs.filter(
      ({ ratingLowPercent: low, ratingHighPercent: high }) =>
        low !== null && high !== null && low <= 100 * WATCHING && 100 * WATCHING <= high,
    );
    // Wilson's coverage is about the nominal one: 475 of 500, give or take three standard errors of 4.9.
    expect(held.length).to.be.within(460, 490);
  });

  it('R11: wrong answers bend the rating, and the comparison tells how many and by how much', () => {
    const random = createRandom(12, 0);
    const habits = { overClaim: 0.1, underReport: 0.3, silent: 0.2, late: 0.05 };
    const runs = Array.from({ length: 200 }, () => survey(random, habits));
    const mean = (of: (result: SurveyResult) => number | null | undefined): number =>
      runs.reduce((sum, result) => sum + (of(result) ?? Number.NaN), 0) / runs.length;
    expect(mean(({ comparison }) => comparison?.overClaimPercent)).to.be.closeTo(10, 0.5);
    expect(mean(({ comparison }) => comparison?.underReportPercent)).to.be.closeTo(30, 1);
    expect(mean(({ late }) => late)).to.be.closeTo(SAMPLE * 0.8 * 0.05, 1);
    expect(mean(({ nonResponsePercent }) => nonResponsePercent)).to.be.closeTo(100 - 100 * 0.8 * 0.95, 0.7);
    const claimed = 100 * (WATCHING * 0.7 + (1 - WATCHING) * 0.1);
    expect(mean(({ ratingPercent }) => ratingPercent)).to.be.closeTo(claimed, 0.5);
    const adjusted = mean(
      ({ ratingPercent, comparison }) => (ratingPercent ?? Number.NaN) * (comparison?.adjustmentFactor ?? Number.NaN),
    );
    expect(adjusted).to.be.closeTo(100 * WATCHING, 0.5);
  });

  it('R10: a handset answers once, within the spread, with what it shows then', async () => {
    const updates =
      '<Updates id="x"><Update id="e:1" kind="message" at="a"><Field name="survey">no</Field></Update>\n' +
      '<Update id="e:2" kind="survey" at="a"><Text lang="en">Q</Text><Field name="survey">s.1</Field>' +
      '<Field name="service">01</Field><Field name="answerBy">1970-01-01T00:02:00.000Z</Field>' +
      '<Field name="spreadS">40</Field></Update></Updates>';
    const questions = readQuestions(updates);
    expect(questions).to.deep.equal([{ survey: 's.1', service: '01', answerBy: 120_000, spreadMs: 40_000 }]);
    const sent: string[] = [];
    let now = 0;
    const surveys = createHandsetSurveys({
      client: {
        async post({ path, body }) {
          sent.push(`${path} ${body()}`);
          return { status: 200, body: 'result="counted"', etag: undefined, latencyMs: 0, retries: 0 };
        },
        close: () => undefined,
      },
      handset: { deviceId: 'd1' },
      sessions: [
        { service: '02', from: 0, to: 1 },
        { service: '01', from: 1, to: 120_000 },
      ],
      habits: { overClaim: 0, underReport: 0, silent: 0, late: 0 },
      random: createRandom(1, 1),
      clock: () => now,
      async wait(ms) {
        expect(ms).to.be.within(0, 40_000);
        now += 1_000;
      },
    });
    for (const question of [...questions, ...questions]) surveys.take(question);
    const counts = await surveys.finish();
    expect(sent).to.deep.equal([
      '/surveys/s.1/answers <SurveyAnswer xmlns="urn:pocketmeter:survey:1" watching="01" at="1970-01-01T00:00:01.000Z" deviceId="d1"/>',
    ]);
    expect(counts).to.include({ asked: 1, counted: 1, watched: 1, overClaims: 0, silent: 0, wrong: 0 });
  });
});
