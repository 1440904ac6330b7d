// GET /events and GET /updates in the OpenAPI document (G12-G16).

import {
  json,
  type OpenapiPart,
  oneOf,
  type Parameter,
  query,
  textQuery,
  wholeQuery,
  xml,
} from '../http/openapi-operation.ts';
import { choice, flag, instant, listOf, object, ref, text } from '../http/openapi-schema.ts';
import { PAGE } from '../http/query.ts';

const device: Parameter = textQuery(
  'device',
  'The id of the device, as its reports have it. Absent: what concerns any of the user’s devices.',
);
const since = (more: string): Parameter => textQuery('since', `The id of the last event that the handset has. ${more}`);
const KINDS = [
  'guide-changed',
  'subscription-changed',
  'key-needs-update',
  'interaction',
  'results',
  'survey',
  'message',
];

export const eventsOpenapi: OpenapiPart = {
  tag: { name: 'events', description: 'What handsets are told' },
  paths: {
    '/events': {
      get: {
        summary: 'A stream of events, as Server-Sent Events or by WebSocket',
        description: `The header Last-Event-ID, else \`since\`, says what the handset has: what it missed comes first, then
what comes, in order. Without either the stream begins with what follows the last id that was acknowledged, else now. The first event,
\`stream\`, has \`recovered\`: if it is false something is lost, and the handset fetches afresh what it needs. An event may come twice,
with the same \`id\` in its data. An event that is for who watches a service, and came before the handset did, is sent without an id of the
stream. About every EVENT_KEEP_ALIVE_S an id comes alone (in a WebSocket, in a ping). \`retry\` is random, to be kept. With \`Upgrade: websocket\` (RFC 6455)
the same comes as JSON, one \`Event\` a message; \`kind\` is \`stream\` in the first and \`close\` in the last, which have \`retryMs\`.`,
        roles: ['handset'],
        parameters: [device, since('Last-Event-ID goes before it.')],
        answers: {
          101: { description: 'The same by WebSocket' },
          200: {
            description: 'A stream that does not end',
            content: { 'text/event-stream': { schema: text('HTML, 9.2: the data of each event is an Event in JSON') } },
          },
        },
        form: 'either',
      },
    },
    '/updates': {
      get: {
        summary: 'The same events, for who holds no stream',
        description:
          'Oldest first. `since` acknowledges all through that id: marks in the answers to reports go by it.',
        roles: ['handset'],
        parameters: [
          device,
          since('Absent: from the oldest that is kept.'),
          query('format', text(undefined, { enum: ['xml', 'json'] }), 'Default: by Accept, else xml.'),
          wholeQuery('limit', PAGE, 'Events of a page.', PAGE.otherwise),
        ],
        answers: {
          200: oneOf(xml('Updates.xsd', 'An Updates document'), json(ref('Updates'), 'The same as JSON')),
        },
        problems: ['unsupported'],
        form: 'either',
      },
    },
  },
  schemas: {
    Updates: object({
      recovered: flag('false: something is lost before these; fetch afresh what is needed'),
      items: listOf(ref('Event')),
      id: text('The `since` of the next call'),
      more: flag('There may be more: call again at once'),
    }),
    Event: object(
      {
        id: text('`epoch:offset`; the same id is the same event'),
        kind: choice(KINDS),
        at: instant(),
        content: { type: 'object', description: 'By kind; of a message `text` by language, or `xml`' },
      },
      { validUntil: instant('It means nothing after this') },
    ),
  },
};
