// The feed for networks in the OpenAPI document (R17).

import { json, type OpenapiPart, oneOf, query, wholeQuery, xml } from '../../server/http/openapi-operation.ts';
import { choice, decimal, instant, listOf, object, ref, text, whole } from '../../server/http/openapi-schema.ts';
import { RESOURCE_RANKS } from './resource-feed.ts';

export const resourcesOpenapi: OpenapiPart = {
  tag: { name: 'resources', description: 'What draws most, for a network that gives it capacity' },
  paths: {
    '/reports/resources': {
      get: {
        summary: 'Services and programmes that draw most, now and in the last three finished hours',
        description: `Now is from the online list, as in /reports/live; the hours are figures as in /reports/attention, worked out
once an hour. Services come first, then programmes; listed is whatever has one rank or the other up to \`limit\`. Audience rises or falls
when the last five whole minutes differ from the first five of the last fifteen by a tenth of these and by five people. What the
next programme will draw is not foretold.`,
        roles: ['operator', 'administrator', 'business'],
        parameters: [
          wholeQuery('limit', RESOURCE_RANKS, 'The last rank.', RESOURCE_RANKS.otherwise),
          query('format', choice(['json', 'xml']), 'Goes before Accept; default json.'),
        ],
        answers: {
          200: {
            ...oneOf(json(ref('ResourceFeed'), 'The feed'), xml('ResourceFeed.xsd', 'the same as XML')),
            headers: {
              ETag: { description: 'Weak; for If-None-Match: the same but for `at`', schema: text() },
              'Cache-Control': { description: 'One second', schema: text() },
            },
          },
          304: { description: 'Nothing has changed since the tag of If-None-Match' },
        },
        problems: ['unsupported'],
      },
    },
  },
  schemas: {
    ResourceFeed: object({
      at: instant(),
      hours: object({ from: instant(), to: instant() }),
      items: listOf(ref('ResourceEntry')),
    }),
    ResourceEntry: object(
      {
        of: choice(['service', 'programme']),
        service: text(),
        serviceName: text(),
        audience: whole('People now'),
        devices: ref('DevicesByAccess'),
        trend: choice(['rising', 'falling', 'steady', 'unknown']),
        viewerSeconds: decimal('In the finished hours'),
        people: decimal('In the finished hours'),
      },
      {
        rankNow: whole('By people now; from 1, equals share one'),
        rankHours: whole('By time in the finished hours'),
        programme: text(),
        title: text(),
        recentAudience: decimal('Average of the last five whole minutes'),
        formerAudience: decimal('Average of five minutes, ten minutes earlier'),
        next: object({ programme: text(), title: text(), startAt: instant() }),
      },
    ),
  },
};
