// The figures of a filled day by the product itself: its sealed hours in the store, its guide, its ratings (ratings R18).

import { createBreakdowns } from '../reports/breakdown/breakdowns.ts';
import { createDeviceKinds } from '../reports/breakdown/device-kinds.ts';
import { createPeople } from '../reports/breakdown/people.ts';
import type { RatingReport } from '../reports/ratings/rating-report.ts';
import { createRatings } from '../reports/ratings/ratings.ts';
import { DEFAULT_RULES } from '../reports/ratings/rules.ts';
import { revisionOfHours } from '../reports/viewing/session-hours.ts';
import { guideForReports } from '../server/guide-for-reports.ts';
import type { Store } from '../server/store/store.ts';
import { wireViewingRecord } from '../server/wired-viewing-record.ts';
import { createGuide } from '../sg/guide.ts';
import type { Page } from '../sg/schedule.ts';
import { dayOf } from '../sg/schedule.ts';
import { type FilledDay, PROGRAMMES_A_SERVICE, serviceOf, sessionsOfDay } from './filled-viewing.ts';

const DAY_MS = 86_400_000;
const LENGTH_MS = DAY_MS / PROGRAMMES_A_SERVICE;

/** The guide of the day. */
export async function fillGuide(store: Store, { day, services }: FilledDay): Promise<void> {
  const ids = Array.from({ length: services }, (_, number) => serviceOf(number));
  await store.guide.takeTurn('bench', 0, DAY_MS);
  await store.guide.put(1, {
    services: ids.map((id, order) => ({ id, names: { en: id }, provider: 'demo', order, measured: [] })),
    pages: ids.map(
      (service): Page => ({
        service,
        day: dayOf(day),
        programmes: Array.from({ length: PROGRAMMES_A_SERVICE }, (_, slot) => ({
          id: `${service}-${slot}`,
          service,
          startAt: day + slot * LENGTH_MS,
          stopAt: day + (slot + 1) * LENGTH_MS,
          titles: { en: `Programme ${slot} of ${service}` },
        })),
      }),
    ),
  });
  await store.guide.endTurn('bench', 1, day);
}

/** Seals what isn't sealed yet. */
export const sealDay = (store: Store, { day }: FilledDay) =>
  recordOf(store, day).sealHours({ signal: new AbortController().signal, progress: () => undefined });

const recordOf = (store: Store, day: number) =>
  wireViewingRecord({
    store,
    config: { rawRetentionMs: 5 * DAY_MS },
    settled: async () => undefined,
    clock: () => day + 3 * DAY_MS,
  });

/** `people` are those of the universe: the day's viewers, and as many more as are needed. */
export async function openRatings(store: Store, filled: FilledDay, people: number) {
  const { day } = filled;
  async function* list() {
    let count = 0;
    let last = -1;
    for (const { viewer } of sessionsOfDay(filled)) {
      if (viewer === last) continue;
      last = viewer;
      count += 1;
      yield [{ viewer, weight: 1 }];
    }
    for (; count < people; count += 1) yield [{ viewer: 2 ** 52 + count, weight: 1 }];
  }
  async function* noModels() {}
  const reading = await createPeople({ list, isSample: false, elapsedMs: () => 0 })(); // a server keeps it as well
  const ratings = createRatings({
    readViewing: recordOf(store, day).readViewing,
    dataRevision: ({ from, to }) => revisionOfHours(store.sessionHours, from, to),
    guide: guideForReports(createGuide({ store: store.guide, clock: () => day + 3 * DAY_MS }), 'all'),
    people: createBreakdowns({
      readPeople: async () => reading,
      deviceKinds: createDeviceKinds({ list: noModels, elapsedMs: () => 0 }),
    }),
    clock: () => day + 3 * DAY_MS,
    retentionMs: 30 * DAY_MS,
    rules: DEFAULT_RULES,
  });
  return (question: string): Promise<RatingReport> =>
    ratings.rate({
      from: day,
      to: day + DAY_MS,
      by: question === 'service,minute' ? { content: 'service', time: 'minute' } : { content: 'programme' },
      base: 'second',
      reach: { kSeconds: 60, kind: question.endsWith('cumulative') ? 'cumulative' : 'consecutive' },
    });
}
