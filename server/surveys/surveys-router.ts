// Surveys over HTTP: the staff begin, schedule and read them, handsets answer (R10, R11, O1).

import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import { answerFormOf, eitherEncoder } from '../http/answer-form.ts';
import { callerOf, type Guard } from '../http/caller.ts';
import { readJsonObject } from '../http/json-body.ts';
import { readLimit, readText } from '../http/query.ts';
import { readBody } from '../http/request-body.ts';
import { sendPage } from '../http/send-page.ts';
import { sendsXml } from '../http/xml-or-json.ts';
import { Problem } from '../problem.ts';
import type { Survey } from './survey.ts';
import type { SurveyAsking } from './survey-asking.ts';
import { readSchedule, readSurvey, SCHEDULE_FIELDS, SURVEY_FIELDS } from './survey-body.ts';
import {
  ANSWER_FIELDS,
  readAnswerJson,
  readAnswerXml,
  receiptJson,
  receiptXml,
  type SentAnswer,
  shownResult,
  shownSchedule,
  shownSurvey,
} from './survey-documents.ts';
import type { SurveySchedules } from './survey-schedules.ts';
import type { Surveys } from './surveys.ts';

export interface SurveysRouterDeps {
  surveys: Surveys;
  schedules: SurveySchedules;
  asking: SurveyAsking;
  guard: Guard;
  findStaff(user: string): Promise<{ viewer: number } | undefined>;
  findHandset(user: string): Handset | undefined | Promise<Handset | undefined>;
  /** The number of a user's device, as its reports have it. */
  deviceOf(sender: { user: string; deviceId?: string; imsi?: string }): number;
  /** Whether viewing of a service is measured of a user at a moment. */
  isMeasuredAt(user: string, service: string, at: number): boolean | Promise<boolean>;
  servicesOf(provider: string): Promise<string[]>;
  userOf(viewer: number): Promise<string | undefined>;
  /** Results of fewer answers are not shown to providers. */
  suppressBelow: number;
  /** IANA zone of schedules that name none. */
  zone: string;
  clock: () => number;
  /** Tell faults in the form that was asked for. */
  encodeProblem: Record<'xml' | 'json', ErrorRequestHandler>;
}

interface Handset {
  viewer: number;
  measurable: boolean;
}

const BODY_BYTES = 262_144; // a thousand names
const ANSWER_BYTES = 4_096;

export function surveysRouter(deps: SurveysRouterDeps): Router {
  const { surveys, schedules, guard, clock } = deps;
  const router = Router();
  const staff = guard('provider', 'operator', 'administrator');

  const ownServicesOf = async (response: Response): Promise<{ ownServices?: string[] }> => {
    const { role, provider = '' } = callerOf(response);
    return role === 'provider' ? { ownServices: await deps.servicesOf(provider) } : {};
  };
  const askerOf = async (response: Response) => {
    const { user } = callerOf(response);
    const account = await deps.findStaff(user);
    if (account === undefined) throw new Problem('unauthorized', 'the account is gone');
    return { by: user, viewer: account.viewer, ...(await ownServicesOf(response)) };
  };
  const shown = async (survey: Survey) => shownSurvey(survey, clock(), await deps.userOf(survey.by));

  router.get('/surveys', staff, async (request, response) => {
    const limit = readLimit(request.query);
    const before = readPlace(request);
    const { ownServices: services } = await ownServicesOf(response);
    const page = await surveys.list({
      limit,
      ...(before === undefined ? {} : { before }),
      ...(services === undefined ? {} : { services }),
    });
    const last = page.length === limit ? page.at(-1) : undefined;
    const next = last === undefined ? {} : { next: `${last.askedAt}-${last.id}` };
    response.json({ items: await Promise.all(page.map(shown)), ...next });
  });

  router.post('/surveys', staff, async (request, response) => {
    const asked = readSurvey(await readJsonObject(request, { limitBytes: BODY_BYTES, fields: SURVEY_FIELDS }));
    const { survey, isKnown } = await deps.asking.start(asked, await askerOf(response));
    response.location(`/surveys/${survey.id}`).status(isKnown ? 200 : 201);
    response.json(await shown(survey));
  });

  router.get('/surveys/schedules', guard('operator', 'administrator'), async (request, response) => {
    sendPage(request, response, (await schedules.list()).map(shownSchedule));
  });

  router.post('/surveys/schedules', guard('operator', 'administrator'), async (request, response) => {
    const fields = await readJsonObject(request, { limitBytes: BODY_BYTES, fields: SCHEDULE_FIELDS });
    const asked = readSchedule(fields, deps.zone);
    const { schedule, isKnown } = await deps.asking.schedule(asked, await askerOf(response));
    response.status(isKnown ? 200 : 201).json(shownSchedule(schedule));
  });

  router.delete('/surveys/schedules/:id', guard('operator', 'administrator'), async (request, response) => {
    await schedules.remove(String(request.params.id), callerOf(response).user);
    response.status(204).end();
  });

  router.get('/surveys/:id', staff, async (request, response) => {
    const survey = await surveys.get(String(request.params.id));
    const { ownServices } = await ownServicesOf(response);
    if (ownServices !== undefined && !ownServices.includes(survey.service))
      throw new Problem('forbidden', 'the survey is about a service of another provider');
    const below = ownServices === undefined ? 0 : deps.suppressBelow;
    response.json({ ...(await shown(survey)), ...shownResult(await surveys.resultOf(survey), below) });
  });

  router.post('/surveys/:id/answers', guard('handset'), async (request, response) => {
    const form = answerFormOf(request);
    const { user } = callerOf(response);
    const { watching, at, deviceId, imsi } = await readAnswer(request);
    const found = await deps.findHandset(user);
    if (found === undefined) throw new Problem('unauthorized', 'the account is gone');
    const terminal = { ...(deviceId === undefined ? {} : { deviceId }), ...(imsi === undefined ? {} : { imsi }) };
    const id = String(request.params.id);
    const receipt = await surveys.answer(id, {
      viewer: found.viewer,
      device: deps.deviceOf({ user, ...terminal }),
      ...(watching === undefined ? {} : { watching }),
      ...(at === undefined ? {} : { at }),
      isMeasurable: found.measurable,
      isMeasuredAt: (service, moment) => deps.isMeasuredAt(user, service, moment),
    });
    response.setHeader('Cache-Control', 'no-store');
    response.vary('Accept');
    if (form === 'json') response.json(receiptJson(id, receipt));
    else response.type('application/xml').send(receiptXml(id, receipt));
  });

  router.use(eitherEncoder(isSurveyAnswerAddress, deps.encodeProblem));
  return router;
}

/** Whether faults are told in the handsets' form, unless JSON is asked for. */
export const isSurveyAnswerAddress = (_method: string, path: string): boolean =>
  /^\/surveys\/[^/]+\/answers\/?$/i.test(path);

async function readAnswer(request: Request): Promise<SentAnswer> {
  if (sendsXml(request)) return readAnswerXml(await readBody(request, ANSWER_BYTES));
  return readAnswerJson(await readJsonObject(request, { limitBytes: ANSWER_BYTES, fields: ANSWER_FIELDS }));
}

function readPlace({ query }: Request): { askedAt: number; id: string } | undefined {
  const after = readText(query, 'after');
  if (after === undefined) return undefined;
  const [, askedAt, id] = /^(\d{1,15})-([\w.:-]+)$/.exec(after) ?? [];
  if (askedAt === undefined || id === undefined)
    throw new Problem('invalid', 'after is the next of a page', { faults: [{ element: 'after', rule: 'cursor' }] });
  return { askedAt: Number(askedAt), id };
}
