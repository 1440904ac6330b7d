// No hot query of the ports scans a collection on MongoDB: each command that an adapter sends is explained by the server (O3).

import { expect } from 'chai';
import { createSurveyTally } from '../../reports/surveys/survey-result.ts';
import type { Kind } from '../../server/store/data-set.ts';
import { openMongoPorts } from '../../server/store/mongo/open-mongo-store.ts';
import type { OnlineStateStore } from '../../server/viewing/online-states.ts';
import {
  answerAt,
  blockAt,
  changeAt,
  crowdStore,
  DAY_MINUTES,
  eventAt,
  HOUR_MS,
  lastOfPage,
  MANY,
  reportAt,
  sealAt,
  surveyAt,
} from '../support/crowded-store.ts';
import { isMongoAsked, newDatabaseName, openScratchDatabase, uriOfDatabase } from '../support/mongo.ts';
import { accessesTo, type Query, queriesOf } from '../support/mongo-plans.ts';
import { dayQuality } from '../support/quality.ts';
import { ratingReport } from '../support/rating-reports.ts';
import { atMinute } from '../support/reports.ts';

const NO_RESULT = createSurveyTally({
  service: '',
  asked: 0,
  population: 0,
  confidence: 0.9,
  timeLimitMs: 1,
}).result(true);
const WINDOW = { from: atMinute(2 * DAY_MINUTES - 60), to: atMinute(2 * DAY_MINUTES) };
const SESSION_QUERIES = [{}, { viewer: 7 }, { services: ['s7'] }, { services: ['s7', 's8', 's9'] }];

/** Runs what a method in pages asks first. */
const firstPage = async (pages: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of pages) break;
};

if (isMongoAsked) {
  describe('queries on MongoDB', () => {
    let database: Awaited<ReturnType<typeof openScratchDatabase>>;
    let ports: Awaited<ReturnType<typeof openMongoPorts>>;
    const sent: Query[] = [];
    before(async () => {
      database = await openScratchDatabase(`${uriOfDatabase(newDatabaseName())}&monitorCommands=true`);
      ports = await openMongoPorts(database, { clock: Date.now });
      await crowdStore(ports);
      database.db.client.on('commandStarted', (event) => sent.push(...queriesOf(event)));
    });
    after(() => database.close());

    it('shows a scan to be one', async () => {
      for (const query of [
        { find: 'accounts', filter: { name: 'x' } },
        { find: 'accounts', filter: { role: 'x' }, sort: { name: 1 } },
      ])
        expect(
          (await accessesTo(database.db, query)).some(({ bounded }) => !bounded),
          JSON.stringify(query),
        ).to.equal('name' in query.filter);
    });

    const states = (): OnlineStateStore => {
      if (ports.onlineStates === undefined) throw new Error('MongoDB is shared and has no online states');
      return ports.onlineStates;
    };
    const HOT: Record<string, () => Promise<unknown>[]> = {
      accounts: () => [
        ports.accounts.find('u7'),
        ports.accounts.findByViewer(7),
        ports.accounts.change('u7', { enabled: false }),
        ports.accounts.put([{ user: 'u7', role: 'handset', name: '', viewer: 7, enabled: true, createdAt: 0 }]),
        ports.accounts.list({ limit: 10 }),
        ports.accounts.list({ limit: 10, after: 'u7' }),
        ports.accounts.list({ limit: 10, after: 'u7', role: 'provider' }),
        ports.accounts.count({ role: 'handset', enabled: true, notWithdrawn: true }),
        ports.accounts.count({ role: 'handset', enabled: true, notWithdrawn: true, consentVersion: '2' }),
        firstPage(ports.accounts.listPeople({ role: 'handset', enabled: true, notWithdrawn: true })),
        firstPage(ports.accounts.listPeople({ role: 'handset', notWithdrawn: true, consentVersion: '2' })),
        ports.accounts.remove('u8'),
      ],
      tokens: () => [
        ports.tokens.findByHash('h7'),
        ports.tokens.list('u7'),
        ports.tokens.remove('u7', '7'),
        ports.tokens.removeOfUser('u8'),
      ],
      origins: () => [ports.origins.list(7), ports.origins.removeOfViewer(8)],
      audit: () => [
        ports.audit.list({ limit: 10 }),
        ports.audit.list({ limit: 10, before: '2' }),
        ports.audit.replaceName('u7', 'x'),
      ],
      jobs: () => [
        ports.jobs.acquire('j1', 'i', 2, 3),
        ports.jobs.renew('j1', 1, 3),
        ports.jobs.begin({ name: 'j1', dueAt: 1, startedAt: 1, by: 'x', holder: 'h', fence: 2 }, 9),
        ports.jobs.finish({
          name: 'j1',
          dueAt: 1,
          startedAt: 1,
          by: 'x',
          holder: 'h',
          fence: 2,
          attempts: 2,
          endedAt: 3,
        }),
        ports.jobs.listRuns('j1', 1),
        ports.jobs.listRuns('j1', 3, 200),
        ports.jobs.removeRunsBefore(7),
      ],
      guide: () => [
        ports.guide.revision(),
        ports.guide.listStaged('s7', undefined, 10),
        ports.guide.listPages(['s7'], 3, 5, 1),
        ports.guide.listPages(['s7', 's8', 's9'], 3, 5, 1),
        ports.guide.listServices(1),
        ports.guide.listItems(1),
        ports.guide.listChanges(1, 2),
        ports.guide.oldestRevision(),
      ],
      reports: () => [
        ports.reports.listUnsettled(10),
        ports.reports.listUnsettled(10).then(async (arrivals) => {
          await ports.reports.enrol(arrivals); // again: those that are there are asked for
          await ports.reports.markSettled(arrivals);
        }),
        ports.reports.listOfDevices([{ viewer: 7, device: 7 }], atMinute(5)),
        ports.reports.listReceivedSince(atMinute(MANY - 9)),
        ports.reports.listReceivedByOthers(atMinute(MANY - 9)),
        ports.reports.findLastReceivedAt(),
        ports.reports.putTemplate(7, 'x'),
        firstPage(ports.reports.listOfViewer(7)),
        firstPage(ports.reports.listReceipts(WINDOW.from, WINDOW.to)),
        ports.reports.removeReceivedBefore(atMinute(9)),
        ports.reports.removeOfViewer(8),
      ],
      sessions: () => [
        ports.sessions.put([{ ...changeAt(7), replaceFrom: atMinute(7) }, changeAt(8)], 1),
        ports.sessions.findStates([7, 8]),
        ...SESSION_QUERIES.flatMap((query) => [
          ports.sessions.list({ ...WINDOW, ...query, limit: 10 }),
          ports.sessions.list({ ...WINDOW, ...query, limit: 10, after: { ...lastOfPage } }),
        ]),
        firstPage(ports.sessions.listByViewer(WINDOW.from, WINDOW.to)),
        firstPage(ports.sessions.listStarted(WINDOW.from, WINDOW.to)),
        ports.sessions.countOrphans(WINDOW.from, WINDOW.to),
        firstPage(ports.sessions.listSilentDevices(atMinute(200))),
        ports.sessions.listOrphans(WINDOW.from, WINDOW.to, 10),
        ports.sessions.removeEndedBefore(atMinute(99)),
        ports.sessions.removeOfViewer(8),
      ],
      'device models': () => [
        ports.deviceModels.put([{ device: 7, viewer: 7, model: 'y', toldAt: 7 }]),
        ports.deviceModels.find([7, 8]),
        firstPage(ports.deviceModels.list()),
        ports.deviceModels.listOfViewer(7),
        ports.deviceModels.removeOfViewer(8),
        ports.deviceModels.removeToldBefore(9),
      ],
      'rating reports': () => [
        ports.ratingReports.findLatest('a7'),
        ports.ratingReports.find('a7', 1),
        ports.ratingReports.add(ratingReport('a7', 2)),
        ports.ratingReports.confirm('a7', 1, { schedule: 's', dataRevision: 'd' }),
        firstPage(ports.ratingReports.listPreliminary()),
        ports.ratingReports.removeEndedBefore(9),
      ],
      'session hours': () => [
        ports.sessionHours.versions(WINDOW.from, WINDOW.to),
        firstPage(ports.sessionHours.listStarted(WINDOW.from, WINDOW.to)),
        ports.sessionHours.listOpen(WINDOW.from, WINDOW.to),
        firstPage(ports.sessionHours.listByViewer(WINDOW.from, WINDOW.to, WINDOW.from - HOUR_MS)),
      ],
      'sealed hours': () => [
        ports.sealedHours.putBlock({ ...blockAt(7), edition: 1 }),
        ports.sealedHours.finish({ ...sealAt(7), lanes: [{ blocks: 1, sessions: 1, latestEnd: 1 }] }),
        ports.sealedHours.listSeals(7, 9),
        firstPage(ports.sealedHours.readLane({ ...sealAt(7), lanes: [{ blocks: 1, sessions: 1, latestEnd: 1 }] }, 0)),
        firstPage(ports.sealedHours.listSpanning(MANY - 9)),
        ports.sealedHours.moveVersion(7, 1, 2),
        ports.sealedHours.removeUnused(8),
        ports.sealedHours.removeBefore(9),
      ],
      'online states': () => [
        states().listPutSince(),
        states().listPutSince(Date.now() - 1),
        states().put([{ ...reportAt(7), isOnline: true, since: 0, keepMs: HOUR_MS }]),
        states().removeOfViewer(8),
      ],
      subscriptions: () => [
        ports.subscriptions.find(7),
        ports.subscriptions.put({ viewer: 7, version: 2, held: [], changes: [], forgotten: 0, told: 1 }, 1),
        ports.subscriptions.listDue(9, 10),
        ports.subscriptions.remove(8),
      ],
      preferences: () => [
        ports.preferences.find([7, 8]),
        ports.preferences.put([7, 8].map((viewer) => ({ viewer, version: 2, through: 1, days: [] }))),
        ports.preferences.list(undefined, 10),
        ports.preferences.list(7, 10),
        ports.preferences.remove(9),
        ports.preferences.findNote('state'),
        ports.preferences.putNote('state', { through: 2, finalThrough: 1 }),
      ],
      keys: () => [ports.keys.list(['s7', 's8'], 7), ports.keys.removeEndedBefore(9)],
      quality: () => [
        ports.quality.find('1970-01-07'),
        ports.quality.findLastDate(),
        ports.quality.put(dayQuality('1970-01-07')),
        ports.quality.removeBefore('1970-01-09'),
      ],
      surveys: () => [
        ports.surveys.put(surveyAt(7), [{ seed: 'x', first: 7, devices: [7], at: 7 }]),
        ports.surveys.find('survey7'),
        ports.surveys.list({ limit: 10 }),
        ports.surveys.list({ limit: 10, before: { askedAt: 500, id: 'x' }, services: ['s7'] }),
        ports.surveys.listDue(9, 10),
        ports.surveys.finish('survey8', NO_RESULT),
        ports.surveys.listAsked('seed7', -1, 10),
        ports.surveys.listAsked('seed7', 8, 10),
        ports.surveys.removeOld({ surveysBefore: 5, listsBefore: 5 }),
      ],
      'survey answers': () => [
        ports.surveyAnswers.put([answerAt(7)]),
        ports.surveyAnswers.list('survey7', -1, 10),
        ports.surveyAnswers.list('survey7', 99, 10),
        ports.surveyAnswers.listOfViewer(7),
        ports.surveyAnswers.removeOfViewer(8),
        ports.surveyAnswers.removeReceivedBefore(9),
      ],
      'survey schedules': () => [
        ports.surveySchedules.find('schedule7'),
        ports.surveySchedules.list(),
        ports.surveySchedules.remove('schedule8'),
      ],
      events: () => [
        ports.events.epoch('x'),
        ports.events.append([{ ...eventAt(7), key: 'new' }, eventAt(8)]),
        ports.events.list(MANY - 9, 10),
        ports.events.listSent(MANY, 10),
        ports.events.bounds(),
        ports.events.listOf({ viewer: 7, devices: [7, 8] }),
        ports.events.blankOf({ viewer: 8, devices: [9] }),
        ports.events.removeOld(9, MANY),
        ports.events.putCursors([{ name: 'c7', viewer: 7, offset: 9, at: 9 }]),
        ports.events.findCursors(['c7', 'c8']),
        ports.events.listCursors(7),
        ports.events.removeCursors({ viewer: 8 }),
        ports.events.removeCursors({ putBefore: 9 }),
      ],
      'key check': () => [ports.keyCheck.find()],
      'data set': () =>
        Object.entries({
          accounts: '"u7"',
          origins: '7',
          audit: '"7"',
          runs: '{"name":"j1","dueAt":7}',
          reports: '7',
        }).map(([kind, position]) =>
          ports.dataSet
            .read(kind as Kind, position)
            [Symbol.asyncIterator]()
            .next(),
        ),
      'guide after a crash': () => [ports.guide.takeTurn('i', 10, 20)],
    };
    for (const [port, calls] of Object.entries(HOT)) {
      it(`O3: ${port} reads by an index`, async () => {
        sent.length = 0;
        await Promise.all(calls());
        const queries = [...sent];
        expect(queries.length).to.be.at.least(calls.length);
        for (const query of queries) {
          const accesses = await accessesTo(database.db, query);
          const told = `${JSON.stringify(query)} ${JSON.stringify(accesses)}`;
          expect(accesses.length, told).to.be.greaterThan(0);
          expect(
            accesses.every(({ bounded }) => bounded),
            told,
          ).to.equal(true);
        }
      });
    }
  });
}
