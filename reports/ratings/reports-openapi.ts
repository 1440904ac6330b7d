// Rating figures in the OpenAPI document (R8, R14).

import type { Role } from '../../server/http/caller.ts';
import {
  choiceQuery,
  csv,
  instantQuery,
  json,
  type OpenapiPart,
  oneOf,
  query,
  textQuery,
  wholeQuery,
  xml,
} from '../../server/http/openapi-operation.ts';
import {
  choice,
  decimal,
  instant,
  listOf,
  object,
  ref,
  type Schema,
  text,
  whole,
} from '../../server/http/openapi-schema.ts';
import { RANKS, REACH_BOUNDS_S } from './rating-criteria.ts';
import { HEADER_COLUMNS, ROW_COLUMNS } from './rating-report.ts';
import { DEFAULT_REACH_S } from './rules.ts';

const readers: Role[] = ['provider', 'administrator'];
const window = [
  instantQuery('from', 'Start of the window; default a day before its end.'),
  instantQuery('to', 'End of the window; default a day after from, else the last midnight in UTC.'),
];
const SOMETIMES = new Set<string>([
  'services',
  'programme',
  'provider',
  'sessions',
  'imputedPercent',
  'programmesCompared',
  'programmesDisagreeing',
]);

/** The fields of the table that every format is written by; those that `isOptional` picks may be absent. */
function columns(
  table: readonly (readonly [key: string, kind: 'text' | 'number' | 'instant'])[],
  isOptional: (key: string) => boolean,
): Schema {
  const kinds = { text: text(), number: decimal(), instant: instant() };
  const fields = table.map(([key, kind]): [string, Schema] => [
    key,
    key === 'suppressed' ? { const: true, description: 'Too few people are behind the figures' } : kinds[kind],
  ]);
  const pick = (optional: boolean): Record<string, Schema> =>
    Object.fromEntries(fields.filter(([key]) => isOptional(key) === optional));
  return object(pick(false), pick(true));
}

export const reportsOpenapi: OpenapiPart = {
  tag: { name: 'reports', description: 'Audience figures' },
  paths: {
    '/reports/ratings': {
      get: {
        summary: 'A rating report of services or programmes',
        description: 'A provider gets its own services, and no cells from fewer people than SUPPRESS_BELOW.',
        roles: readers,
        parameters: [
          ...window,
          textQuery('service', 'Only this service; of another provider: 403.'),
          textQuery('programme', 'Only this programme; its rows are by programme.'),
          query(
            'by',
            choice(['service', 'programme']),
            'What a row is; default service, or programme when one is named.',
          ),
          choiceQuery('base', ['second', 'minute'], 'What viewing is counted in.'),
          wholeQuery('reach', REACH_BOUNDS_S, 'Seconds of viewing that count as reached.', DEFAULT_REACH_S),
          choiceQuery('kind', ['consecutive', 'cumulative'], 'Whether those seconds are of one piece.'),
          query('format', choice(['json', 'xml', 'csv']), 'Goes before Accept; default json.'),
        ],
        answers: {
          200: oneOf(
            json(ref('RatingReport'), 'The report'),
            xml('RatingReport.xsd', 'the same as XML'),
            csv('the same as CSV'),
          ),
        },
        problems: ['too_large', 'unsupported'],
      },
    },
    '/reports/attention': {
      get: {
        summary: 'What is watched most: by time, then by people',
        roles: readers,
        parameters: [
          ...window,
          choiceQuery('of', ['programme', 'service'], 'What is ranked.'),
          wholeQuery('limit', RANKS, 'The last rank; all that tie for it are listed.', RANKS.otherwise),
        ],
        answers: {
          200: json(
            object({
              criteria: object({
                from: instant(),
                to: instant(),
                of: choice(['programme', 'service']),
                limit: whole(),
              }),
              items: listOf(ref('RankedItem')),
            }),
            'Both lists, one after the other',
          ),
        },
        problems: ['too_large'],
      },
    },
  },
  schemas: {
    RatingReport: object(
      {
        criteria: columns(HEADER_COLUMNS, (key) => SOMETIMES.has(key)),
        items: listOf(ref('RatingRow')),
      },
      { total: ref('RatingRow') },
    ),
    RatingRow: columns(ROW_COLUMNS, (key) => key !== 'measuredSeconds' && key !== 'ofSeconds'),
    RankedItem: object(
      {
        order: choice(['time', 'people']),
        rank: whole('From 1; equals share one'),
        service: text(),
        serviceName: text(),
        viewerSeconds: decimal(),
        people: decimal(),
      },
      { programme: text(), title: text() },
    ),
  },
};
