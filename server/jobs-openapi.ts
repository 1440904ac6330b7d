// The jobs in the OpenAPI document (R15).

import { instantQuery, json, type OpenapiPart, paging, path } from './http/openapi-operation.ts';
import { flag, instant, listOf, object, page, ref, text, whole } from './http/openapi-schema.ts';

const name = path('name', 'The job’s name.', 'retention');

export const jobsOpenapi: OpenapiPart = {
  tag: { name: 'jobs', description: 'What runs by the clock' },
  paths: {
    '/jobs': {
      get: {
        summary: 'The jobs and how they stand',
        roles: ['operator', 'administrator'],
        answers: { 200: json(object({ items: listOf(ref('Job')) }), 'Jobs') },
      },
    },
    '/jobs/{name}/runs': {
      get: {
        summary: 'Runs of a job, latest first',
        roles: ['operator', 'administrator'],
        parameters: [name, ...paging],
        answers: { 200: json(page(ref('JobRun')), 'Runs') },
        problems: ['not_found'],
      },
      post: {
        summary: 'Run a job now',
        roles: ['administrator'],
        parameters: [name, instantQuery('dueAt', 'Makes up for this due time; default: the run is for now.')],
        answers: { 200: json(ref('JobRun'), 'It has ended, well or not'), 202: json(ref('JobRun'), 'It runs') },
        problems: ['not_found', 'conflict'],
      },
    },
  },
  schemas: {
    Job: object(
      {
        name: text(),
        schedule: text('Cron expression'),
        zone: text('IANA time zone'),
        catchUp: flag('Missed runs are made up for'),
      },
      {
        nextDueAt: instant(),
        running: object({ dueAt: instant(), startedAt: instant(), rows: whole('So far') }),
        lastRun: ref('JobRun'),
      },
    ),
    JobRun: object(
      {
        name: text(),
        dueAt: instant('What the run is for'),
        startedAt: instant(),
        by: text('schedule, catch-up, or a user'),
        attempts: whole(),
      },
      { endedAt: instant(), rows: whole('Written'), error: text('Why it failed') },
    ),
  },
};
