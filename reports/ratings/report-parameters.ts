// What all requests for figures may carry, in the OpenAPI document (R2, R8).

import type { Role } from '../../server/http/caller.ts';
import { choiceQuery, instantQuery, textQuery, wholeQuery } from '../../server/http/openapi-operation.ts';
import { REACH_BOUNDS_S } from './rating-criteria.ts';
import { DEFAULT_REACH_S } from './rules.ts';

export const READERS: Role[] = ['provider', 'administrator'];

export const WINDOW_PARAMETERS = [
  textQuery('date', 'A broadcast day in ZONE, from 02:00, such as 2026-07-20, instead of from and to.'),
  instantQuery('from', 'Start of the window; default a day before its end.'),
  instantQuery('to', 'End of the window; default a day after from, else the last midnight in UTC.'),
];

export const SERVICES_PARAMETER = textQuery(
  'service',
  'Only these services, between commas; of another provider: 403.',
);

export const REACH_PARAMETERS = [
  wholeQuery('reach', REACH_BOUNDS_S, 'Seconds of viewing that count as reached.', DEFAULT_REACH_S),
  choiceQuery('kind', ['consecutive', 'cumulative'], 'Whether those seconds are of one piece.'),
];
