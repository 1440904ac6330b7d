// A store with some of everything that products keep, put there through their ports, and what was put, by kind.

import { createSurveyTally } from '../../reports/surveys/survey-result.ts';
import type { Kind, Kinds } from '../../server/store/data-set.ts';
import type { Store } from '../../server/store/store.ts';
import type { Session } from '../../server/viewing/session.ts';
import { dayQuality } from './quality.ts';
import { ratingReport } from './rating-reports.ts';
import { atMinute, report } from './reports.ts';

const session = (device: number, more: Partial<Session> = {}): Session => ({
  device,
  viewer: 70,
  service: '01',
  programme: 'a',
  startedAt: atMinute(1),
  lastSignAt: atMinute(5),
  flags: [],
  imputedMs: 0,
  ...more,
});

export const ACCOUNTS: Kinds['accounts'][] = [
  {
    user: 'abc',
    role: 'handset',
    name: 'Ada \u{1f4fa}',
    viewer: 2 ** 52 - 1,
    enabled: true,
    consent: { version: '2', at: 5, withdrawnAt: 6 },
    zone: 'Asia/Shanghai',
    createdAt: 1,
    demographics: { age: '30-39', sex: 'f' },
    sealedHa1: 'v1.x',
  },
  { user: 'bob', role: 'handset', name: '', viewer: 4, enabled: false, consent: { version: '', at: 5 }, createdAt: 2 },
  {
    user: 'news',
    role: 'provider',
    name: 'N',
    provider: 'n',
    viewer: 5,
    enabled: true,
    createdAt: 3,
    passwordHash: 'h',
  },
];

const FULL_REPORT = report('out', 3, '01', 'a', {
  onlineState: 'online',
  reportId: 'r1',
  sequence: 4,
  endReason: 'zap',
  access: 'unicast',
  timeShiftS: 130,
  quarantine: 'too_old',
  verified: false,
  document: { template: 12, rest: 'x\u001fy' },
});
const REPORTS = [report('in', 1, '01', 'a'), FULL_REPORT, report('in', 5, '02', 'b', { device: 8 })];

/** Fills an empty store. Beside what it answers there is what no data set holds: of the moment, or left by a crash. */
export async function fill(ports: Store): Promise<Kinds[Kind][][]> {
  await ports.accounts.put(ACCOUNTS);
  const tokens = [
    { user: 'news', id: 'a', hash: 'h1', createdAt: 1 },
    { user: 'news', id: 'b', hash: 'h2', createdAt: 2, expiresAt: 9 },
  ];
  for (const token of tokens) await ports.tokens.put(token);
  const origins = [1, 2 ** 52 - 1].map((no) => ({ no, device: no, viewer: 70, sealedIdentity: 'v1.y' }));
  await ports.origins.put(origins);
  const entry = { id: 'e1', at: 1, by: 'admin', action: 'account.add', subject: 'abc', detail: { rows: 3, ok: true } };
  await ports.audit.append(entry);

  const lease = (await ports.jobs.acquire('nightly', 'h', 0, 1)) ?? 0;
  const begun = { name: 'nightly', startedAt: 11, by: 'schedule', holder: 'h', fence: lease };
  const failed = { ...begun, dueAt: 10, attempts: 1, endedAt: 12, error: 'no' };
  const open = { ...begun, dueAt: 20, attempts: 1 };
  const well = { ...begun, dueAt: 30, attempts: 1, endedAt: 32, rows: 7 };
  for (const run of [failed, open, well]) await ports.jobs.begin(run, 3);
  for (const run of [failed, well]) await ports.jobs.finish(run);

  const service = {
    id: '01',
    names: { en: 'One', 'zh.$x': 'x' },
    provider: 'n',
    order: 1,
    measured: [{ from: 1, to: 2 }],
  };
  const item = {
    id: 'basic',
    names: { en: 'Basic' },
    provider: 'n',
    services: ['01'],
    parts: [],
    price: { amount: '1', currency: 'EUR' },
  };
  const page = (day: number) => ({ service: '01', day, programmes: [] });
  const publish = async (revision: number, holder: string) => {
    await ports.guide.takeTurn(holder, 0, 1);
    await ports.guide.put(revision, {
      services: [{ ...service, order: revision }],
      items: [revision === 1 ? item : { id: 'basic', removed: true }],
      pages: [page(revision), page(7)],
    });
    await ports.guide.endTurn(holder, revision, revision * 100);
  };
  await publish(1, 'one');
  await publish(2, 'two');
  await ports.guide.takeTurn('crashed', 0, 1);
  await ports.guide.put(3, { services: [service], items: [item], pages: [page(9)] });
  const revised = <T>(item: T, revision: number) => ({ ...item, revision });

  const bought = { item: 'basic', since: 1, until: 9, bought: 'sync', orderedAt: 2 } as const;
  const changed = { version: 2, at: 2, item: 'basic', kind: 'ordered' } as const;
  const tables: Kinds['subscriptions'][] = [
    { viewer: 4, version: 1, held: [], changes: [], forgotten: 0, told: 1 },
    { viewer: 2 ** 52 - 1, version: 1, held: [bought], changes: [changed], forgotten: 1, told: 0, dueAt: 9 },
  ];
  for (const table of tables) await ports.subscriptions.put(table, 0);
  const keys = ['01', 'é 1'].map((service) => ({ service, from: 86_400_000, to: 172_800_000, sealedKey: 'v1.k' }));
  await ports.keys.putFirst(keys);
  const quality = dayQuality('2026-11-20');
  await ports.quality.put(quality);
  const rating = ratingReport('a', 1);
  await ports.ratingReports.add(rating);
  const preferences: Kinds['preferences'][] = [
    { viewer: 4, version: 1, erasedAt: 9, through: 0, days: [] },
    {
      viewer: 2 ** 52 - 1,
      version: 1,
      through: 5,
      base: { seconds: 1.5, days: 0.5, cells: { genre: [['a.$b ü', 1.5, 0.5]] } },
      days: [{ day: 6, seconds: 3, days: 1, cells: { programme: [['01/__proto__', 3, 1]] } }],
    },
  ];
  await ports.preferences.put(preferences);
  const state = { through: 7, finalThrough: 5 };
  await ports.preferences.putNote('state', state);
  const surveys = await fillSurveys(ports);
  const epoch = await ports.events.epoch('epoch-1');
  const events = await ports.events.append([
    { kind: 'guide-changed', audience: { all: true }, content: { version: 2 }, key: 'guide/2', at: 5 },
    { kind: 'message', audience: { viewer: 70 }, content: { 'a.$b': 1 }, key: 'm1', at: 6, validUntil: 9, sender: 71 },
    { kind: 'message', audience: { device: 7 }, content: {}, key: 'm2', at: 7 },
  ]);
  const cursors = [{ name: 'e/d7', viewer: 70, offset: 2, at: 8 }];
  await ports.events.putCursors(cursors);

  const models = [7, 2 ** 52 - 1].map((device) => ({ device, viewer: 70, model: 'N "9" \u{1f4fa}', toldAt: 5 }));
  await ports.deviceModels.put(models);

  await ports.reports.putTemplate(12, '<a b="');
  await ports.reports.append(REPORTS);
  const arrivals = await ports.reports.listUnsettled(10);
  await ports.reports.enrol(arrivals);
  await ports.reports.markSettled(arrivals);

  const ended = [
    session(7, {
      endedAt: atMinute(5),
      flags: ['switched', 'cut'],
      quarantine: 'zero_length',
      timeShiftS: 130,
      access: 'broadcast',
    }),
    session(8, { endedAt: atMinute(6), service: '02', programme: '' }),
  ] as Kinds['sessions'][];
  const orphan = { device: 7, viewer: 70, service: '01', programme: 'a', at: atMinute(9) };
  const stateOf = (device: number, more: object = {}) => ({
    instant: atMinute(5),
    open: { session: session(device), heartbeats: 2, longestGapMs: 3, verified: true, silentAt: atMinute(8), ...more },
  });
  const change = (device: number) => ({ device, viewer: 70, sessions: [], orphans: [] });
  await ports.sessions.put(
    [
      { ...change(7), sessions: ended.slice(0, 1), orphans: [orphan], state: { instant: atMinute(9) } },
      { ...change(8), sessions: ended.slice(1), state: stateOf(8) },
      { ...change(9), state: stateOf(9, { isGivenUp: true }) },
    ],
    1,
  );

  return [
    [{ revision: 2, oldest: 0 }],
    [1, 2].map((revision) => ({ revision, publishedAt: revision * 100 })),
    [1, 2].map((revision) => revised({ ...service, order: revision }, revision)),
    [revised(item, 1), revised({ id: 'basic', removed: true }, 2)],
    [revised(page(1), 1), revised(page(7), 1), revised(page(2), 2), revised(page(7), 2)],
    [{ template: 12, text: '<a b="' }],
    ACCOUNTS,
    tokens,
    origins,
    [entry],
    [failed, open, well],
    tables,
    keys,
    [quality],
    [rating],
    preferences,
    [{ name: 'state', note: state }],
    ...surveys,
    [{ epoch }],
    events,
    cursors,
    models,
    REPORTS,
    ended,
    [orphan],
    [{ device: 8, viewer: 70, state: stateOf(8) }],
  ];
}

/** Surveys, open and final, who was asked, answers, schedules. */
async function fillSurveys(ports: Store): Promise<Kinds[Kind][][]> {
  const request = {
    service: '01',
    to: { group: { 'a.$b': 'x' }, sample: 3 },
    question: { en: 'Well? \u{1f4fa}' },
    timeLimitMs: 120_000,
    spreadMs: 40_000,
    confidence: 0.95,
  };
  const survey = (id: string, seed: string): Kinds['surveys'] => ({
    id,
    ...request,
    askedAt: 5,
    closesAt: 120_005,
    finalAt: 999_999,
    seed,
    population: { online: 9, measurable: 8, eligible: 7 },
    asked: 3,
    by: 71,
  });
  const open = survey('open', 'seed1');
  const pieces = [
    { seed: 'seed1', first: 3, devices: [3, 4], at: 5 },
    { seed: 'seed1', first: 2 ** 52 - 1, devices: [2 ** 52 - 1], at: 5 },
  ];
  await ports.surveys.put(open, pieces);
  const closed = { ...survey('closed', 'seed2'), schedule: 'nightly' };
  await ports.surveys.put(closed, []);
  const result = createSurveyTally({ service: '01', asked: 0, population: 0, confidence: 0.9, timeLimitMs: 1 }).result(
    true,
  );
  await ports.surveys.finish('closed', result);
  const answer = { survey: 'open', viewer: 70, at: 6, receivedAt: 7, isLogged: true, repeats: 0 };
  const answers = [
    { ...answer, device: 3, watching: '01' },
    { ...answer, device: 2 ** 52 - 1, isLogged: false },
  ];
  await ports.surveyAnswers.put(answers);
  const schedules: Kinds['surveySchedules'][] = [
    { id: 'nightly', request, when: { cron: '0 20 * * *', zone: 'Asia/Shanghai' }, by: 71, createdAt: 1 },
    { id: 'once', request, when: { at: 9 }, by: -1, createdAt: 1 },
  ];
  for (const schedule of schedules) await ports.surveySchedules.put(schedule);
  return [[open, { ...closed, result }], pieces, answers, schedules];
}

/** Everything of a kind. */
export async function readAll<K extends Kind>(ports: Pick<Store, 'dataSet'>, kind: K): Promise<Kinds[K][]> {
  const found: Kinds[K][] = [];
  for await (const { items } of ports.dataSet.read(kind)) found.push(...items);
  return found;
}
