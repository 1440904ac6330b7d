// The live audience in the OpenAPI document (R9).

import { json, type OpenapiPart } from '../../server/http/openapi-operation.ts';
import { instant, listOf, object, ref, text, whole } from '../../server/http/openapi-schema.ts';

const averages = listOf({ type: ['number', 'null'] }, 'Average audience of each minute; null where it is suppressed');
const now = { audience: whole('People now; one with two devices counts once'), devices: ref('DevicesByAccess') };

export const liveOpenapi: OpenapiPart = {
  tag: { name: 'live', description: 'The audience now' },
  paths: {
    '/reports/live': {
      get: {
        summary: 'The audience of every service now and in the last whole minutes',
        description: `From the online list in memory: authenticated users who are online and watch, measured window or not, from their
first second; who fell silent counts until the time-out. It is no rating. A provider gets its own services, no total, no devices, and
no cell of fewer people than SUPPRESS_BELOW. Minutes before this server started are left out.`,
        roles: ['provider', 'operator', 'administrator'],
        answers: {
          200: {
            ...json(ref('LiveAudience'), 'Services in the order of the guide, then unknown ones'),
            headers: { 'Cache-Control': { description: 'One second', schema: text() } },
          },
        },
      },
    },
  },
  schemas: {
    LiveAudience: object(
      {
        at: instant(),
        minutes: listOf(instant(), 'Starts of the minutes, oldest first'),
        suppressBelow: whole('Smallest number of people in a cell; 0 is off'),
        items: listOf(ref('LiveRow')),
      },
      { total: object({ byMinute: averages, ...now }) },
    ),
    LiveRow: object(
      { service: text(), serviceName: text(), byMinute: averages },
      { ...now, suppressed: { const: true, description: 'Too few people are behind something of it' } },
    ),
    DevicesByAccess: object({ broadcast: whole(), unicast: whole(), unknown: whole() }, {}),
  },
};
