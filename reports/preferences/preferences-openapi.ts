// Preferences and bundles in the OpenAPI document (R12, R13).

import {
  choiceQuery,
  decimalQuery,
  json,
  nothing,
  type OpenapiPart,
  oneOf,
  paging,
  query,
  textQuery,
  xml,
} from '../../server/http/openapi-operation.ts';
import { choice, decimal, flag, instant, listOf, object, ref, text, whole } from '../../server/http/openapi-schema.ts';
import { CHANGE_DAYS } from './preference-ranking.ts';
import { PREFERENCE_KINDS } from './preference-sums.ts';
import { LIFT, SUPPORT_PERCENT } from './preferences.ts';

const { default: _, ...formats } = choiceQuery('format', ['xml', 'json'], '').schema;

export const preferencesOpenapi: OpenapiPart = {
  tag: { name: 'preferences', description: 'What users prefer, and what could be sold together' },
  paths: {
    '/preferences': {
      get: {
        summary: 'What a user watches most, how sure that is, and what changed',
        description: 'Recent viewing weighs more than old. Of who may not be measured there is nothing.',
        roles: ['handset', 'operator', 'administrator'],
        parameters: [
          { ...textQuery('user', 'Whose; a handset may leave it out, all others name one.'), example: 'abc' },
          query('format', formats, 'Default: by Accept, else xml.'),
        ],
        answers: {
          200: oneOf(xml('Preferences.xsd', 'A Preferences document'), json(ref('Preferences'), 'the same as JSON')),
        },
        problems: ['not_found', 'unsupported'],
        form: 'either',
      },
      delete: {
        summary: 'Erase one’s own preferences',
        description: 'What was watched until now never counts again.',
        roles: ['handset'],
        answers: { 204: nothing('Erased') },
        problems: ['not_found'],
        form: 'either',
      },
    },
    '/bundles': {
      get: {
        summary: 'Services that are watched together: packages that could be sold',
        description: `Worked out daily, in order of lift. A provider gets bundles of its own services. Nothing that fewer users than
SUPPRESS_BELOW are behind. Before the first run there is no header.`,
        roles: ['provider', 'administrator'],
        parameters: [
          decimalQuery('minSupport', SUPPORT_PERCENT, 'Least share of the users who prefer all of it, percent.'),
          decimalQuery('minLift', LIFT, 'Least lift.'),
          ...paging,
        ],
        answers: { 200: json(ref('Bundles')) },
      },
    },
  },
  schemas: {
    Preferences: object(
      {
        halfLifeDays: decimal('Viewing so old counts half'),
        measured: flag('Whether the user may be measured now'),
        viewedSeconds: whole('Recent viewing more than old'),
        preferences: listOf(ref('Preference'), 'By kind, then rank'),
      },
      {
        asOf: instant('Viewing before it is in; absent before the first run'),
        erasedAt: instant('Viewing before it does not count'),
      },
    ),
    Preference: object(
      {
        kind: choice(PREFERENCE_KINDS),
        id: text('Of a service or programme; a series, a genre as the guide names it; hours of a daypart'),
        rank: whole('From 1; equals share one'),
        share: decimal('Of the user’s viewing, 0 to 1'),
        confidence: decimal('0 to 1: n / (n + 5), n the days on which it was watched, older ones for less'),
        viewedSeconds: whole(),
      },
      {
        service: text('Of a programme'),
        rankBefore: whole(`${CHANGE_DAYS} days before`),
        shareBefore: decimal(`${CHANGE_DAYS} days before; absent when that is not known`),
      },
    ),
    Bundles: object(
      { items: listOf(ref('Bundle')) },
      {
        asOf: instant('Viewing before it is in'),
        halfLifeDays: decimal(),
        leastSharePercent: decimal('Of a user’s viewing, for a service to count as preferred'),
        leastSeconds: whole('Of viewing, likewise'),
        suppressBelow: whole('No number of users is smaller'),
        users: whole('With a preferred service'),
        usersLeftOut: whole('Beyond what one run holds'),
        next: text('Cursor of the next page: its `after`. Absent on the last'),
      },
    ),
    Bundle: object(
      {
        services: listOf(text()),
        users: whole('Who prefer all of them'),
        supportPercent: decimal('Of all users with a preferred service'),
        confidencePercent: decimal('Of those who prefer any one of them, at least so many prefer all'),
        lift: decimal('How many times more often together than by chance'),
      },
      { suits: whole('Users who prefer most of them and don’t subscribe to all; absent when too few') },
    ),
  },
};
