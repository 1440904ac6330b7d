// The guide's upkeep in the OpenAPI document (G2, G3, G5).

import type { Role } from '../server/http/caller.ts';
import {
  instantQuery,
  json,
  nothing,
  type OpenapiPart,
  oneOf,
  paging,
  path,
  query,
  required,
  textQuery,
  wholeQuery,
  xml,
} from '../server/http/openapi-operation.ts';
import { instant, listOf, mapOf, object, page, ref, text, whole } from '../server/http/openapi-schema.ts';

const writers: Role[] = ['provider', 'administrator'];
const readers: Role[] = ['handset', 'provider', 'operator', 'administrator'];
const id = path('id', 'Service_ID: 1 to 64 printable characters, no slash.', '01');
const texts = mapOf(text(), 'Texts by language (BCP 47); und where the source names none');
const service = {
  genre: text(),
  logo: text(),
  zone: text('IANA time zone; default UTC'),
  dwellMs: whole('Viewing shorter than this does not count for the service, ms', { minimum: 0, maximum: 86_400_000 }),
};
const order = whole('Sorts services in lists', { minimum: 0, maximum: 1_000_000 });

const SERVICE_XML = '<Service xmlns="urn:pocketmeter:service-guide:1" id="01"><Name lang="en">One</Name></Service>';
const inEither = (told: string) =>
  oneOf(json(ref('Service'), told), xml('ServiceGuide.xsd', 'To XML, a Service document'));
const details = {
  descriptions: texts,
  categories: listOf(text()),
  rating: text(),
  episode: text(),
  series: text(),
  breaks: listOf(ref('Window'), 'Advertising and the like'),
};
const programmeIn = object(
  { startAt: instant(), stopAt: instant('Not included; at most 24 hours later'), titles: texts },
  { id: text('Program_ID; default: made of service and start'), ...details },
);

export const guideOpenapi: OpenapiPart = {
  tag: { name: 'guide', description: 'The service guide: services, schedule, what is measured' },
  paths: {
    '/sg/loads': {
      post: {
        summary: 'Load XMLTV',
        description:
          'All at once or not at all. Entries that are wrong, or of another provider’s services, are refused one by one.',
        roles: writers,
        parameters: [
          textQuery('provider', 'Whose services these are; an administrator must say, a provider names itself.'),
        ],
        body: xml(
          'xmltv.dtd',
          'XMLTV, at most 512 MiB, not compressed',
          '<tv><channel id="01"><display-name>One</display-name></channel></tv>',
          ['application/xml', 'text/xml'],
        ),
        answers: { 201: json(ref('GuideLoad'), 'What was done with the entries') },
        problems: ['conflict'],
      },
    },
    '/sg/services': {
      get: {
        summary: 'Services, by order',
        roles: readers,
        parameters: [textQuery('provider', 'Only those of this provider.'), ...paging],
        answers: { 200: json(page(ref('Service')), 'Services') },
      },
    },
    '/sg/programmes': {
      get: {
        summary: 'Programmes that overlap a window, by start',
        roles: readers,
        parameters: [
          required(instantQuery('from', 'Start of the window.'), '2026-11-20'),
          required(instantQuery('to', 'End of the window, at most 31 days later.'), '2026-11-21'),
          query('service', text(), 'Only of these services, separated by commas.'),
          wholeQuery(
            'revision',
            { least: 0, most: 999_999_999 },
            'As the guide was at this revision; default the present one.',
          ),
          ...paging,
        ],
        answers: { 200: json(page(ref('Programme')), 'Programmes') },
        problems: ['not_found'],
      },
    },
    '/sg/services/{id}': {
      get: {
        summary: 'One service',
        roles: readers,
        parameters: [id],
        answers: { 200: json(ref('Service'), 'The service') },
        problems: ['not_found'],
      },
      delete: {
        summary: 'Remove a service',
        description: 'It and its programmes are in no list from the next revision on. Not while it is sold.',
        roles: writers,
        parameters: [id],
        answers: { 204: nothing('Removed') },
        problems: ['not_found', 'conflict'],
      },
      put: {
        summary: 'Add or replace a service',
        description: 'A provider its own, an administrator any. What is measured is kept: see measured-windows.',
        roles: writers,
        parameters: [id],
        body: oneOf(
          json(
            object({ names: texts }, { ...service, order, provider: text('Default: the caller’s, or as it is') }),
            'The service; other fields are ignored',
            { names: { en: 'One' }, order: 1 },
          ),
          xml('ServiceGuide.xsd', 'The same as a Service document', SERVICE_XML, ['application/xml', 'text/xml']),
        ),
        answers: { 200: inEither('Replaced'), 201: inEither('Added') },
        problems: ['conflict'],
        form: 'either',
      },
    },
    '/sg/services/{id}/programmes': {
      put: {
        summary: 'Replace the programmes of a service that start in a window',
        description:
          'One that runs into the window is cut at its start. The schedule as it was stays at its revision. In XML: POST /sg/loads.',
        roles: writers,
        parameters: [
          id,
          required(instantQuery('from', 'Start of the window.'), '2026-11-20'),
          required(instantQuery('to', 'End of the window, at most 31 days later.'), '2026-11-21'),
        ],
        body: json(
          object({ programmes: listOf(programmeIn, 'Within the window, without overlaps; 10,000 at most') }),
          'The schedule',
          { programmes: [{ startAt: '2026-11-20T20:00Z', stopAt: '2026-11-20T21:30Z', titles: { en: 'A film' } }] },
        ),
        answers: { 200: json(object({ revision: whole('Of the guide, from now on'), programmes: whole() }), 'Done') },
        problems: ['not_found', 'conflict'],
      },
    },
    '/sg/services/{id}/measured-windows': {
      put: {
        summary: 'Say what of a service is measured',
        roles: writers,
        parameters: [id],
        body: json(
          object({ marks: listOf(text('TRUE or FALSE, start ~ end'), 'The later holds; none: policy says') }),
          'Channel_stat marks',
          { marks: ['TRUE 2007-08-09T12:00+08:00~13:00'] },
        ),
        answers: { 200: json(object({ items: listOf(ref('Window')) }), 'The windows that the marks leave') },
        problems: ['not_found', 'conflict'],
      },
    },
  },
  schemas: {
    Window: object({ from: instant(), to: instant('Not included') }),
    Service: object(
      {
        id: text(),
        names: texts,
        provider: text(),
        order,
        measured: listOf(ref('Window'), 'Empty: policy says. One empty window: nothing'),
      },
      service,
    ),
    Programme: object(
      { id: text(), service: text(), startAt: instant(), stopAt: instant('Not included'), titles: texts },
      details,
    ),
    GuideLoad: object({
      revision: whole('Of the guide, from now on'),
      source: text(),
      services: whole(),
      programmes: whole(),
      skipped: whole('Programmes not taken over'),
      faults: listOf(object({ line: whole('From 1'), rule: text(), message: text() }), 'The first thousand'),
      faultCount: whole(),
    }),
  },
};
