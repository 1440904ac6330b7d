// What every store must do for surveys, answers and schedules (R10, R11, V17, O2).

import { expect } from 'chai';
import { createSurveyTally } from '../../reports/surveys/survey-result.ts';
import type { Answer, Survey } from '../../server/surveys/survey.ts';
import { type Ports, STORES } from '../support/stores.ts';

const survey = (id: string, askedAt: number, more: Partial<Survey> = {}): Survey => ({
  id,
  service: '01',
  to: { percent: 12.5 },
  question: { de: 'Schauen Sie?' },
  timeLimitMs: 100,
  spreadMs: 30,
  confidence: 0.9,
  askedAt,
  closesAt: askedAt + 100,
  finalAt: askedAt + 1_000,
  seed: `seed-${id}`,
  population: { online: 9, measurable: 8, eligible: 7 },
  asked: 2,
  by: 71,
  ...more,
});
const answer = (device: number, more: Partial<Answer> = {}): Answer => ({
  survey: 'a',
  device,
  viewer: 70,
  watching: '01',
  at: 5,
  receivedAt: 6,
  isLogged: true,
  repeats: 0,
  ...more,
});
const result = createSurveyTally({ service: '01', asked: 2, population: 7, confidence: 0.9, timeLimitMs: 1 }).result(
  true,
);
const BIG = 2 ** 52 - 1;

for (const { name, open } of STORES) {
  describe(`survey stores on ${name}`, () => {
    let ports: Ports;
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.close());

    const idsOf = (list: { id: string }[]): string[] => list.map(({ id }) => id);

    it('R10: a survey is put once, with whom it asks; of two that bring one id the first stays', async () => {
      const { surveys } = ports;
      const piece = (seed: string, devices: number[]) => ({ seed, first: devices[0] ?? 0, devices, at: 5 });
      const own = [piece('s1', [1, 2]), piece('s1', [10, BIG]), piece('s1', [BIG])];
      expect(await surveys.find('a')).to.equal(undefined);
      expect(await surveys.put(survey('a', 5, { seed: 's1' }), own)).to.equal(true);
      expect(await surveys.put(survey('a', 6, { seed: 's2' }), [piece('s2', [7])])).to.equal(false);
      expect(await surveys.find('a')).to.deep.equal(survey('a', 5, { seed: 's1' }));
      expect(await surveys.listAsked('s1', -1, 9)).to.deep.equal(own);
      expect(await surveys.listAsked('s1', -1, 2)).to.deep.equal(own.slice(0, 2));
      expect(await surveys.listAsked('s1', 1, 9)).to.deep.equal(own.slice(1));
      expect(await surveys.listAsked('s', -1, 9)).to.deep.equal([]);
      const race = await Promise.all(
        Array.from({ length: 8 }, (_, at) => surveys.put(survey('b', at, { seed: `r${at}` }), [piece(`r${at}`, [at])])),
      );
      expect(race.filter(Boolean)).to.have.length(1);
      const seed = (await surveys.find('b'))?.seed ?? '';
      expect(await surveys.listAsked(seed, -1, 9)).to.have.length(1);
    });

    it('R10: surveys are listed newest first, page by page, those of some services alone', async () => {
      const { surveys } = ports;
      for (const [id, at] of Object.entries({ a: 5, b: 20, c: 20, d: 100, e: 7 }))
        await surveys.put(survey(id, at, id === 'c' ? { service: '02' } : {}), []);
      expect(idsOf(await surveys.list({ limit: 9 }))).to.deep.equal(['d', 'c', 'b', 'e', 'a']);
      expect(idsOf(await surveys.list({ limit: 2, before: { askedAt: 20, id: 'c' } }))).to.deep.equal(['b', 'e']);
      expect(idsOf(await surveys.list({ limit: 2, services: ['02', '03'] }))).to.deep.equal(['c']);
      expect(idsOf(await surveys.list({ limit: 2, services: [] }))).to.deep.equal([]);
    });

    it('R11: what is due gets its result once, and the list of those asked goes', async () => {
      const { surveys } = ports;
      for (const [id, at] of Object.entries({ a: 5, b: 3, c: 50 }))
        await surveys.put(survey(id, at), [{ seed: `seed-${id}`, first: 1, devices: [1], at }]);
      expect(idsOf(await surveys.listDue(1_005, 9))).to.deep.equal(['b', 'a']);
      expect(idsOf(await surveys.listDue(1_005, 1))).to.deep.equal(['b']);
      await surveys.finish('b', result);
      await surveys.finish('b', { ...result, asked: 77 });
      await surveys.finish('none', result);
      expect(await surveys.find('b')).to.deep.equal(survey('b', 3, { result }));
      expect(idsOf(await surveys.listDue(1_005, 9))).to.deep.equal(['a']);
      expect(await surveys.listAsked('seed-b', -1, 9)).to.deep.equal([]);
      expect(await surveys.listAsked('seed-a', -1, 9)).to.have.length(1);
      expect(await surveys.removeOld({ surveysBefore: 5, listsBefore: 6 })).to.equal(1);
      expect(idsOf(await surveys.list({ limit: 9 }))).to.deep.equal(['c', 'a']);
      expect(await surveys.listAsked('seed-a', -1, 9)).to.deep.equal([]);
      expect(await surveys.listAsked('seed-c', -1, 9)).to.have.length(1);
    });

    it('R11: one answer a device: the first stays, others are counted', async () => {
      const { surveyAnswers: answers } = ports;
      expect(await answers.put([answer(3), answer(BIG), answer(3, { watching: '02' })])).to.deep.equal([
        true,
        true,
        false,
      ]);
      expect(await answers.put([answer(3), answer(20, { viewer: 71, isLogged: false })])).to.deep.equal([false, true]);
      expect(await answers.put([answer(3, { survey: 'a.b' }), answer(3, { survey: 'a-' })])).to.deep.equal([
        true,
        true,
      ]);
      const { watching: _none, ...silent } = answer(4, { survey: 'c' });
      await answers.put([silent]);
      expect(await answers.list('c', -1, 9)).to.deep.equal([silent]);
      expect(await answers.list('a', -1, 9)).to.deep.equal([
        answer(3, { repeats: 2 }),
        answer(20, { viewer: 71, isLogged: false }),
        answer(BIG),
      ]);
      expect((await answers.list('a', 3, 1)).map(({ device }) => device)).to.deep.equal([20]);
      const race = await Promise.all(Array.from({ length: 8 }, () => answers.put([answer(50), answer(51)])));
      expect(race.flat().filter(Boolean)).to.have.length(2);
      expect((await answers.list('a', 49, 2)).map(({ repeats }) => repeats)).to.deep.equal([7, 7]);
    });

    it('O2: answers of a user are listed and removed, and old ones go', async () => {
      const { surveyAnswers: answers } = ports;
      await answers.put([
        answer(1),
        answer(2, { viewer: 71 }),
        answer(3, { survey: 'b', receivedAt: 9 }),
        answer(4, { viewer: 71, receivedAt: 9 }),
      ]);
      const of = async (viewer: number) => (await answers.listOfViewer(viewer)).map(({ device }) => device);
      expect(await of(70)).to.deep.equal([1, 3]);
      expect(await answers.removeReceivedBefore(9)).to.equal(2);
      expect([await of(70), await of(71)]).to.deep.equal([[3], [4]]);
      await answers.removeOfViewer(70);
      await answers.removeOfViewer(70);
      expect([await of(70), await of(71)]).to.deep.equal([[], [4]]);
    });

    it('R15: schedules are put once, listed by id, and removed', async () => {
      const { surveySchedules: schedules } = ports;
      const { service, to, question, timeLimitMs, spreadMs, confidence } = survey('a', 5);
      const request = { service, to, question, timeLimitMs, spreadMs, confidence };
      const schedule = (id: string) => ({
        id,
        request,
        when: { cron: '0 20 * * *', zone: 'UTC' },
        by: 1,
        createdAt: 1,
      });
      for (const id of ['b', 'B', 'a']) expect(await schedules.put(schedule(id))).to.equal(true);
      expect(await schedules.put({ ...schedule('a'), by: 9 })).to.equal(false);
      expect(await schedules.find('a')).to.deep.equal(schedule('a'));
      expect(await schedules.find('c')).to.equal(undefined);
      expect(idsOf(await schedules.list())).to.deep.equal(['B', 'a', 'b']);
      expect([await schedules.remove('a'), await schedules.remove('a')]).to.deep.equal([true, false]);
      expect(idsOf(await schedules.list())).to.deep.equal(['B', 'b']);
    });
  });
}
