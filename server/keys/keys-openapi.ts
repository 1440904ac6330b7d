// GET /keys in the OpenAPI document (G11).

import { choiceQuery, json, type OpenapiPart, oneOf, query, xml } from '../http/openapi-operation.ts';
import { instant, listOf, object, ref, text } from '../http/openapi-schema.ts';

const { default: _, ...formats } = choiceQuery('format', ['xml', 'json'], '').schema;

export const keysOpenapi: OpenapiPart = {
  tag: { name: 'keys', description: 'The keys of services that are sold' },
  paths: {
    '/keys': {
      get: {
        summary: 'The caller’s keys',
        description: `Of every service that the user pays for the present key and, shortly before it ends, the next one. A key serves
everybody; a user whose subscription ends within its time is told that end. Services that nobody sells have no keys. Use TLS.`,
        roles: ['handset'],
        parameters: [query('format', formats, 'Default: by Accept, else xml.')],
        answers: { 200: oneOf(xml('Keys.xsd', 'A Keys document'), json(ref('Keys'), 'As JSON')) },
        problems: ['not_found', 'unsupported'],
        form: 'either',
      },
    },
  },
  schemas: {
    Keys: object(
      {
        items: listOf(
          object({
            service: text(),
            key: text('128 bits in base64'),
            from: instant(),
            until: instant('Not included; never beyond the subscription'),
          }),
          'By service and time',
        ),
      },
      { renewAt: instant('When to ask again; absent without keys') },
    ),
  },
};
