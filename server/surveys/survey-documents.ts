// Surveys on the wire: JSON for the staff; a device's answer and its receipt in XML (schemas/Survey.xsd) or JSON (R10, R11, O11).

import type { SurveyResult } from '../../reports/surveys/survey-result.ts';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { readString } from '../http/json-body.ts';
import { readInstant, readText } from '../http/query.ts';
import { Problem } from '../problem.ts';
import { type Survey, type SurveyRequest, type SurveySchedule, stateOf } from './survey.ts';
import type { Receipt } from './surveys.ts';

/** An answer as sent; `at` in epoch ms. The device is known by its id, else its IMSI, else the user. */
export interface SentAnswer {
  watching?: string;
  at?: number;
  deviceId?: string;
  imsi?: string;
}

export const ANSWER_FIELDS = ['watching', 'at', 'deviceId', 'imsi'] as const;

const validator = createXsdValidator(new URL('../../schemas/Survey.xsd', import.meta.url));
const iso = (at: number): string => new Date(at).toISOString();

/** Of named users the number alone: nobody is listed. */
function shownRequest({ service, to, question, timeLimitMs, spreadMs, confidence }: SurveyRequest): object {
  const { viewers, ...rest } = to;
  return {
    service,
    to: { ...rest, ...(viewers === undefined ? {} : { users: viewers.length }) },
    question,
    timeLimitS: timeLimitMs / 1_000,
    spreadS: spreadMs / 1_000,
    confidence,
  };
}

/** Fit for JSON, without the result; `by` is a name. */
export function shownSurvey(survey: Survey, now: number, by: string | undefined): Record<string, unknown> {
  const { id, askedAt, closesAt, finalAt, seed, population, asked, schedule } = survey;
  return {
    id,
    state: stateOf(survey, now),
    ...shownRequest(survey),
    askedAt: iso(askedAt),
    closesAt: iso(closesAt),
    finalAt: iso(finalAt),
    population,
    asked,
    seed,
    ...(by === undefined ? {} : { by }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

/** Suppressed where fewer than `below` answered, or could be compared: a result of few people is about these people (R14). */
export function shownResult(result: SurveyResult, below: number): Record<string, unknown> {
  const { comparison, ...figures } = result;
  if (result.answered < below) return { suppressed: true };
  const isTold = comparison !== undefined && comparison.compared >= below;
  return { suppressed: false, result: { ...figures, ...(isTold ? { comparison } : {}) } };
}

/** Fit for JSON. */
export function shownSchedule({ id, request, when, createdAt }: SurveySchedule): object {
  const timing = 'at' in when ? { at: iso(when.at) } : when;
  return { id, ...timing, survey: shownRequest(request), createdAt: iso(createdAt) };
}

/** Problem `invalid` with line, element and rule, or `unsupported` (encoding). */
export const readAnswerXml = (body: Uint8Array): SentAnswer =>
  validator.readValid(body, (root) => {
    if (root.name !== 'SurveyAnswer')
      throw new Problem('invalid', `the document is ${root.name}`, {
        faults: [{ line: root.line, element: root.name, rule: 'SurveyAnswer is expected' }],
      });
    const fields = ANSWER_FIELDS.map((name) => [name, root.attr(name)?.value]);
    return readAnswerJson(Object.fromEntries(fields.filter(([, value]) => value !== undefined)));
  });

/** Problem `invalid`. An empty service, or null, is none. */
export function readAnswerJson(fields: Readonly<Record<string, unknown>>): SentAnswer {
  const given: SentAnswer = {};
  const textOf = (name: 'watching' | 'deviceId' | 'imsi'): string | undefined =>
    fields[name] === null || fields[name] === '' ? undefined : readText({ [name]: readString(fields, name) }, name);
  for (const name of ['watching', 'deviceId', 'imsi'] as const) {
    const text = textOf(name);
    if (text !== undefined) given[name] = text;
  }
  const at = readInstant({ at: readString(fields, 'at')?.trim() }, 'at');
  return { ...given, ...(at === undefined ? {} : { at }) };
}

export const receiptJson = (survey: string, result: Receipt): object => ({ survey, result });

/** An id of a survey needs no escaping. */
export const receiptXml = (survey: string, result: Receipt): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<SurveyReceipt xmlns="urn:pocketmeter:survey:1" survey="${survey}" result="${result}"/>\n`;
