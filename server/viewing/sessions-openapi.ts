// GET /sessions and GET /online in the OpenAPI document (V13, V15, V16).

import {
  csv,
  instantQuery,
  json,
  type OpenapiPart,
  oneOf,
  paging,
  query,
  textQuery,
  xml,
} from '../http/openapi-operation.ts';
import { choice, decimal, instant, listOf, object, page, ref, text, whole } from '../http/openapi-schema.ts';

const viewing = {
  service: text('Service_ID'),
  programme: text('Program_ID; empty when the report named none'),
};

export const sessionsOpenapi: OpenapiPart = {
  tag: { name: 'sessions', description: 'What came of the reports: viewing sessions, and who is online' },
  paths: {
    '/sessions': {
      get: {
        summary: 'Viewing sessions that overlap a window, by their start',
        description: `A handset user gets its own, a provider those of its services without users’ names, an administrator all.
The header Link has the address of the next page.`,
        roles: ['handset', 'provider', 'administrator'],
        parameters: [
          instantQuery('from', 'Start of the window; default a day before its end.'),
          instantQuery('to', 'End of the window; default now.'),
          textQuery('user', 'Of this user; not for providers.'),
          textQuery('service', 'Of this service.'),
          ...paging,
          query('format', text(undefined, { enum: ['json', 'csv', 'xml'] }), 'Goes before Accept; default json.'),
        ],
        answers: {
          200: {
            ...oneOf(
              json(page(ref('Session')), 'Sessions'),
              csv('the same as CSV'),
              xml('Stat.xsd', 'the same as the method’s Stat records'),
            ),
            headers: { Link: { description: 'rel="next", unless this is the last page', schema: text() } },
          },
        },
        problems: ['not_found', 'unsupported'],
      },
    },
    '/online': {
      get: {
        summary: 'Devices online now, by device number',
        description: 'A provider names one of its services, and gets no users’ names.',
        roles: ['provider', 'operator', 'administrator'],
        parameters: [textQuery('service', 'Only those that watch this service.'), ...paging],
        answers: {
          200: json(
            page(ref('OnlineDevice'), { total: whole('Devices online, or that watch the service') }),
            'Devices',
          ),
        },
      },
    },
  },
  schemas: {
    Session: object(
      {
        viewer: whole('Pseudonym of the user'),
        device: whole('Pseudonym of the terminal'),
        ...viewing,
        startedAt: instant(),
        flags: listOf(
          choice(['switched', 'mismatched', 'capped', 'cut', 'unverified']),
          'What happened on the way from reports to the session (V12)',
        ),
        imputedSeconds: decimal('How much of its length was assumed, not reported'),
      },
      {
        user: text('User_ID; only for those who may see it'),
        endedAt: instant('Absent while it is open'),
        seconds: decimal('From start to end'),
        quarantine: choice(['zero_length', 'ends_before_start'], 'Why it takes no part in figures'),
      },
    ),
    OnlineDevice: object(
      {
        device: whole('Pseudonym of the terminal'),
        since: instant('Online since'),
        lastSignAt: instant('The last sign of life'),
        loginMethod: choice(['digest', 'unverified']),
      },
      {
        user: text('User_ID; only for those who may see it'),
        watching: object({ ...viewing, since: instant() }, { access: choice(['broadcast', 'unicast']) }),
        subscriptions: listOf(ref('Subscription'), 'What the user has bought; not for providers'),
        keyValidUntil: instant('When the first of the user’s keys ends'),
      },
    ),
  },
};
