// Flow, duplicated reach and frequency in the OpenAPI document (R2).

import { instantQuery, json, type OpenapiPart, required, textQuery } from '../../server/http/openapi-operation.ts';
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
import { REACH_PARAMETERS, READERS, SERVICES_PARAMETER, WINDOW_PARAMETERS } from '../ratings/report-parameters.ts';

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
        roles: READERS,
        parameters: [
          required(textQuery('service', 'The service of the programme.'), '01'),
          instantQuery('at', 'A time at which it is on; default: the last that began.'),
          ...REACH_PARAMETERS,
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
        roles: READERS,
        parameters: [...WINDOW_PARAMETERS, SERVICES_PARAMETER, ...REACH_PARAMETERS],
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
        roles: READERS,
        parameters: [
          ...WINDOW_PARAMETERS,
          SERVICES_PARAMETER,
          textQuery('programme', 'Only broadcasts of this programme.'),
          textQuery('series', 'Only broadcasts of this series.'),
          ...REACH_PARAMETERS,
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
