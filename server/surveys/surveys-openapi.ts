// Surveys in the OpenAPI document (R10, R11, O7).

import {
  choiceQuery,
  json,
  nothing,
  type OpenapiPart,
  oneOf,
  paging,
  path,
  query,
  xml,
} from '../http/openapi-operation.ts';
import { choice, instant, object, page, ref, text } from '../http/openapi-schema.ts';
import { surveySchemas } from './survey-schemas.ts';

const staff = ['provider', 'operator', 'administrator'] as const;
const { default: _, ...formats } = choiceQuery('format', ['xml', 'json'], '').schema;
const format = query('format', formats, 'Default: by Accept, else xml.');
const id = path('id', 'Of the survey.', 'who-watches-01');

export const surveysOpenapi: OpenapiPart = {
  tag: { name: 'surveys', description: 'Asking who is watching' },
  paths: {
    '/surveys': {
      post: {
        summary: 'Ask devices what they watch now',
        description: `Who is asked is decided at once, and told by an event of the kind \`survey\`. A provider asks about its own services, and
names no users. The same \`id\` again is the same survey, answered with 200.`,
        roles: staff,
        body: json(ref('NewSurvey'), 'The survey', {
          service: '01',
          to: { percent: 50 },
          question: { en: 'Are you watching One now?' },
        }),
        answers: {
          200: json(ref('Survey'), 'It was there already'),
          201: {
            ...json(ref('Survey'), 'It is kept, and devices are asked'),
            headers: { Location: { description: 'Where it is read', schema: text() } },
          },
        },
        problems: ['not_found', 'conflict'],
      },
      get: {
        summary: 'Surveys, newest first',
        description: 'A provider sees those about its own services.',
        roles: staff,
        parameters: paging,
        answers: { 200: json(page(ref('Survey')), 'Without their results') },
      },
    },
    '/surveys/schedules': {
      post: {
        summary: 'Ask again and again, or once at a time to come',
        description:
          'Its surveys have the id of the schedule and the time behind it. The same `id` again is the same schedule.',
        roles: ['operator', 'administrator'],
        body: json(ref('NewSurveySchedule'), 'The schedule', {
          cron: '0 20 * * *',
          zone: 'Europe/Berlin',
          survey: { service: '01', to: { sample: 1_000 } },
        }),
        answers: {
          200: json(ref('SurveySchedule'), 'It was there already'),
          201: json(ref('SurveySchedule'), 'It is kept'),
        },
        problems: ['not_found', 'conflict'],
      },
      get: {
        summary: 'Schedules of surveys',
        roles: ['operator', 'administrator'],
        parameters: paging,
        answers: { 200: json(page(ref('SurveySchedule')), 'By id') },
      },
    },
    '/surveys/schedules/{id}': {
      delete: {
        summary: 'End a schedule; its surveys stay',
        roles: ['operator', 'administrator'],
        parameters: [path('id', 'Of the schedule.', 'every-evening')],
        answers: { 204: nothing('It is gone') },
        problems: ['not_found'],
      },
    },
    '/surveys/{id}': {
      get: {
        summary: 'A survey and its result, so far or final',
        description: `From the end of the time limit on the answers are held against the session log; late reports may change that until the
result is final. To a provider a result of fewer than SUPPRESS_BELOW answers is suppressed.`,
        roles: staff,
        parameters: [id],
        answers: { 200: json(ref('SurveyWithResult'), 'The survey') },
        problems: ['not_found'],
      },
    },
    '/surveys/{id}/answers': {
      post: {
        summary: 'Answer what this device shows',
        description: `One answer a device: others, and those after the time limit, are counted apart. 403: the device was not asked, or its user may
not be measured; 410: the survey is over. Nothing is kept then.`,
        roles: ['handset'],
        parameters: [id, format],
        body: oneOf(
          json(
            object(
              {},
              {
                watching: {
                  ...text('The service that the device shows; empty, null or absent: none'),
                  type: ['string', 'null'],
                },
                at: instant('When, by the device’s clock'),
                deviceId: text('As in the device’s reports'),
                imsi: text('The same, where these have no device id'),
              },
            ),
            'The answer',
            { watching: '01' },
          ),
          xml('Survey.xsd', 'the same as XML', undefined, ['application/xml', 'text/xml']),
        ),
        answers: {
          200: oneOf(
            xml('Survey.xsd', 'A SurveyReceipt document; the answer is durable'),
            json(
              object({ survey: text(), result: choice(['counted', 'late', 'repeated'], 'What was done with it') }),
              'as JSON',
            ),
          ),
        },
        problems: ['not_found', 'gone'],
        form: 'either',
      },
    },
  },
  schemas: surveySchemas,
};
