// The surveys with what they need of the others (R10, R11): their corner of products.ts.

import { randomBytes } from 'node:crypto';
import { isCounted } from '../reports/viewing/counted-rows.ts';
import type { Guide } from '../sg/guide.ts';
import type { MarkClasses } from '../sg/mark-classes.ts';
import type { Measuring } from '../sg/measuring.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { Audit } from './accounts/audit.ts';
import type { Config } from './config.ts';
import { createSchedule, type Schedule } from './job-schedule.ts';
import type { Jobs } from './jobs.ts';
import { createLog } from './log.ts';
import { Problem } from './problem.ts';
import type { Push } from './push/push.ts';
import type { Answer } from './surveys/survey.ts';
import { createSurveyAsking, type SurveyAsking } from './surveys/survey-asking.ts';
import { createSurveySchedules, LATEST_MS, type SurveySchedules } from './surveys/survey-schedules.ts';
import type { SurveyAnswerStore, SurveyScheduleStore, SurveyStore } from './surveys/survey-store.ts';
import type { LoggedSession } from './surveys/survey-tallying.ts';
import { createSurveys, type Surveys } from './surveys/surveys.ts';
import { createGroupCommit } from './viewing/group-commit.ts';
import type { Pseudonyms } from './viewing/pseudonyms.ts';
import type { Session } from './viewing/session.ts';
import type { Viewing } from './viewing/viewing.ts';

/** What surveys are to their router, their jobs and the command line. */
export interface Surveying {
  surveys: Surveys;
  schedules: SurveySchedules;
  asking: SurveyAsking;
  findStaff: Accounts['find'];
  findHandset: Accounts['findCredentials'];
  deviceOf(sender: { user: string; deviceId?: string; imsi?: string }): number;
  isMeasuredAt(user: string, service: string, at: number): Promise<boolean>;
  suppressBelow: number;
  zone: string;
}

export interface SurveysWiring {
  store: { surveys: SurveyStore; surveyAnswers: SurveyAnswerStore; surveySchedules: SurveyScheduleStore };
  accounts: Accounts;
  audit: Audit;
  guide: Guide;
  viewing: Pick<Viewing, 'online' | 'listSessions'>;
  measuring: Pick<Measuring, 'refresh' | 'measuredAt'>;
  markClasses: Pick<MarkClasses, 'seesMark'>;
  pseudonyms: Pseudonyms;
  push: Pick<Push, 'notify' | 'epoch'>;
  config: Config;
  clock: () => number;
}

const MOST_ONLINE = Number.MAX_SAFE_INTEGER;
const SESSIONS_AT_ONCE = 1_000;
const newId = (): string => randomBytes(9).toString('base64url');

export function wireSurveys(deps: SurveysWiring): Surveying {
  const { store, accounts, audit, guide, viewing, measuring, markClasses, config, clock } = deps;
  /** With what came of it, once it is written. */
  const commit = createGroupCommit<{ answer: Answer; isKept?: boolean }>(async (group) => {
    const kept = await store.surveyAnswers.put(group.map(({ answer }) => answer));
    for (const [place, one] of group.entries()) one.isKept = kept[place] === true;
  }, config.queueLimit);

  const surveys = createSurveys({
    store: store.surveys,
    answers: store.surveyAnswers,
    async putAnswer(answer) {
      const entry: { answer: Answer; isKept?: boolean } = { answer };
      await commit.add(entry);
      return entry.isKept === true;
    },
    listOnline() {
      // A command beside a running server would find nobody, and ask nobody.
      if (deps.push.epoch() === '') throw new Problem('unavailable', 'who is online is known to running servers alone');
      viewing.online.sweep(clock());
      return viewing.online.list({ limit: MOST_ONLINE });
    },
    async findMeasurable(viewer) {
      const account = await accounts.findByViewer(viewer);
      return account !== undefined && accounts.mayMeasure(account) ? account : undefined;
    },
    listSessions: (service, from, to) => countedSessions(viewing, service, from, to),
    notify: deps.push.notify,
    recordAudit: audit.record,
    newSeed: newId,
    clock,
  });

  const timings = new Map<string, Schedule>();
  const timingOf = ({ cron, zone }: { cron: string; zone: string }): Schedule => {
    const name = `${cron} ${zone}`;
    const known = timings.get(name);
    if (known !== undefined) return known;
    const log = createLog({ level: 'silent' });
    const fire = (): void => undefined; // a job looks what is due, once in a cluster
    const made = createSchedule({ name: 'the survey', expression: cron, zone, log, fire, lookBackMs: LATEST_MS });
    timings.set(name, made);
    return made;
  };
  const schedules = createSurveySchedules({
    store: store.surveySchedules,
    surveys,
    findLastDueAt: async (when, now) => timingOf(when).findLastDueAt(now),
    recordAudit: audit.record,
    clock,
  });

  return {
    surveys,
    schedules,
    asking: createSurveyAsking({
      surveys,
      schedules,
      hasService: async (service) => (await guide.findService(service)) !== undefined,
      async viewerOf(user) {
        const account = await accounts.find(user);
        return account?.role === 'handset' ? account.viewer : undefined;
      },
      newId,
    }),
    findStaff: accounts.find,
    findHandset: accounts.findCredentials,
    deviceOf: (sender) => deps.pseudonyms.numbersOf(sender).device,
    async isMeasuredAt(user, service, at) {
      await measuring.refresh();
      return measuring.measuredAt(service, at) !== undefined && (await markClasses.seesMark(user, service));
    },
    suppressBelow: config.suppressBelow,
    zone: config.zone,
  };
}

/** V9: who was never authenticated keeps watching and is not counted; nor is what is in quarantine. */
async function* countedSessions(
  { listSessions }: Pick<Viewing, 'listSessions'>,
  service: string,
  from: number,
  to: number,
): AsyncGenerator<LoggedSession[]> {
  for (let after: Session | undefined; ; ) {
    const query = { from, to, services: [service], limit: SESSIONS_AT_ONCE };
    const page = await listSessions({ ...query, ...(after === undefined ? {} : { after }) });
    yield page.filter(isCounted);
    after = page.at(-1);
    if (page.length < SESSIONS_AT_ONCE) return;
  }
}

export function defineSurveyJobs(
  jobs: Pick<Jobs, 'define'>,
  deps: { surveying: Pick<Surveying, 'surveys' | 'schedules'>; config: Config; clock: () => number },
): void {
  const { surveys, schedules } = deps.surveying;
  const { rawRetentionMs, figuresRetentionMs } = deps.config;
  jobs.define({
    name: 'survey-schedules',
    schedule: '* * * * *',
    catchUp: true,
    run: async () => ({ rows: await schedules.startDue() }),
  });
  jobs.define({
    name: 'close-surveys',
    schedule: '* * * * *',
    catchUp: true,
    run: async () => ({ rows: await surveys.closeDue() }),
  });
  jobs.define({
    name: 'forget-surveys',
    schedule: '35 3 * * *',
    catchUp: true,
    run: async () => {
      const now = deps.clock();
      const limits = { answersBefore: now - rawRetentionMs, surveysBefore: now - figuresRetentionMs };
      return { rows: await surveys.removeOld(limits) };
    },
  });
}
