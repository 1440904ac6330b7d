// The guide for handsets and all who read it: GET /sg and GET /sg/now (G4, G6).

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { eitherEncoder } from '../server/http/answer-form.ts';
import type { Caller, Guard } from '../server/http/caller.ts';
import { type Bounds, type Query, readInstant, readText, readTexts, readWhole } from '../server/http/query.ts';
import { Problem } from '../server/problem.ts';
import type { Coding, GuideDelivery, GuideFormat, Prepared } from './guide-delivery.ts';
import type { GuideQuery } from './guide-view.ts';
import type { MarkClass, MarkClasses } from './mark-classes.ts';
import { DAY_MS } from './schedule.ts';

export interface DeliveryRouterDeps {
  delivery: GuideDelivery;
  classes: MarkClasses;
  guard: Guard;
  /** Who sends no credentials gets the guide without marks. */
  isAnonymousAllowed: boolean;
  findHandset(user: string): { measurable: boolean } | undefined | Promise<{ measurable: boolean } | undefined>;
  clock: () => number;
  /** Tell faults in the form that was asked for. */
  encodeProblem: Record<'xml' | 'json', ErrorRequestHandler>;
}

/** A month of the past; what is ahead has no bound but itself. */
const MAX_PAST_MS = 31 * DAY_MS;
/** Needs no stream: the socket takes it as it is. */
const SENT_AT_ONCE_BYTES = 65_536;
const VERSION: Bounds = { least: 0, most: 999_999_999 };
const LANGUAGE = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}$/;
const TYPES: Record<GuideFormat, string> = {
  xml: 'application/xml; charset=utf-8',
  xmltv: 'application/x-xmltv; charset=utf-8',
  json: 'application/json; charset=utf-8',
};
const BY_TYPE: Record<string, GuideFormat> = {
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/json': 'json',
  'application/x-xmltv': 'xmltv',
};

export function deliveryRouter(deps: DeliveryRouterDeps): Router {
  const { delivery, classes, clock } = deps;
  const router = Router();
  const readers = allowing(deps.guard('handset', 'provider', 'operator', 'administrator'), deps.isAnonymousAllowed);

  const marksFor = async (caller: Caller | undefined): Promise<MarkClass> => {
    if (caller === undefined) return classes.none;
    if (caller.role !== 'handset') return classes.all;
    const account = await deps.findHandset(caller.user);
    return classes.classOf({ user: caller.user, measurable: account?.measurable === true });
  };

  router.get('/sg', readers, async (request, response) => {
    const format = formatOf(request, ['xml', 'xmltv', 'json']);
    const query = readGuideQuery(request.query, clock());
    if (format === 'xmltv' && query.since !== undefined)
      throw new Problem('invalid', 'XMLTV cannot tell what was deleted: ask for since in xml or json');
    const marks = await marksFor(response.locals.caller as Caller | undefined);
    const coding = codingOf(request);
    await send(request, response, await delivery.prepare(query, { format, coding, marks }), { format, coding });
  });

  router.get('/sg/now', readers, async (request, response) => {
    const format = formatOf(request, ['xml', 'json']) === 'json' ? 'json' : 'xml';
    const language = readLanguage(request.query);
    const coding = codingOf(request);
    const prepared = await delivery.prepareNow({ format, coding, ...(language === undefined ? {} : { language }) });
    await send(request, response, prepared, { format, coding });
  });

  router.use(eitherEncoder(isDeliveryAddress, deps.encodeProblem));
  return router;
}

/** Whether faults are told in the handsets' form, unless JSON is asked for. */
export const isDeliveryAddress = (method: string, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') && /^\/sg(?:\/now)?\/?$/i.test(path);

function allowing(guard: RequestHandler, isAnonymousAllowed: boolean): RequestHandler {
  if (!isAnonymousAllowed) return guard;
  return (request, response, next) =>
    request.headers.authorization === undefined ? next() : guard(request, response, next);
}

/** By `format`, else by Accept; XML where both leave it open. Problem `unsupported`. */
function formatOf(request: Request, formats: readonly GuideFormat[]): GuideFormat {
  const types = Object.keys(BY_TYPE).filter((type) => formats.includes(BY_TYPE[type] ?? 'xml'));
  const accepted = request.accepts(types);
  const asked = readText(request.query, 'format') ?? (accepted === false ? '' : BY_TYPE[accepted]);
  const format = formats.find((each) => each === asked);
  if (format === undefined) throw new Problem('unsupported', `the guide is ${formats.join(', ')}`);
  return format;
}

function codingOf(request: Request): Coding {
  const coding = request.acceptsEncodings(['br', 'gzip', 'identity']);
  return coding === 'br' || coding === 'gzip' ? coding : 'identity';
}

/** Without `from` the guide begins with the present day in UTC; without `to` it holds all that is ahead. */
function readGuideQuery(query: Query, now: number): GuideQuery {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const from = readInstant(query, 'from') ?? today;
  const to = readInstant(query, 'to') ?? (from < today ? from + MAX_PAST_MS : undefined);
  if (to !== undefined && from >= to) throw new Problem('invalid', 'from must be before to');
  if (to !== undefined && from < today && to - from > MAX_PAST_MS)
    throw new Problem('invalid', 'a window that begins before today may have 31 days');
  const services = readTexts(query, 'service');
  const language = readLanguage(query);
  const version = readWhole(query, 'version', VERSION);
  const since = readWhole(query, 'since', VERSION);
  return {
    from,
    ...(to === undefined ? {} : { to }),
    ...(services === undefined ? {} : { services: [...new Set(services)].sort() }),
    ...(language === undefined ? {} : { language }),
    ...(version === undefined ? {} : { version }),
    ...(since === undefined ? {} : { since }),
  };
}

function readLanguage(query: Query): string | undefined {
  const language = readText(query, 'language');
  if (language !== undefined && !LANGUAGE.test(language))
    throw new Problem('invalid', 'the parameter language is a tag of BCP 47 such as de or pt-BR', {
      faults: [{ element: 'language', rule: 'form' }],
    });
  return language?.toLowerCase();
}

async function send(
  request: Request,
  response: Response,
  { etag, body }: Prepared,
  { format, coding }: { format: GuideFormat; coding: Coding },
): Promise<void> {
  response.set({
    ETag: etag,
    // Consent and the guide change at any time; asking again costs a 304. Marks are the user's own.
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept, Accept-Encoding, Authorization',
  });
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const { sizeBytes, chunks } = await body();
  response.set('Content-Type', TYPES[format]);
  if (coding !== 'identity') response.set('Content-Encoding', coding);
  if (sizeBytes !== undefined) response.set('Content-Length', String(sizeBytes));
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  if (sizeBytes !== undefined && sizeBytes <= SENT_AT_ONCE_BYTES) {
    const parts: Uint8Array[] = [];
    for await (const part of chunks) parts.push(part);
    response.end(Buffer.concat(parts));
    return;
  }
  await pipeline(Readable.from(chunks, { objectMode: false }), response).catch((error: unknown) => {
    if (!request.socket.destroyed) throw error; // else the handset went away
  });
}
