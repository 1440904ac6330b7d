// Surveys by the clock, again and again or once: each due time begins one survey in a cluster (R10, R15).

import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../problem.ts';
import type { SurveySchedule } from './survey.ts';
import type { SurveyScheduleStore } from './survey-store.ts';
import type { Surveys } from './surveys.ts';

export interface SurveySchedules {
  /** The same again is the same schedule. Problem `conflict` for another of that id, or for too many; `invalid` for a bad expression. */
  add(schedule: Omit<SurveySchedule, 'createdAt'>, by: string): Promise<{ schedule: SurveySchedule; isKnown: boolean }>;
  list(): Promise<SurveySchedule[]>;
  /** Problem `not_found`. */
  remove(id: string, by: string): Promise<void>;
  /** Begins what became due lately and is not begun; answers how many. Rejects with the first failure when all were tried. */
  startDue(): Promise<number>;
}

const MOST = 100; // each is looked at every minute
/** "Are you watching now?" is not asked for a time that is long past. */
export const LATEST_MS = 5 * 60_000;

export function createSurveySchedules(deps: {
  store: SurveyScheduleStore;
  surveys: Pick<Surveys, 'start'>;
  /** Epoch ms of the last due time at or before `now` within `LATEST_MS`. Problem `invalid` for a bad expression. */
  findLastDueAt(when: { cron: string; zone: string }, now: number): Promise<number | undefined>;
  recordAudit(entry: { by: string; action: string; subject: string }): Promise<void>;
  clock: () => number;
}): SurveySchedules {
  const { store, surveys, clock } = deps;

  const dueAtOf = async ({ when, createdAt }: SurveySchedule, now: number): Promise<number | undefined> => {
    if ('at' in when) return when.at <= now ? when.at : undefined;
    const dueAt = await deps.findLastDueAt(when, now);
    return dueAt === undefined || dueAt < createdAt || now - dueAt > LATEST_MS ? undefined : dueAt;
  };

  /** Answers whether it began one. */
  async function startIfDue(schedule: SurveySchedule, now: number): Promise<boolean> {
    const { id, when, request, by } = schedule;
    const dueAt = await dueAtOf(schedule, now);
    if (dueAt === undefined) return false;
    const isOnce = 'at' in when;
    let isKnown = true;
    if (now - dueAt <= LATEST_MS) {
      const beginner = { by: 'schedule', viewer: by, schedule: id };
      ({ isKnown } = await surveys.start(request, isOnce ? id : surveyIdOf(id, dueAt), beginner));
    }
    if (isOnce) await store.remove(id);
    return !isKnown;
  }

  return {
    async add(given, by) {
      const now = clock();
      if ('cron' in given.when) await deps.findLastDueAt(given.when, now);
      const schedule: SurveySchedule = { ...given, createdAt: now };
      if ((await store.find(schedule.id)) === undefined && (await store.list()).length >= MOST)
        throw new Problem('conflict', `there are ${MOST} schedules already`);
      if (!(await store.put(schedule))) {
        const known = await store.find(schedule.id);
        if (known === undefined || !isSame(known, schedule))
          throw new Problem('conflict', `there is another schedule with the id ${schedule.id}`);
        return { schedule: known, isKnown: true };
      }
      await deps.recordAudit({ by, action: 'survey.schedule', subject: schedule.id });
      return { schedule, isKnown: false };
    },

    list: store.list,

    async remove(id, by) {
      if (!(await store.remove(id))) throw new Problem('not_found', `there is no schedule ${id}`);
      await deps.recordAudit({ by, action: 'survey.unschedule', subject: id });
    },

    async startDue() {
      const now = clock();
      let [started, failure]: [number, unknown] = [0, undefined];
      for (const schedule of await store.list()) {
        try {
          if (await startIfDue(schedule, now)) started += 1;
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure !== undefined) throw failure;
      return started;
    },
  };
}

/** Of a schedule's survey: the same due time, the same survey. */
const surveyIdOf = (schedule: string, dueAt: number): string =>
  `${schedule}.${new Date(dueAt).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;

const isSame = (a: SurveySchedule, b: SurveySchedule): boolean =>
  isDeepStrictEqual({ ...a, createdAt: 0 }, { ...b, createdAt: 0 });
