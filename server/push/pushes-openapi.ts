// POST and GET /pushes in the OpenAPI document (I2, G12, O1).

import { json, type OpenapiPart, paging } from '../http/openapi-operation.ts';
import { instant, mapOf, object, page, ref, type Schema, text, whole } from '../http/openapi-schema.ts';

const audience: Schema = {
  ...object(
    {},
    {
      all: { type: 'boolean', const: true },
      user: text('A handset user'),
      service: text('Who watches this service now; with `validUntil` also who begins to before that'),
      programme: text('The same of one programme; without `service` it is on now, at one service'),
    },
  ),
  description: 'One of `all`, `user`, `service` and `programme`, or the last two',
};
const content: Schema = {
  ...object({}, { text: mapOf(text(), 'By language (BCP 47)'), xml: text('A document of XML, 32 KiB at most') }),
  description: 'One of `text` and `xml`',
};
const newContent: Schema = {
  anyOf: [content, mapOf(text(), 'The texts themselves, by language'), text('The document of XML itself')],
};

export const pushesOpenapi: OpenapiPart = {
  tag: { name: 'pushes', description: 'What operators tell handsets' },
  paths: {
    '/pushes': {
      post: {
        summary: 'Push content to who is watching, to a user, or to all',
        description:
          'A provider pushes to the viewers of its own services. The same `id` again is the same push, answered with 200.',
        roles: ['provider', 'operator', 'administrator'],
        body: json(ref('NewPush'), 'The push', {
          audience: { service: '01' },
          content: { text: { en: 'The second half begins' } },
        }),
        answers: {
          200: json(ref('PushResult'), 'It was there already'),
          201: json(ref('PushResult'), 'It is stored, and delivered where a stream is open'),
        },
        problems: ['not_found', 'conflict'],
      },
      get: {
        summary: 'What was pushed, newest first',
        roles: ['operator', 'administrator'],
        parameters: paging,
        answers: { 200: json(page(ref('Push')), 'Pushes as long as history is kept') },
      },
    },
  },
  schemas: {
    NewPush: object(
      { audience, content: newContent },
      {
        validUntil: instant('Not delivered after this; absent: as long as history is kept'),
        id: text('Letters, digits and _.:-; made up if absent', { maxLength: 100 }),
      },
    ),
    PushResult: object({
      id: text(),
      event: text('The id that handsets see'),
      reached: whole('Devices, and users with one stream for all of theirs, that a stream anywhere reaches now'),
      marked: whole('Devices online that it is for and that have none: their next report is answered with a mark'),
    }),
    Push: object(
      { id: text(), event: text('The id that handsets see'), audience, content, at: instant() },
      { validUntil: instant(), by: text('Who pushed it') },
    ),
  },
};
