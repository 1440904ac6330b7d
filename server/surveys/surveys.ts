// The method's second way of measuring: asking who is watching (CN101399958A, step s312 B, claims 3-7; R10, R11).

import { isDeepStrictEqual } from 'node:util';
import type { SurveyResult } from '../../reports/surveys/survey-result.ts';
import { Problem } from '../problem.ts';
import type { NewEvent, Notify } from '../push/event.ts';
import { chooseAsked, piecesOf } from './asked-devices.ts';
import { createAskedLists } from './asked-lists.ts';
import { type Answer, type Survey, type SurveyRequest, stateOf } from './survey.ts';
import type { SurveyAnswerStore, SurveyStore } from './survey-store.ts';
import { createSurveyTallying, type LoggedSession } from './survey-tallying.ts';

/** What was done with an answer: it counts; it came after the time limit; the device had answered. */
export type Receipt = 'counted' | 'late' | 'repeated';

/** Who begins a survey. */
export interface Beginner {
  /** The log-in name, or the tool, for the audit log; and the pseudonym. */
  by: string;
  viewer: number;
  schedule?: string;
}

/** An answer as it comes in. */
interface NewAnswer {
  viewer: number;
  device: number;
  watching?: string;
  /** When the device says it was given, epoch ms. */
  at?: number;
  /** The user may be measured (O2). */
  isMeasurable: boolean;
  /** Whether viewing of the service is measured of this user at a moment. */
  isMeasuredAt(service: string, at: number): boolean | Promise<boolean>;
}

export interface Surveys {
  /** Decides who is asked and asks them. The same id and request again is the same survey; Problem `conflict` for another request. */
  start(request: SurveyRequest, id: string, beginner: Beginner): Promise<{ survey: Survey; isKnown: boolean }>;
  /** Problem `not_found`. */
  get(id: string): Promise<Survey>;
  list: SurveyStore['list'];
  /** So far, or final; with the comparison once no answer counts any more. */
  resultOf(survey: Survey): Promise<SurveyResult>;
  /**
   * Durable when it resolves (V17). Problem `not_found`, `gone` when the result is final, `forbidden` for a device that was not asked or a
   * user who may not be measured: nothing is kept then.
   */
  answer(id: string, answer: NewAnswer): Promise<Receipt>;
  /** Makes final what is due; answers how many. */
  closeDue(): Promise<number>;
  /** Fit for JSON. */
  exportOf(viewer: number): Promise<object[]>;
  eraseOf(viewer: number): Promise<void>;
  /** Removes raw answers, and surveys with their results. Answers how many. */
  removeOld(limits: { answersBefore: number; surveysBefore: number }): Promise<number>;
}

export interface SurveysDeps {
  store: SurveyStore;
  answers: SurveyAnswerStore;
  /** Keeps an answer with what comes at the same time; answers whether it is the device's first. */
  putAnswer(answer: Answer): Promise<boolean>;
  listOnline: Parameters<typeof chooseAsked>[0]['listOnline'];
  findMeasurable: Parameters<typeof chooseAsked>[0]['findMeasurable'];
  /** The sessions of a service that overlap [from, to), epoch ms. */
  listSessions(service: string, from: number, to: number): AsyncIterable<readonly LoggedSession[]>;
  notify: Notify;
  recordAudit(entry: {
    by: string;
    action: string;
    subject: string;
    detail: Record<string, string | number>;
  }): Promise<void>;
  newSeed(): string;
  clock: () => number;
}

/** After the last answer: handsets that were offline for a while have sent their reports by then, as a rule. */
const GRACE_MS = 15 * 60_000;
/** Answers that were let in before `finalAt` have their commit by then. */
const IN_FLIGHT_MS = 10_000;
const DUE_AT_ONCE = 100;
const PIECES_AT_ONCE = 100;
const LISTS_KEPT_MS = 86_400_000; // of surveys that were never kept; those of others go with the result

export function createSurveys(deps: SurveysDeps): Surveys {
  const { store, answers, clock } = deps;
  const asked = createAskedLists(store);
  const { tally } = createSurveyTallying(deps);

  const resultOf = async (survey: Survey): Promise<SurveyResult> =>
    survey.result ?? (await tally(survey, clock() >= survey.closesAt));

  /** One event for all, or one for each thousand of the sample; those that are stored already stay as they are. */
  async function ask(survey: Survey): Promise<void> {
    const { id, seed, to, service, question, closesAt, spreadMs } = survey;
    const event: Omit<NewEvent, 'audience' | 'key'> = {
      kind: 'survey',
      content: {
        survey: id,
        service,
        ...(Object.keys(question).length === 0 ? {} : { text: question }),
        answerBy: new Date(closesAt).toISOString(),
        spreadS: spreadMs / 1_000,
      },
      validUntil: closesAt,
    };
    if (Object.keys(to).length === 0) return deps.notify({ ...event, audience: { all: true }, key: `survey/${id}` });
    for (let after = -1; ; ) {
      const pieces = await store.listAsked(seed, after, PIECES_AT_ONCE);
      await Promise.all(
        pieces.map(({ first, devices }) =>
          deps.notify({ ...event, audience: { devices }, key: `survey/${id}/${first}` }),
        ),
      );
      after = pieces.at(-1)?.first ?? after;
      if (pieces.length < PIECES_AT_ONCE) return;
    }
  }

  /** Asks again while it is open: who broke off before all were asked does so now. */
  async function goOn(survey: Survey, request: SurveyRequest, beginner: Beginner) {
    const { service, to, question, timeLimitMs, spreadMs, confidence } = survey;
    const isSame =
      survey.by === beginner.viewer &&
      isDeepStrictEqual({ service, to, question, timeLimitMs, spreadMs, confidence }, request);
    if (!isSame) throw new Problem('conflict', `there is another survey with the id ${survey.id}`);
    if (stateOf(survey, clock()) === 'open') await ask(survey);
    return { survey, isKnown: true };
  }

  return {
    async start(request, id, beginner) {
      const known = await store.find(id);
      if (known !== undefined) return goOn(known, request, beginner);
      const seed = deps.newSeed();
      const { population, devices } = await chooseAsked(deps, request.to, seed);
      const askedAt = clock();
      const closesAt = askedAt + request.timeLimitMs;
      const survey: Survey = {
        id,
        ...request,
        askedAt,
        closesAt,
        finalAt: closesAt + GRACE_MS,
        seed,
        population,
        asked: devices.length,
        by: beginner.viewer,
        ...(beginner.schedule === undefined ? {} : { schedule: beginner.schedule }),
      };
      if (!(await store.put(survey, piecesOf(devices, seed, askedAt))))
        return goOn((await store.find(id)) ?? survey, request, beginner);
      await ask(survey);
      const { service } = request;
      const detail = { service, asked: devices.length };
      await deps.recordAudit({ by: beginner.by, action: 'survey.start', subject: id, detail });
      return { survey, isKnown: false };
    },

    async get(id) {
      const survey = await store.find(id);
      if (survey === undefined) throw new Problem('not_found', `there is no survey ${id}`);
      return survey;
    },

    list: store.list,
    resultOf,

    async answer(id, { viewer, device, watching, at, isMeasurable, isMeasuredAt }) {
      const list = await asked.find(id);
      if (list === undefined) throw new Problem('not_found', `there is no survey ${id}`);
      const { survey, has } = list;
      const receivedAt = clock();
      if (receivedAt >= survey.finalAt) throw new Problem('gone', 'the survey is over');
      if (!isMeasurable) throw new Problem('forbidden', 'the user did not agree to be measured');
      if (!has(device)) throw new Problem('forbidden', 'this device was not asked');
      const isBelieved = at !== undefined && at >= survey.askedAt && at <= receivedAt;
      const moment = isBelieved ? at : receivedAt;
      const isFirst = await deps.putAnswer({
        survey: id,
        device,
        viewer,
        ...(watching === undefined ? {} : { watching }),
        at: moment,
        receivedAt,
        isLogged: await isMeasuredAt(survey.service, moment),
        repeats: 0,
      });
      if (!isFirst) return 'repeated';
      return receivedAt < survey.closesAt ? 'counted' : 'late';
    },

    async closeDue() {
      const due = await store.listDue(clock() - IN_FLIGHT_MS, DUE_AT_ONCE);
      for (const survey of due) await store.finish(survey.id, await tally(survey, true));
      return due.length;
    },

    async exportOf(viewer) {
      const given = await answers.listOfViewer(viewer);
      return given.map(({ survey, watching, at, receivedAt }) => ({
        survey,
        ...(watching === undefined ? {} : { watching }),
        at: new Date(at).toISOString(),
        receivedAt: new Date(receivedAt).toISOString(),
      }));
    },

    eraseOf: (viewer) => answers.removeOfViewer(viewer),

    async removeOld({ answersBefore, surveysBefore }) {
      const listsBefore = clock() - LISTS_KEPT_MS;
      const surveys = await store.removeOld({ surveysBefore, listsBefore });
      return surveys + (await answers.removeReceivedBefore(answersBefore));
    },
  };
}
