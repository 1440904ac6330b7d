// GET /sg and GET /sg/now in the OpenAPI document (G4, G6).

import type { Role } from '../server/http/caller.ts';
import {
  type Answer,
  choiceQuery,
  instantQuery,
  json,
  nothing,
  type OpenapiPart,
  oneOf,
  query,
  textQuery,
  wholeQuery,
  xml,
} from '../server/http/openapi-operation.ts';
import { choice, instant, listOf, mapOf, object, ref, text, whole } from '../server/http/openapi-schema.ts';

const readers: Role[] = ['handset', 'provider', 'operator', 'administrator'];
const VERSION = { least: 0, most: 999_999_999 };
const language = textQuery(
  'language',
  'One text of each: in this language (BCP 47), else as RFC 4647, 3.4, looks it up.',
);
const headers = {
  ETag: { description: 'For If-None-Match: the same tag, the same bytes', schema: text() },
  'Cache-Control': { description: 'Ask again each time: a 304 costs little', schema: text() },
  Vary: { description: 'By form, coding and user', schema: text() },
};
const unchanged = nothing('What If-None-Match names is still so');
const withHeaders = (answer: Answer): Answer => ({ ...answer, headers });
const format = (...formats: string[]) => {
  const { default: _, ...schema } = choiceQuery('format', formats, '').schema;
  return query('format', schema, 'Default: by Accept, else xml.');
};

export const deliveryOpenapi: OpenapiPart = {
  tag: { name: 'guide delivery', description: 'The service guide as handsets get it' },
  paths: {
    '/sg': {
      get: {
        summary: 'The guide, whole or what changed',
        description: `Compressed with br or gzip by Accept-Encoding. The marks in it are the user’s own: consent, sampling and
subscriptions decide; staff see all. A problem 410 means: fetch the guide whole, without since. With ANONYMOUS_GUIDE it is open to
everybody, without marks.`,
        roles: readers,
        parameters: [
          format('xml', 'xmltv', 'json'),
          query(
            'service',
            text(undefined, { minLength: 1 }),
            'Only these services, separated by commas, and what sells them.',
          ),
          instantQuery('from', 'Programmes from then on; default: the present day.'),
          instantQuery('to', 'Not included; default: all that is ahead, or 31 days from a day in the past.'),
          language,
          wholeQuery('version', VERSION, 'As the guide was at this version; default: the present one.'),
          wholeQuery('since', VERSION, 'Only what changed after this version, deletions included; not as XMLTV.'),
        ],
        answers: {
          200: withHeaders(
            oneOf(
              xml('ServiceGuide.xsd', 'A ServiceGuide document'),
              json(ref('Guide'), 'The same as JSON'),
              xml('xmltv.dtd', 'XMLTV', undefined, ['application/x-xmltv']),
            ),
          ),
          304: unchanged,
        },
        problems: ['not_found', 'gone', 'unsupported'],
        form: 'either',
      },
    },
    '/sg/now': {
      get: {
        summary: 'What is on now and next, of every service',
        description: 'Next is what starts within 12 hours. Nothing changes before `to`, unless the guide does.',
        roles: readers,
        parameters: [format('xml', 'json'), language],
        answers: {
          200: withHeaders(oneOf(xml('ServiceGuide.xsd', 'A NowAndNext document'), json(ref('NowAndNext'), 'As JSON'))),
          304: unchanged,
        },
        problems: ['unsupported'],
        form: 'either',
      },
    },
  },
  schemas: {
    Guide: object(
      {
        version: whole(),
        marks: text('Whose marks these are: if the name is another than before, fetch the guide whole'),
        from: instant(),
        deleted: listOf(
          object(
            { fragment: choice(['Service', 'PurchaseItem', 'Content']), id: text() },
            { service: text('Of a Content'), startAt: instant('Of a Content') },
          ),
          'With a Service go all its programmes',
        ),
        services: listOf(ref('GuideService')),
        purchaseItems: listOf(ref('PurchaseItem')),
        programmes: listOf(ref('Programme')),
      },
      { since: whole('From which version on'), to: instant('Not included') },
    ),
    GuideService: object(
      {
        id: text(),
        names: mapOf(text()),
        provider: text(),
        order: whole(),
        channelStat: listOf(text(), 'TRUE: all is measured; FALSE: nothing; else each window that is'),
      },
      { genre: text(), logo: text(), zone: text(), dwellMs: whole() },
    ),
    NowAndNext: object({
      version: whole(),
      from: instant(),
      to: instant('Not included'),
      items: listOf(
        object({ service: text(), names: mapOf(text()) }, { now: ref('Programme'), next: ref('Programme') }),
        'By order of the services',
      ),
    }),
  },
};
