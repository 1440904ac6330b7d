// A store with so much in it that a planner does not prefer to read all of a collection.

import type { Seal, StoredBlock } from '../../reports/viewing/sealed-hour-store.ts';
import type { TimedEvent } from '../../server/push/event-store.ts';
import type { Store } from '../../server/store/store.ts';
import type { Answer, Survey, SurveySchedule } from '../../server/surveys/survey.ts';
import type { StoredReport } from '../../server/viewing/report.ts';
import type { Session } from '../../server/viewing/session.ts';
import type { SessionChange } from '../../server/viewing/session-store.ts';
import { dayQuality } from './quality.ts';
import { ratingReport } from './rating-reports.ts';
import { report } from './reports.ts';

export const MANY = 3_000;
export const DAY_MINUTES = 1_440;
export const HOUR_MS = 3_600_000;
export const reportAt = (at: number): StoredReport =>
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

export function changeAt(at: number): SessionChange {
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

export const eventAt = (at: number): TimedEvent => ({
  kind: 'message',
  audience: [{ viewer: at }, { device: at }, { all: true as const }, { devices: [at, at + 1] }][at % 4] ?? {
    all: true,
  },
  content: {},
  key: `k${at}`,
  at,
  ...(at % 5 === 0 ? { sender: at } : {}),
});

export const blockAt = (at: number): StoredBlock => ({
  ...{ hour: at, attempt: `a${at}`, lane: 0, number: 0, edition: 0 },
  ...{ firstViewer: at, lastViewer: at + 5, bytes: new Uint8Array(9) },
});
export const sealAt = (at: number): Seal => ({ hour: at, version: 1, format: 1, attempt: `a${at}`, lanes: [] });
export const surveyAt = (at: number): Survey => ({
  id: `survey${at}`,
  service: `s${at % 99}`,
  to: {},
  question: {},
  timeLimitMs: 1,
  spreadMs: 0,
  confidence: 0.9,
  askedAt: at,
  closesAt: at + 1,
  finalAt: at + 2,
  seed: `seed${at}`,
  population: { online: 1, measurable: 1, eligible: 1 },
  asked: 1,
  by: 1,
});

export const answerAt = (at: number): Answer => ({
  survey: `survey${at % 9}`,
  device: at,
  viewer: at % 999,
  at,
  receivedAt: at,
  isLogged: true,
  repeats: 0,
});

const scheduleAt = (at: number): SurveySchedule => ({
  id: `schedule${at}`,
  request: surveyAt(at),
  when: { at },
  by: 1,
  createdAt: at,
});

export const lastOfPage: Session = changeAt(DAY_MINUTES).sessions[0] as Session;

/** Some of everything that an adapter has an index for; a load of the guide is left half-way. */
export async function crowdStore(ports: Store): Promise<void> {
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
    await ports.deviceModels.put(some.map((at) => ({ device: at, viewer: at % 999, model: 'x', toldAt: at })));
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
  for (const at of many.slice(0, 1_000)) {
    const table = { version: 1, held: [], changes: [], forgotten: 0, told: 1 };
    await ports.subscriptions.put({ viewer: at, ...table, ...(at % 2 === 0 ? { dueAt: at } : {}) }, 0);
  }
  await ports.preferences.put(many.map((viewer) => ({ viewer, version: 1, through: 0, days: [] })));
  await ports.keys.putFirst(many.map((at) => ({ service: `s${at % 300}`, from: at, to: at + 1, sealedKey: 'x' })));
  for (const at of many.slice(0, 400)) await ports.ratingReports.add(ratingReport(`a${at}`, 1, { to: at * 60_000 }));
  for (const at of many.slice(0, 400))
    await ports.quality.put(dayQuality(new Date(at * DAY_MINUTES * 60_000).toISOString().slice(0, 10)));
  for (const at of many.slice(0, 1_000))
    await ports.surveys.put(surveyAt(at), [{ seed: `seed${at}`, first: at, devices: [at], at }]);
  await ports.surveyAnswers.put(many.map(answerAt));
  for (const at of many.slice(0, 100)) await ports.surveySchedules.put(scheduleAt(at));
  await ports.events.append(many.map(eventAt));
  await ports.events.putCursors(many.map((at) => ({ name: `c${at}`, viewer: at, offset: at, at })));
  for (const at of many.slice(0, 500)) {
    await ports.sealedHours.putBlock(blockAt(at * 6));
    await ports.sealedHours.finish(sealAt(at * 6 + 1));
  }
  for (const start of [0, 1_000, 2_000]) await fillViewing(ports, many.slice(start, start + 1_000));
}
