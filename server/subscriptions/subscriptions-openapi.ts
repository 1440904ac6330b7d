// Subscriptions in the OpenAPI document (G7-G9).

import type { Role } from '../http/caller.ts';
import {
  choiceQuery,
  json,
  type OpenapiPart,
  oneOf,
  type Parameter,
  path,
  query,
  textQuery,
  wholeQuery,
  xml,
} from '../http/openapi-operation.ts';
import { choice, flag, instant, listOf, object, ref, text, whole } from '../http/openapi-schema.ts';

const users: Role[] = ['handset', 'operator', 'administrator', 'business'];
const { default: _, ...formats } = choiceQuery('format', ['xml', 'json'], '').schema;
const format = query('format', formats, 'Default: by Accept, else xml.');
const item = path('item', 'Of the purchase item.', 'basic');
const user: Parameter = {
  ...textQuery('user', 'Whose; a handset may leave it out, all others name one.'),
  example: 'abc',
};
const VERSION = { least: 0, most: 999_999_999 };
const table = {
  200: oneOf(xml('Subscriptions.xsd', 'A Subscriptions document'), json(ref('Subscriptions'), 'The same as JSON')),
};
const ordered = (told: string) => oneOf(xml('Subscriptions.xsd', told), json(ref('Ordered'), 'as JSON'));

export const subscriptionsOpenapi: OpenapiPart = {
  tag: { name: 'subscriptions', description: 'Who subscribes to what' },
  paths: {
    '/subscriptions': {
      get: {
        summary: 'What a user subscribes to, whole or what changed',
        description:
          'Without `since` in the answer it is the whole table, also when what changed is not known any more.',
        roles: users,
        parameters: [user, wholeQuery('since', VERSION, 'Only what changed after this version.'), format],
        answers: table,
        problems: ['not_found', 'unsupported'],
        form: 'either',
      },
    },
    '/subscriptions/sync': {
      post: {
        summary: 'Bring a device and the server together',
        description: `Answers the whole table. With SUBSCRIPTION_SYNC=device the device’s list is taken first, whole or not at all, if it
is based on the present version; else it is not looked at, and may be left out.`,
        roles: ['handset'],
        parameters: [format],
        body: {
          ...oneOf(
            json(
              object({
                version: whole('That the device has'),
                items: listOf(
                  object({ item: text() }, { since: instant() }),
                  'All that it has; other fields are ignored',
                ),
              }),
              'The device’s list',
              { version: 1, items: [] },
            ),
            xml('Subscriptions.xsd', 'the same as XML', undefined, ['application/xml', 'text/xml']),
          ),
          required: false,
        },
        answers: table,
        problems: ['not_found', 'conflict'],
        form: 'either',
      },
    },
    '/subscriptions/{item}': {
      put: {
        summary: 'Order an item',
        description: `Ordered again it stays as it is. An item with which nothing new comes is ordered all the same: \`coveredBy\` says
by what. Problems: 404 no such item, 409 not yet on offer or too many, 410 no longer on offer. The times are for those outside; a
later \`until\` is a renewal.`,
        roles: users,
        parameters: [item, user, format],
        body: {
          ...oneOf(
            json(object({}, { since: instant(), until: instant() }), 'Nothing, or times', {}),
            xml('Subscriptions.xsd', 'an Order document', undefined, ['application/xml', 'text/xml']),
          ),
          required: false,
        },
        answers: { 200: ordered('Nothing changed, or until when'), 201: ordered('Ordered') },
        problems: ['not_found', 'conflict', 'gone'],
        form: 'either',
      },
      delete: {
        summary: 'Cancel an item',
        description:
          'At once. What is not there is not an error. Items inside a bundle that were ordered on their own stay.',
        roles: users,
        parameters: [item, user, format],
        answers: { 200: oneOf(xml('Subscriptions.xsd', 'What came of it'), json(ref('Cancelled'), 'as JSON')) },
        problems: ['not_found', 'unsupported'],
        form: 'either',
      },
    },
  },
  schemas: {
    Subscription: object(
      {
        item: text('Id of the purchase item'),
        since: instant(),
        bought: choice(['handset', 'operator', 'business', 'sync'], 'How it came in'),
        orderedAt: instant(),
      },
      { until: instant('Not included; absent: for good') },
    ),
    Subscriptions: object(
      {
        version: whole('Counts the changes'),
        items: listOf(ref('Subscription')),
        removed: listOf(object({ item: text(), reason: choice(['cancelled', 'expired']), at: instant() })),
      },
      { since: whole('Items are what changed after it; absent: they are all') },
    ),
    Ordered: object({
      version: whole(),
      changed: flag(),
      subscription: ref('Subscription'),
      coveredBy: listOf(text(), 'Items held, with which all of this one comes already'),
    }),
    Cancelled: object({
      version: whole(),
      changed: flag('False when it was not there'),
      stillEntitled: listOf(text(), 'Services of the item that the user has by another one'),
    }),
  },
};
