// The guide's upkeep over HTTP: loads, lists, a provider's own services, and marks (G2, G3, G5).

import { type ErrorRequestHandler, Router } from 'express';
import { callerOf, type Guard } from '../server/http/caller.ts';
import { readJsonObject } from '../server/http/json-body.ts';
import { type Bounds, type Query, readInstant, readText, readTexts, readWhole } from '../server/http/query.ts';
import { readBody, requireType, streamBody } from '../server/http/request-body.ts';
import { sendPage } from '../server/http/send-page.ts';
import { sendsXml, xmlProblems } from '../server/http/xml-or-json.ts';
import { Problem } from '../server/problem.ts';
import { editorOf } from './editor.ts';
import type { Guide } from './guide.ts';
import { programmeOut } from './guide-json.ts';
import { programmesFromBody } from './programme-body.ts';
import type { Service } from './schedule.ts';
import { serviceFromBody } from './service-body.ts';
import { takeFragment } from './service-guide-reading.ts';
import { ROOT_NAMESPACE, serviceXml } from './service-guide-xml.ts';

/** 500,000 programmes with descriptions; more comes in parts. */
const MAX_LOAD_BYTES = 512 * 1_048_576;
const MAX_BODY_BYTES = 1_048_576;
/** A month of one service; a day of a thousand is as much. */
const MAX_WINDOW_MS = 31 * 86_400_000;
const COUNT: Bounds = { least: 0, most: 999_999_999 };
const XML_TYPE = /^(?:text|application)\/(?:[\w.-]+\+)?xml\b/i;

export interface GuideRouterDeps {
  guide: Guide;
  guard: Guard;
  /** Tells those who sent XML what is wrong. */
  encodeXmlProblem: ErrorRequestHandler;
}

export function guideRouter({ guide, guard, encodeXmlProblem }: GuideRouterDeps): Router {
  const router = Router();
  const writers = guard('provider', 'administrator');
  const readers = guard('handset', 'provider', 'operator', 'administrator');

  router.post('/sg/loads', writers, async (request, response) => {
    const caller = callerOf(response);
    const asked = readText(request.query, 'provider') ?? caller.provider;
    if (asked === undefined) throw new Problem('invalid', 'provider= says whose services these are');
    if (caller.role === 'provider' && asked !== caller.provider) {
      throw new Problem('forbidden', 'a provider loads its own services only');
    }
    requireType(request, XML_TYPE, 'a load is XMLTV: text/xml or application/xml', 'text/xml');
    const result = await guide.load(streamBody(request, MAX_LOAD_BYTES), {
      provider: asked,
      source: `upload by ${caller.user}`,
    });
    response.status(201).json(result);
  });

  router.get('/sg/services', readers, async (request, response) => {
    const provider = readText(request.query, 'provider');
    const services = await guide.listServices(provider === undefined ? {} : { provider });
    sendPage(request, response, services.map(serviceOut));
  });

  router.get('/sg/programmes', readers, async (request, response) => {
    const { query } = request;
    const window = readWindow(query);
    const services = readTexts(query, 'service');
    const revision = readWhole(query, 'revision', COUNT);
    const more = { ...(services && { services }), ...(revision === undefined ? {} : { revision }) };
    const programmes = await guide.listProgrammes({ ...window, ...more });
    sendPage(request, response, programmes.map(programmeOut));
  });

  router.get('/sg/services/:id', readers, async (request, response) => {
    const id = String(request.params.id);
    const service = await guide.findService(id);
    if (service === undefined) throw new Problem('not_found', `there is no service ${id}`);
    response.json(serviceOut(service));
  });

  router.delete('/sg/services/:id', writers, async (request, response) => {
    await guide.removeService(editorOf(callerOf(response)), String(request.params.id));
    response.status(204).end();
  });

  router.put('/sg/services/:id', writers, async (request, response) => {
    const caller = callerOf(response);
    const id = String(request.params.id);
    const before = await guide.findService(id);
    const put = async (body: Readonly<Record<string, unknown>>): Promise<Service> => {
      const service = serviceFromBody(body, id, caller.provider ?? caller.user, before);
      await guide.putService(editorOf(caller), service);
      return service;
    };
    const service = sendsXml(request)
      ? await takeFragment(await readBody(request, MAX_BODY_BYTES), { name: 'Service', id }, put)
      : await put(await readJsonObject(request, { limitBytes: MAX_BODY_BYTES }));
    response.status(before === undefined ? 201 : 200);
    if (sendsXml(request)) response.type('application/xml').send(serviceXml(service, [], ROOT_NAMESPACE));
    else response.json(serviceOut(service));
  });

  router.put('/sg/services/:id/programmes', writers, async (request, response) => {
    const service = String(request.params.id);
    const window = readWindow(request.query);
    const programmes = programmesFromBody(await readJsonObject(request, { limitBytes: MAX_BODY_BYTES }), service);
    const revision = await guide.putProgrammes(editorOf(callerOf(response)), service, window, programmes);
    response.json({ revision, programmes: programmes.length });
  });

  router.put('/sg/services/:id/measured-windows', writers, async (request, response) => {
    const { marks } = await readJsonObject(request, { limitBytes: MAX_BODY_BYTES });
    if (!Array.isArray(marks) || !marks.every((mark) => typeof mark === 'string')) {
      throw new Problem('invalid', 'the body is {"marks": ["TRUE 2007-08-09T12:00+08:00~13:00", …]}');
    }
    const windows = await guide.setMeasuredWindows(editorOf(callerOf(response)), String(request.params.id), marks);
    response.json({ items: windows.map(windowOut) });
  });

  router.use(xmlProblems(encodeXmlProblem, /^\/sg\/services\/[^/]+\/?$/i));
  return router;
}

function readWindow(query: Query): { from: number; to: number } {
  const from = readInstant(query, 'from');
  const to = readInstant(query, 'to');
  if (from === undefined || to === undefined) throw new Problem('invalid', 'from and to say which window');
  if (from >= to || to - from > MAX_WINDOW_MS) throw new Problem('invalid', 'from is before to, by 31 days at most');
  return { from, to };
}

const iso = (at: number): string => new Date(at).toISOString();
/** A measured window may have no bound; years have four digits in RFC 3339, and begin and end with them. */
const EARLIEST_AT = Date.parse('0001-01-01T00:00:00Z');
const LATEST_AT = Date.parse('9999-12-31T23:59:59.999Z');
const windowOut = ({ from, to }: { from: number; to: number }): object => ({
  from: iso(Math.max(from, EARLIEST_AT)),
  to: iso(Math.min(to, LATEST_AT)),
});
const serviceOut = (service: Service): object => ({ ...service, measured: service.measured.map(windowOut) });
