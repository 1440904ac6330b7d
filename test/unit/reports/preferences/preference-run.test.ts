// The daily job of preferences on a real store, with sessions and a clock by hand (R12, R13, R15, O2).

import { expect } from 'chai';
import { createPreferences } from '../../../../reports/preferences/preferences.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { openSqliteStore } from '../../../../server/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../../server/store/store.ts';
import { sourceOf } from '../../../support/viewing-rows.ts';

const DAY_MS = 86_400_000;
const DAY = 20_000; // broadcast days since 1970, of a zone two hours ahead: they begin at midnight in UTC
const zone = (): number => 2 * 3_600_000;

describe('the job of preferences', () => {
  let store: Store;
  let sessions: ViewingRow[];
  let now: number;
  let unmeasurable: Set<number>;
  let asked: number[];
  beforeEach(() => {
    store = openSqliteStore(':memory:');
    sessions = [];
    unmeasurable = new Set();
    asked = [];
  });
  afterEach(() => store.close());

  const watch = (viewer: number, day: number, service: string, minutes: number): void => {
    const startedAt = day * DAY_MS + 8 * 3_600_000;
    const of = { viewer, device: viewer, service, programme: '', imputedMs: 0 };
    sessions.push({ ...of, startedAt, endedAt: startedAt + minutes * 60_000 });
  };
  const preferences = (more: { retentionDays?: number; halfLifeDays?: number } = {}) =>
    createPreferences({
      store: store.preferences,
      readViewing({ from, to }) {
        asked.push(from / DAY_MS - DAY);
        return sourceOf(sessions.filter((row) => row.startedAt < to && row.endedAt > from));
      },
      cutOf: async ({ from, to }) => {
        const window = { from: from / 1_000, to: to / 1_000 };
        return { window, dwellMsOf: () => 60_000, measuredOf: () => [window], slotsOf: () => [] };
      },
      findPeople: async (viewers) =>
        new Map(viewers.map((viewer) => [viewer, { measurable: !unmeasurable.has(viewer) }])),
      subscribedBy: async () => [],
      servicesOf: async () => ['a', 'b'],
      marketTotals: false,
      clock: () => now,
      zone,
      rules: { halfLifeDays: 1, retentionDays: 30, suppressBelow: 2, ...more },
    });
  const run = async (day: number, product = preferences(), signal = new AbortController().signal): Promise<number> => {
    now = day * DAY_MS + 3_600_000;
    return (await product.run({ dueAt: now, signal, progress: () => undefined })).rows;
  };
  const secondsOf = async (viewer: number): Promise<number> => (await preferences().view(viewer)).viewedSeconds;
  const contents = async () => [
    await store.preferences.list(undefined, 100),
    await store.preferences.findNote('state'),
  ];

  it('R15: needs the sessions of the new day, and of the one that becomes final; again it changes nothing', async () => {
    await run(DAY);
    watch(1, DAY, 'a', 60);
    asked = [];
    expect(await run(DAY + 1)).to.equal(1);
    expect(asked).to.deep.equal([-8, 0]);
    const before = await contents();
    expect(await run(DAY + 1)).to.equal(0);
    expect(await contents()).to.deep.equal(before);
    expect(await run(DAY)).to.equal(0); // made up for late
    expect(await contents()).to.deep.equal(before);
    expect(await secondsOf(1)).to.equal(3_600);
  });

  it('R15: catches up day by day, and goes on where it was broken off', async () => {
    await run(DAY);
    for (const day of [0, 1, 2]) watch(1, DAY + day, 'a', 60);
    const abort = new AbortController();
    const product = preferences();
    const broken = product.run({
      dueAt: (DAY + 3) * DAY_MS + 1,
      signal: abort.signal,
      progress: (rows) => rows === 2 && abort.abort(new Error('stopped')),
    });
    await broken.then(
      () => expect.fail('it went on'),
      (error: Error) => expect(error.message).to.equal('stopped'),
    );
    expect(await run(DAY + 3)).to.equal(2); // the second day again
    expect(await secondsOf(1)).to.equal(3_600 * 1.75);
  });

  it('R15: a late report of a counted day counts when the day becomes final, and takes away what it was not', async () => {
    await run(DAY);
    watch(1, DAY, 'a', 60);
    watch(2, DAY, 'a', 60);
    await run(DAY + 1);
    sessions = [];
    watch(1, DAY, 'b', 64);
    for (const day of [2, 3, 4, 5, 6, 7, 8]) await run(DAY + day);
    expect(await secondsOf(1)).to.equal(28); // 3600 / 2^7
    await run(DAY + 9);
    expect(await secondsOf(1)).to.equal(15); // 3840 / 2^8
    expect(await secondsOf(2)).to.equal(0);
    sessions = []; // they are not needed any more
    await run(DAY + 10);
    expect((await store.preferences.list(undefined, 9)).map(({ viewer, through }) => [viewer, through])).to.deep.equal([
      [1, DAY + 1],
    ]);
    await run(DAY + 20);
    expect(await secondsOf(1)).to.equal(0); // 3840 / 2^19
  });

  it('R15: begins with what is kept, and after a long downtime folds what it can’t count again', async () => {
    const slow = preferences({ halfLifeDays: 1_000_000 });
    for (const day of [-31, -30, -5]) watch(1, DAY + day, 'a', 60);
    await run(DAY, slow);
    expect(asked).to.deep.equal(Array.from({ length: 30 }, (_, at) => at - 30));
    const kept = async () => (await store.preferences.find([1]))[0];
    const told = async () => [(await kept())?.through, (await kept())?.base?.seconds, (await kept())?.days.length];
    expect(await told()).to.deep.equal([DAY - 29, 3_600, 1]);
    sessions = [];
    await run(DAY + 40, slow);
    expect(await told()).to.deep.equal([DAY + 32, 7_199.758, 0]);
  });

  it('R15: where sessions are kept for a day, a day is final at once', async () => {
    const product = preferences({ retentionDays: 1 });
    watch(3, DAY - 1, 'a', 60);
    await run(DAY, product);
    expect((await store.preferences.find([3]))[0]).to.deep.include({ through: DAY, days: [] });
    expect(await secondsOf(3)).to.equal(3_600);
  });

  it('O2: an erasure in the moment of counting holds', async () => {
    await run(DAY);
    watch(1, DAY, 'a', 60);
    const product = preferences();
    const { find } = store.preferences;
    let isFirst = true;
    store.preferences.find = async (viewers) => {
      const found = await find(viewers);
      if (isFirst) {
        isFirst = false;
        await product.erase(1); // between reading and writing
      }
      return found;
    };
    await run(DAY + 1, product);
    expect(await secondsOf(1)).to.equal(0);
    expect((await store.preferences.find([1]))[0]?.erasedAt).to.equal(now);
    store.preferences.find = find;
    await run(DAY + 9);
    expect(await secondsOf(1)).to.equal(0);
    await run(DAY + 40); // no session from before it is kept now
    expect(await store.preferences.find([1])).to.deep.equal([]);
  });

  it('R13, O2: bundles of those who may be measured now, from k users on', async () => {
    for (const viewer of [1, 2, 3]) {
      watch(viewer, DAY - 1, 'a', 30);
      sessions.push({
        ...(sessions.at(-1) as ViewingRow),
        service: 'b',
        startedAt: (DAY - 1) * DAY_MS,
        endedAt: (DAY - 1) * DAY_MS + 3_600_000,
      });
    }
    const criteria = { minSupportPercent: 0, minLift: 0 };
    expect(await preferences().listBundles(criteria)).to.deep.equal({ bundles: [] });
    await run(DAY);
    const found = (await preferences().listBundles(criteria)).bundles;
    expect(found.map(({ services, users }) => [services, users])).to.deep.equal([[['a', 'b'], 3]]);
    unmeasurable = new Set([1, 2]);
    await run(DAY);
    expect((await preferences().listBundles(criteria)).bundles).to.deep.equal([]);
    expect((await store.preferences.find([1]))[0]).to.deep.equal({
      ...{ viewer: 1, version: 2, erasedAt: now, through: 0, days: [] },
    });
  });
});
