// Rating figures in the OpenAPI document (R8, R14).

import {
  choiceQuery,
  csv,
  html,
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
import { RANKS } from './rating-criteria.ts';
import { HEADER_COLUMNS, KEY_COLUMNS, ROW_COLUMNS } from './rating-report.ts';
import { REACH_PARAMETERS, READERS, SERVICES_PARAMETER, WINDOW_PARAMETERS } from './report-parameters.ts';

const rows = [
  SERVICES_PARAMETER,
  textQuery('programme', 'Only this programme; its rows are by programme, episode, series or genre.'),
  textQuery(
    'by',
    'What a row is of: at most one each of all, service (default), programme, episode, series, genre, provider; minute, quarter-hour, hour, daypart, day, week, weekday; region, device, shift, group:<key>; between commas.',
  ),
  choiceQuery('base', ['second', 'minute'], 'What viewing is counted in.'),
  ...REACH_PARAMETERS,
];
const SOMETIMES = new Set<string>([
  'services',
  'programme',
  'provider',
  'sessions',
  'imputedPercent',
  'programmesCompared',
  'programmesDisagreeing',
  'effectiveSample',
  'revision',
]);

type Table = readonly (readonly [key: string, kind: 'text' | 'number' | 'instant', exchangeName?: string])[];

/** The fields of the table that every format is written by, by their names in JSON. */
function columnsOf(table: Table): Record<string, Schema> {
  const kinds = { text: text(), number: decimal(), instant: instant() };
  return Object.fromEntries(
    table.map(([key, kind, exchangeName = key]) => [
      exchangeName,
      key === 'suppressed' ? { const: true, description: 'Too few people are behind the figures' } : kinds[kind],
    ]),
  );
}

/** Those that `isOptional` picks may be absent. */
function columns(table: Table, isOptional: (key: string) => boolean): Schema {
  const part = (optional: boolean): Record<string, Schema> =>
    columnsOf(table.filter(([key]) => isOptional(key) === optional));
  return object(part(false), part(true));
}

export const reportsOpenapi: OpenapiPart = {
  tag: { name: 'reports', description: 'Audience figures' },
  paths: {
    '/reports/ratings': {
      get: {
        summary: 'A rating report of services or programmes',
        description: 'A provider gets its own services, and no cells from fewer people than SUPPRESS_BELOW.',
        roles: READERS,
        parameters: [
          ...WINDOW_PARAMETERS,
          ...rows,
          wholeQuery('revision', { least: 1, most: 1_000_000 }, 'As it was made then; the latest otherwise.'),
          query('format', choice(['json', 'xml', 'csv', 'html']), 'Goes before Accept; default json.'),
        ],
        answers: {
          200: oneOf(
            json(ref('RatingReport'), 'The report'),
            xml('RatingReport.xsd', 'the same as XML'),
            csv('the same as CSV'),
            html('the same as a page for people, with charts'),
          ),
        },
        problems: ['too_large', 'unsupported', 'not_found', 'gone'],
      },
    },
    '/reports/ratings/diff': {
      get: {
        summary: 'What changed between two revisions of a report',
        description: 'Of the report that the same parameters ask for. Without revisions: the last two.',
        roles: READERS,
        parameters: [
          ...WINDOW_PARAMETERS,
          ...rows,
          wholeQuery('from-revision', { least: 1, most: 1_000_000 }, 'The earlier one.'),
          wholeQuery('to-revision', { least: 1, most: 1_000_000 }, 'The later one.'),
        ],
        answers: { 200: json(ref('RatingDifference'), 'Added, changed and deleted rows') },
        problems: ['too_large', 'not_found', 'conflict', 'gone'],
      },
    },
    '/reports/attention': {
      get: {
        summary: 'What is watched most: by time, then by people',
        roles: READERS,
        parameters: [
          ...WINDOW_PARAMETERS,
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
        problems: ['too_large', 'gone'],
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
    RatingDifference: object({
      criteria: object({
        fromRevision: whole(),
        toRevision: whole(),
        fromHash: text(),
        toHash: text(),
        latestRevision: whole(),
      }),
      differences: listOf(
        object(
          {
            change: choice(['added', 'changed', 'deleted']),
            fields: listOf(object({ name: text() }, { before: {}, after: {} })),
          },
          columnsOf(KEY_COLUMNS),
        ),
      ),
    }),
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
