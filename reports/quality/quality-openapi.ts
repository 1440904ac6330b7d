// The quality of a day's data in the OpenAPI document (R16).

import { csv, json, type OpenapiPart, oneOf, query } from '../../server/http/openapi-operation.ts';
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

const counts = (...names: string[]): Schema => object(Object.fromEntries(names.map((name) => [name, whole()])));

export const qualityOpenapi: OpenapiPart = {
  tag: { name: 'quality', description: 'The data that figures rest on' },
  paths: {
    '/reports/quality': {
      get: {
        summary: 'What a day’s reports and sessions say of the data',
        description: `A day of the calendar in the server’s ZONE, of 23 to 25 hours. Reports count by their receipt, sessions by their
start. Of today it is of what has come so far; those of past days are made at night and kept with the figures, so that what comes later
than that does not change them: \`madeAt\` tells.`,
        roles: ['administrator'],
        parameters: [
          query('date', text(undefined, { format: 'date', minLength: 1 }), 'YYYY-MM-DD; default yesterday.'),
          query('format', choice(['json', 'csv']), 'Goes before Accept; default json.'),
        ],
        answers: { 200: oneOf(json(ref('DayQuality'), 'The report'), csv('the same as CSV, one line a value')) },
        problems: ['not_found', 'gone', 'unsupported'],
      },
    },
  },
  schemas: {
    DayQuality: object({
      date: text(),
      zone: text('IANA'),
      from: instant(),
      to: instant(),
      madeAt: instant(),
      through: instant('It is of what had come until then'),
      reports: object({
        received: whole(),
        logIns: whole('Heartbeats and programmes announced among them'),
        logOuts: whole(),
        devices: whole(),
        viewers: whole(),
        quarantined: counts('clock_skew', 'future', 'too_old'),
      }),
      arrival: object({
        reports: whole('All but those whose clock is beyond the limit'),
        within: listOf(
          object({ seconds: whole(), percent: decimal() }),
          'Percent received within so many seconds after sending; the rest came later',
        ),
      }),
      skew: object({
        reports: whole('With clocks beyond the limit. How far other clocks were corrected is not kept'),
        percent: decimal('Of the reports received'),
        farthestAheadMs: whole('What they claimed against their receipt'),
        farthestBehindMs: whole(),
      }),
      sessions: object({
        started: whole(),
        open: whole('Still open when this was made'),
        flags: counts('switched', 'mismatched', 'capped', 'cut', 'unverified'),
        quarantined: counts('zero_length', 'ends_before_start'),
        surfing: whole('Shorter than the dwell'),
        unknownService: whole(),
        unknownProgramme: whole('Not on the service within a day of this one'),
        cappedSeconds: whole('Assumed, not reported'),
        imputedPercent: decimal('Of all seconds viewed'),
      }),
      programmes: object({
        compared: whole('Sessions that name a programme and began while one was scheduled'),
        disagreeing: whole('Of these: which name another one'),
      }),
      orphans: object({ logOuts: whole('LogOuts with nothing open'), percent: decimal('Of the LogOuts received') }),
      silence: object(
        { brokenOff: whole('Devices whose session was closed for their silence') },
        {
          ofDayBefore: object({
            devices: whole('That reported on the day before'),
            silent: whole('Of these: not on this one'),
          }),
        },
      ),
      bursts: listOf(
        object({
          of: choice(['logIns', 'logOuts']),
          at: instant('The minute'),
          count: whole(),
          usual: decimal('The median of the half hours around it'),
          threshold: decimal('Twice the median, median + 6 MAD, or 20, whichever is most'),
        }),
        'Minutes with sudden mass log-ins or log-outs',
      ),
      delivered: object({
        sessions: whole('Whose times are those of pieces that the server sent'),
        reason: text('Why there are none'),
      }),
    }),
  },
};
