// No hot query of the ports scans a collection on MongoDB: each command that an adapter sends is explained by the server (O3).

import { expect } from 'chai';
import type { TimedEvent } from '../../server/push/event-store.ts';
import { openMongoPorts } from '../../server/store/mongo/open-mongo-store.ts';
import type { Store } from '../../server/store/store.ts';
import type { OnlineStateStore } from '../../server/viewing/online-states.ts';
import type { StoredReport } from '../../server/viewing/report.ts';
import type { Session } from '../../server/viewing/session.ts';
import type { SessionChange } from '../../server/viewing/session-store.ts';
import { isMongoAsked, newDatabaseName, openScratchDatabase, uriOfDatabase } from '../support/mongo.ts';
import { accessesTo, type Query, queriesOf } from '../support/mongo-plans.ts';
import { atMinute, report } from '../support/reports.ts';

const MANY = 3_000; // so many that a planner does not prefer to read them all
const DAY_MINUTES = 1_440;
const HOUR_MS = 3_600_000;
const reportAt = (at: number): StoredReport =>
  report('in', at, `s${at % 99}`, '', { device: at % 998, viewer: at % 999 });

/** Reports, half of them settled; sessions of an hour, an open one and an orphan of each device; online states. */
async function fillViewing(ports: Store, some: readonly number[]): Promise<void> {
  await ports.reports.append(some.map(reportAt));
  const arrivals = await ports.reports.listUnsettled(some.length);
  await ports.reports.enrol(arrivals);
  await ports.reports.markSettled(arrivals.slice(0, some.length / 2));
  await ports.sessions.put(some.map(changeAt), 1);
  await ports.onlineStates?.put(
    some.map((at) => {
      const { device, viewer, sentAt, receivedAt, verified } = { ...reportAt(at), device: at };
      return { device, viewer, isOnline: true, since: sentAt, sentAt, receivedAt, verified, keepMs: HOUR_MS };
    }),
  );
}

const WINDOW = { from: atMinute(2 * DAY_MINUTES - 60), to: atMinute(2 * DAY_MINUTES) };
const SESSION_QUERIES = [{}, { viewer: 7 }, { services: ['s7'] }, { services: ['s7', 's8', 's9'] }];

/** Runs what a method in pages asks first. */
const firstPage = async (pages: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of pages) break;
};

function changeAt(at: number): SessionChange {
  const { viewer, service, programme, sentAt } = reportAt(at);
  const of = { device: at, viewer, service, programme };
  const session: Session = { ...of, startedAt: sentAt, lastSignAt: sentAt, flags: [], imputedMs: 0 };
  const endedAt = sentAt + HOUR_MS;
  return {
    device: at,
    viewer,
    sessions: [{ ...session, endedAt }],
    orphans: [{ ...of, at: endedAt }],
    state: {
      instant: endedAt,
      open: {
        session: { ...session, startedAt: endedAt },
        heartbeats: 0,
        longestGapMs: 0,
        verified: true,
        silentAt: endedAt + HOUR_MS,
      },
    },
  };
}

const eventAt = (at: number): TimedEvent => ({
  kind: 'message',
  audience: at % 3 === 0 ? { viewer: at } : at % 3 === 1 ? { device: at } : { all: true },
  content: {},
  key: `k${at}`,
  at,
  ...(at % 5 === 0 ? { sender: at } : {}),
});

const lastOfPage: Session = changeAt(DAY_MINUTES).sessions[0] as Session;

if (isMongoAsked) {
  describe('queries on MongoDB', () => {
    let database: Awaited<ReturnType<typeof openScratchDatabase>>;
    let ports: Awaited<ReturnType<typeof openMongoPorts>>;
    const sent: Query[] = [];
    before(async () => {
      database = await openScratchDatabase(`${uriOfDatabase(newDatabaseName())}&monitorCommands=true`);
      ports = await openMongoPorts(database, { clock: Date.now });
      const many = Array.from({ length: MANY }, (_, at) => at);
      const roles = ['handset', 'provider'] as const;
      for (const start of [0, 1_000, 2_000]) {
        const some = many.slice(start, start + 1_000);
        await ports.accounts.put(
          some.map((at) => ({
            user: `u${at}`,
            role: at % 100 === 0 ? roles[1] : roles[0],
            name: '',
            viewer: at,
            enabled: at % 7 !== 0,
            createdAt: 0,
          })),
        );
        await ports.origins.put(some.map((at) => ({ no: at, device: at, viewer: at % 999, sealedIdentity: 'x' })));
      }
      for (const at of many.slice(0, 300)) {
        await ports.tokens.put({ user: `u${at % 50}`, id: `${at}`, hash: `h${at}`, createdAt: at });
        await ports.audit.append({
          id: `${at}`,
          at,
          by: `u${at % 99}`,
          action: 'x',
          subject: `u${at % 98}`,
          detail: {},
        });
        await ports.jobs.begin({ name: `j${at % 9}`, dueAt: at, startedAt: at, by: 'x', holder: 'h', fence: 1 }, 1);
        await ports.jobs.acquire(`j${at}`, 'h', 0, 1);
      }
      await ports.keyCheck.putFirst('x');
      await ports.guide.takeTurn('h', 0, 10);
      const services = many.slice(0, 300).map((at) => `s${at}`);
      const service = (id: string, order: number) => ({ id, names: {}, provider: 'p', order, measured: [] });
      const page = (service: string, day: number) => ({ service, day, programmes: [] });
      await ports.guide.put(1, {
        services: services.map(service),
        items: services.map((id) => ({
          id,
          names: {},
          provider: 'p',
          services: [id],
          parts: [],
          price: { amount: '1', currency: 'EUR' },
        })),
        pages: services.flatMap((id) => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((day) => page(id, day))),
      });
      await ports.guide.endTurn('h', 1, 0);
      await ports.guide.takeTurn('h', 0, 10);
      await ports.guide.stage(
        many.map((at) => ({
          line: at,
          sequence: at,
          programme: { id: '', service: `s${at % 300}`, startAt: at, titles: {} },
        })),
      );
      await ports.events.append(many.map(eventAt));
      await ports.events.putCursors(many.map((at) => ({ name: `c${at}`, viewer: at, offset: at, at })));
      for (const start of [0, 1_000, 2_000]) await fillViewing(ports, many.slice(start, start + 1_000));
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
        firstPage(ports.sessions.listSilentDevices(atMinute(200))),
        ports.sessions.listOrphans(WINDOW.from, WINDOW.to, 10),
        ports.sessions.removeEndedBefore(atMinute(99)),
        ports.sessions.removeOfViewer(8),
      ],
      'online states': () => [
        states().listPutSince(),
        states().listPutSince(Date.now() - 1),
        states().put([{ ...reportAt(7), isOnline: true, since: 0, keepMs: HOUR_MS }]),
        states().removeOfViewer(8),
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
