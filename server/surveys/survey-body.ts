// Reads a survey, or a schedule of one, as it is asked for, whichever door it comes by: every field has its check (O11, R10).

import { isZone } from '../../sg/zone-time.ts';
import { isObject, readString } from '../http/json-body.ts';
import { readInstant } from '../http/query.ts';
import { Problem } from '../problem.ts';
import type { SurveyRequest, SurveySchedule, SurveyTarget } from './survey.ts';

/** A survey that names users by their log-in names. */
export interface NamedSurvey extends Omit<SurveyRequest, 'to'> {
  to: Omit<SurveyTarget, 'viewers'> & { users?: string[] };
  id?: string;
}

export interface NamedSchedule {
  survey: NamedSurvey;
  when: SurveySchedule['when'];
  id?: string;
}

export const SURVEY_FIELDS = ['service', 'to', 'question', 'timeLimitS', 'spreadS', 'confidence', 'id'] as const;
export const SCHEDULE_FIELDS = ['survey', 'cron', 'zone', 'at', 'id'] as const;

type Fields = Readonly<Record<string, unknown>>;

export const TIME_LIMIT_S = { least: 10, most: 3_600, otherwise: 120 };
export const CONFIDENCE = { least: 0.5, most: 0.999, otherwise: 0.95 };
export const MOST_USERS = 1_000;
export const MOST_SAMPLE = 1_000_000;

const ID = /^(?!schedules$)[\w.:-]{1,80}$/; // an address; a survey of a schedule has the time behind it
const LANGUAGE = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}$/;
const LONGEST_NAME = 200;
const LONGEST_QUESTION = 500; // of a handset's screen
const MOST_LANGUAGES = 50;
const MOST_DEMOGRAPHICS = 20;

/** Problem `invalid` with the field that is wrong. */
export function readSurvey(fields: Fields): NamedSurvey {
  const timeLimitS = readNumber(fields, 'timeLimitS', TIME_LIMIT_S) ?? TIME_LIMIT_S.otherwise;
  const spreadS = readNumber(fields, 'spreadS', { least: 0, most: timeLimitS }) ?? timeLimitS / 3;
  const id = readId(fields);
  return {
    service: readName(fields, 'service'),
    to: readTarget(fields.to),
    question: readQuestion(fields.question),
    timeLimitMs: Math.round(timeLimitS * 1_000),
    spreadMs: Math.round(spreadS * 1_000),
    confidence: readNumber(fields, 'confidence', CONFIDENCE) ?? CONFIDENCE.otherwise,
    ...(id === undefined ? {} : { id }),
  };
}

/** `zone` is that of a `cron` that names none. Problem `invalid` with the field that is wrong. */
export function readSchedule(fields: Fields, zone: string): NamedSchedule {
  if (!isObject(fields.survey)) throw wrong('survey', 'is what POST /surveys takes', 'form');
  const unknown = Object.keys(fields.survey).find((name) => !SURVEY_FIELDS.some((known) => known === name));
  if (unknown !== undefined || fields.survey.id !== undefined)
    throw wrong(`survey.${(unknown ?? 'id').slice(0, LONGEST_NAME)}`, 'is no field of a scheduled survey', 'unknown');
  const id = readId(fields);
  return {
    survey: readSurvey(fields.survey),
    when: readWhen(fields, zone),
    ...(id === undefined ? {} : { id }),
  };
}

function readWhen(fields: Fields, zone: string): SurveySchedule['when'] {
  const at = readInstant({ at: readString(fields, 'at') }, 'at');
  if ((at === undefined) === (fields.cron === undefined)) throw wrong('cron', 'or at is given, one of both', 'one');
  if (at !== undefined) {
    if (fields.zone !== undefined) throw wrong('zone', 'belongs to cron', 'one');
    return { at };
  }
  const cron = readName(fields, 'cron').trim().split(/\s+/);
  if (cron.length !== 5) throw wrong('cron', 'has five fields: minute, hour, day, month, weekday', 'form');
  const named = readString(fields, 'zone') ?? zone;
  if (!isZone(named)) throw wrong('zone', 'is an IANA time zone', 'zone');
  return { cron: cron.join(' '), zone: named };
}

function readTarget(value: unknown): NamedSurvey['to'] {
  if (value === undefined) return {};
  if (!isObject(value)) throw wrong('to', 'has users, group, sample or percent, or nothing', 'form');
  const { users, group, sample, percent, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`to.${unknown.slice(0, LONGEST_NAME)}`, 'is no field of it', 'unknown');
  if (sample !== undefined && percent !== undefined) throw wrong('to.sample', 'and percent exclude each other', 'one');
  const within = { 'to.sample': sample, 'to.percent': percent };
  const number = readNumber(within, 'to.sample', { least: 1, most: MOST_SAMPLE });
  if (number !== undefined && !Number.isInteger(number)) throw wrong('to.sample', 'is a whole number', 'range');
  const share = readNumber(within, 'to.percent', { least: 0.0001, most: 100 });
  return {
    ...(users === undefined ? {} : { users: readUsers(users) }),
    ...(group === undefined ? {} : { group: readGroup(group) }),
    ...(number === undefined ? {} : { sample: number }),
    ...(share === undefined ? {} : { percent: share }),
  };
}

function readUsers(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  const users = list.filter((user) => typeof user === 'string' && user !== '' && user.length <= LONGEST_NAME);
  if (list.length === 0 || users.length !== list.length || list.length > MOST_USERS)
    throw wrong('to.users', `lists 1 to ${MOST_USERS} log-in names`, 'number');
  return [...new Set(users as string[])];
}

function readGroup(value: unknown): Record<string, string> {
  const pairs = isObject(value) ? Object.entries(value) : [];
  const good = pairs.filter(([, text]) => typeof text === 'string' && text !== '' && text.length <= LONGEST_NAME);
  if (pairs.length === 0 || pairs.length > MOST_DEMOGRAPHICS || good.length !== pairs.length)
    throw wrong('to.group', `has 1 to ${MOST_DEMOGRAPHICS} demographics, such as {"sex": "f"}`, 'form');
  return Object.fromEntries(good) as Record<string, string>;
}

function readQuestion(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value)) throw wrong('question', 'is a text by language', 'form');
  const texts = Object.entries(value);
  if (texts.length > MOST_LANGUAGES) throw wrong('question', `has ${MOST_LANGUAGES} languages at most`, 'number');
  for (const [language, text] of texts) {
    if (!LANGUAGE.test(language)) throw wrong('question', 'has languages such as de or pt-BR (BCP 47)', 'language');
    if (typeof text !== 'string' || text === '' || text.length > LONGEST_QUESTION)
      throw wrong(`question.${language}`, `has 1 to ${LONGEST_QUESTION} characters`, 'length');
  }
  return Object.fromEntries(texts) as Record<string, string>;
}

function readId(fields: Fields): string | undefined {
  const id = readString(fields, 'id');
  if (id !== undefined && !ID.test(id)) throw wrong('id', 'has 1 to 80 letters, digits or _.:-', 'form');
  return id;
}

function readName(fields: Fields, name: string): string {
  const text = readString(fields, name);
  if (text === undefined || text === '' || text.length > LONGEST_NAME)
    throw wrong(name, `is a text of 1 to ${LONGEST_NAME} characters`, 'length');
  return text;
}

function readNumber(fields: Fields, name: string, { least, most }: { least: number; most: number }) {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw wrong(name, `is a number from ${least} to ${most}`, 'range');
  return value;
}

function wrong(element: string, told: string, rule: string): Problem {
  return new Problem('invalid', `${element} ${told}`, { faults: [{ element, rule }] });
}
