// Flow, duplicated reach and frequency in the OpenAPI document (R2).

import type { Role } from '../../server/http/caller.ts';
import {
  choiceQuery,
  instantQuery,
  json,
  type OpenapiPart,
  required,
  textQuery,
  wholeQuery,
} from '../../server/http/openapi-operation.ts';
import {
  choice,
  decimal,
  instant,
  listOf,
  object,
  type Schema,
  text,
  whole,
} from '../../server/http/openapi-schema.ts';
import { REACH_BOUNDS_S } from '../ratings/rating-criteria.ts';
import { DEFAULT_REACH_S } from '../ratings/rules.ts';

const readers: Role[] = ['provider', 'administrator'];
const reach = [
  wholeQuery('reach', REACH_BOUNDS_S, 'Seconds of viewing that count as reached.', DEFAULT_REACH_S),
  choiceQuery('kind', ['consecutive', 'cumulative'], 'Whether those seconds are of one piece.'),
];
const window = [
  textQuery('date', 'A broadcast day in ZONE, instead of from and to.'),
  instantQuery('from', 'Start of the window; default a day before its end.'),
  instantQuery('to', 'End of the window; default a day after from, else the last midnight in UTC.'),
  textQuery('service', 'Only these services, between commas; of another provider: 403.'),
];
const suppressed: Record<string, Schema> = { suppressed: { const: true } };
const reachCriteria = { reachSeconds: whole(), reachKind: choice(['consecutive', 'cumulative']) };
const slot = object({ programme: text(), title: text(), startAt: instant(), stopAt: instant() });
const criteria = object(
  { from: instant(), to: instant(), ...reachCriteria },
  { services: listOf(text()), programme: text(), series: text(), provider: text() },
);

export const overlapOpenapi: OpenapiPart = {
  tag: { name: 'reports', description: 'Audience figures' },
  paths: {
    '/reports/flow': {
      get: {
        summary: 'Where the viewers of a programme came from, and where those of the one before went',
        description:
          'Viewers of the last quarter-hour of the lead-in and of the first of the programme, from and to every service and off. A provider gets its own services by name; others are together.',
        roles: readers,
        parameters: [
          required(textQuery('service', 'The service of the programme.'), '01'),
          instantQuery('at', 'A time at which it is on; default: the last that began.'),
          ...reach,
        ],
        answers: {
          200: json(
            object({
              criteria: object({ service: text(), ...reachCriteria }, { provider: text() }),
              target: slot,
              leadIn: slot,
              items: listOf(
                object(
                  {},
                  {
                    from: text(),
                    to: text(),
                    viewers: decimal(),
                    sourcePercent: decimal(),
                    retentionPercent: decimal(),
                    ...suppressed,
                  },
                ),
              ),
            }),
            'A row for each way that somebody took; without from or to: off',
          ),
        },
        problems: ['not_found', 'gone'],
      },
    },
    '/reports/duplication': {
      get: {
        summary: 'Who is reached by two services, and who by one alone',
        description:
          "A provider's are among its own services; one number that few people are behind hides those of all services that share viewers with its.",
        roles: readers,
        parameters: [...window, ...reach],
        answers: {
          200: json(
            object({
              criteria,
              services: listOf(object({ service: text() }, { reach: decimal(), exclusive: decimal(), ...suppressed })),
              pairs: listOf(object({ service: text(), other: text() }, { reach: decimal(), ...suppressed })),
            }),
            'Reach of each service, and of each pair that shares somebody',
          ),
        },
        problems: ['too_large', 'gone'],
      },
    },
    '/reports/frequency': {
      get: {
        summary: 'How many broadcasts people saw',
        description: "Of broadcasts that the window cuts, that part; a provider's report is of whole ones alone.",
        roles: readers,
        parameters: [
          ...window,
          textQuery('programme', 'Only broadcasts of this programme.'),
          textQuery('series', 'Only broadcasts of this series.'),
          ...reach,
        ],
        answers: {
          200: json(
            object({
              criteria,
              broadcasts: whole(),
              universe: decimal(),
              items: listOf(
                object({ times: whole() }, { viewers: decimal(), viewersOrMore: decimal(), ...suppressed }),
              ),
            }),
            'By how often, from once',
          ),
        },
        problems: ['too_large', 'gone'],
      },
    },
  },
  schemas: {},
};
