// The schemas of surveys in the OpenAPI document (R10, R11, O7).

import {
  choice,
  decimal,
  flag,
  instant,
  listOf,
  mapOf,
  object,
  ref,
  type Schema,
  text,
  whole,
} from '../http/openapi-schema.ts';
import { CONFIDENCE, MOST_SAMPLE, MOST_USERS, TIME_LIMIT_S } from './survey-body.ts';

const between = ({ least: minimum, most: maximum, otherwise }: typeof TIME_LIMIT_S, told: string): Schema => ({
  ...decimal(told),
  minimum,
  maximum,
  default: otherwise,
});

const drawn = {
  group: mapOf(text(), 'Of users who have all of these demographics'),
  sample: whole('So many of them, drawn at random', { minimum: 1, maximum: MOST_SAMPLE }),
  percent: decimal('Such a share of them, drawn at random; not with `sample`'),
};
const question = mapOf(text(), 'By language (BCP 47)');
const timing = {
  timeLimitS: between(TIME_LIMIT_S, 'Answers that come later are counted apart'),
  spreadS: decimal('Devices answer after a random time up to this; default: a third of the limit'),
  confidence: between(CONFIDENCE, 'Of the interval'),
};
const percent = (told: string): Schema => ({ ...decimal(told), type: ['number', 'null'] });

const asked = {
  service: text('Of the guide'),
  to: {
    ...object({}, { ...drawn, users: whole('How many were named') }),
    description: 'Whom, of the devices online whose users may be measured; empty: all',
  },
  question,
  ...timing,
};
const survey = {
  id: text(),
  state: choice(['open', 'closed', 'final']),
  ...asked,
  askedAt: instant(),
  closesAt: instant('Later answers are late'),
  finalAt: instant('Then nothing is taken any more'),
  population: object({
    online: whole('Devices'),
    measurable: whole('Of these, whose users may be measured'),
    eligible: whole('Of these, who are of the users and the group asked for'),
  }),
  asked: whole('Devices: all who are eligible, or a random sample'),
  seed: text('The sample are the devices whose SHA-256 of seed, space and number is least'),
};
const maybe = { by: text('Who began it'), schedule: text('By which it was begun') };
const result = object(
  {
    asked: whole('Devices'),
    answered: whole('Within the limit; the next three in all'),
    watching: whole('Who name the service'),
    others: whole('Who name another'),
    none: whole('Who name none'),
    late: whole('Devices that answered after the limit'),
    repeated: whole('Answers of devices that had answered'),
    ratingPercent: percent('100 · watching / answered'),
    ratingLowPercent: percent('Wilson’s interval, for a finite population: `population.eligible`'),
    ratingHighPercent: percent('The same'),
    nonResponsePercent: percent('100 · (asked − answered) / asked'),
    audience: percent('Devices on the service: the rating times `population.eligible`'),
    audienceLow: percent('The same of the interval'),
    audienceHigh: percent('The same'),
    responseCurve: listOf(whole(), 'How many had answered after each tenth of the limit'),
    missing: mapOf(text(), 'Why a figure is null, by its name'),
  },
  { comparison: ref('SurveyComparison') },
);

export const surveySchemas: Readonly<Record<string, Schema>> = {
  NewSurvey: object(
    { service: text('Of the guide') },
    {
      to: object({}, { ...drawn, users: listOf(text(), `The devices of these users, ${MOST_USERS} at most`) }),
      question,
      ...timing,
      id: text('Letters, digits and _.:-; made up if absent', { maxLength: 80 }),
    },
  ),
  Survey: object(survey, maybe),
  SurveyWithResult: object(
    { ...survey, suppressed: flag('Then there is no result') },
    { ...maybe, result: ref('SurveyResult') },
  ),
  SurveyResult: result,
  SurveyComparison: object({
    compared: whole('Answers of which the log can tell; the next four in all'),
    saysWatchingLogWatching: whole(),
    saysWatchingLogNot: whole(),
    saysNotLogWatching: whole(),
    saysNotLogNot: whole(),
    unlogged: whole('Answers outside measured windows, of which it can’t'),
    agreementPercent: percent('Claim and log say the same'),
    overClaimPercent: percent('Claim to watch, of those who by the log do not'),
    underReportPercent: percent('Claim not to watch, of those who by the log do'),
    adjustmentFactor: percent('Who watches by the log / who claims to'),
  }),
  NewSurveySchedule: object(
    { survey: ref('NewSurvey') },
    {
      cron: text('Five fields; one of `cron` and `at`'),
      zone: text('IANA; default: ZONE'),
      at: instant('Once'),
      id: text('Made up if absent', { maxLength: 80 }),
    },
  ),
  SurveySchedule: object(
    { id: text(), survey: object(asked), createdAt: instant() },
    { cron: text(), zone: text(), at: instant() },
  ),
};
