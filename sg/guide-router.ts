// The guide over HTTP: loads, lists, a provider's own services and marks (G2, G3, G5).

import type { IncomingMessage } from 'node:http';
import { type Request, type Response, Router } from 'express';
import { type Caller, callerOf, type Guard } from '../server/http/caller.ts';
import { readBody } from '../server/http/request-body.ts';
import { Problem } from '../server/problem.ts';
import type { Editor, Guide } from './guide.ts';
import type { Programme, Service } from './schedule.ts';
import { serviceFromBody } from './service-body.ts';

/** 500,000 programmes with descriptions; more comes in parts. */
const MAX_LOAD_BYTES = 512 * 1_048_576;
const MAX_BODY_BYTES = 1_048_576;
const PAGE = 100;
const MAX_PAGE = 1_000;
/** A month of one service; a day of a thousand is as much. */
const MAX_WINDOW_MS = 31 * 86_400_000;

export interface GuideRouterDeps {
  guide: Guide;
  guard: Guard;
}

export function guideRouter({ guide, guard }: GuideRouterDeps): Router {
  const router = Router();
  const writers = guard('provider', 'administrator');
  const readers = guard('handset', 'provider', 'operator', 'administrator');

  router.post('/sg/loads', writers, async (request, response) => {
    const caller = callerOf(response);
    const asked = text(request, 'provider') ?? caller.provider;
    if (asked === undefined) throw new Problem('invalid', 'provider= says whose services these are');
    if (caller.role === 'provider' && asked !== caller.provider) {
      throw new Problem('forbidden', 'a provider loads its own services only');
    }
    const result = await guide.load(limited(request), { provider: asked, source: `upload by ${caller.user}` });
    response.status(201).json(result);
  });

  router.get('/sg/services', readers, async (request, response) => {
    const provider = text(request, 'provider');
    const services = await guide.listServices(provider === undefined ? {} : { provider });
    sendPage(request, response, services.map(serviceOut));
  });

  router.get('/sg/programmes', readers, async (request, response) => {
    const [from, to] = [instant(request, 'from'), instant(request, 'to')];
    if (!(from < to) || to - from > MAX_WINDOW_MS)
      throw new Problem('invalid', 'from= is before to=, by 31 days at most');
    const services = text(request, 'service')?.split(',');
    const revision = count(request, 'revision');
    const more = { ...(services && { services }), ...(revision === undefined ? {} : { revision }) };
    const programmes = await guide.listProgrammes({ from, to, ...more });
    sendPage(request, response, programmes.map(programmeOut));
  });

  router.put('/sg/services/:id', writers, async (request, response) => {
    const caller = callerOf(response);
    const id = String(request.params.id);
    const before = await guide.findService(id);
    const service = serviceFromBody(await jsonBody(request), id, caller.provider ?? caller.user, before);
    await guide.putService(editorOf(caller), service);
    response.status(before === undefined ? 201 : 200).json(serviceOut(service));
  });

  router.put('/sg/services/:id/measured-windows', writers, async (request, response) => {
    const body = (await jsonBody(request)) as { marks?: unknown } | null;
    const marks = body?.marks;
    if (!Array.isArray(marks) || !marks.every((mark) => typeof mark === 'string')) {
      throw new Problem('invalid', 'the body is {"marks": ["TRUE 2007-08-09T12:00+08:00~13:00", …]}');
    }
    const windows = await guide.setMeasuredWindows(editorOf(callerOf(response)), String(request.params.id), marks);
    response.json({ items: windows.map(windowOut) });
  });

  return router;
}

function editorOf(caller: Caller): Editor {
  if (caller.role === 'administrator') return { role: 'administrator' };
  if (caller.provider === undefined) throw new Problem('forbidden', 'the account has no provider');
  return { role: 'provider', provider: caller.provider };
}

async function* limited(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const tooLarge = (): Problem => new Problem('too_large', `a load may have ${MAX_LOAD_BYTES} bytes at most`);
  if (Number(request.headers['content-length'] ?? 0) > MAX_LOAD_BYTES) throw tooLarge();
  let size = 0;
  // the connection stays open when reading stops early: the answer has to get out
  const chunks: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false });
  while (true) {
    const next = await chunks.next().catch((cause: unknown) => {
      throw new Problem('invalid', 'the body broke off', { cause });
    });
    if (next.done === true) return;
    size += next.value.length;
    if (size > MAX_LOAD_BYTES) throw tooLarge();
    yield next.value;
  }
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse((await readBody(request, MAX_BODY_BYTES)).toString('utf8'));
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('invalid', 'the body is not JSON', { cause });
  }
}

function text(request: Request, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw new Problem('invalid', `${name}= is given once`);
  return value;
}

function count(request: Request, name: string): number | undefined {
  const value = text(request, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new Problem('invalid', `${name}= is a whole number`);
  return Number(value);
}

function instant(request: Request, name: string): number {
  const value = text(request, name) ?? '';
  const at = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new Problem('invalid', `${name}= is a time with a zone, as 2007-08-09T12:00:00Z`);
  return at;
}

/** The cursor is how many items came before. */
function sendPage(request: Request, response: Response, items: object[]): void {
  const start = count(request, 'after') ?? 0;
  const limit = Math.min(count(request, 'limit') ?? PAGE, MAX_PAGE) || PAGE;
  const end = start + limit;
  response.json({ items: items.slice(start, end), ...(end < items.length ? { next: String(end) } : {}) });
}

const iso = (at: number): string => new Date(at).toISOString();
const windowOut = ({ from, to }: { from: number; to: number }): object => ({ from: iso(from), to: iso(to) });
const serviceOut = (service: Service): object => ({ ...service, measured: service.measured.map(windowOut) });

function programmeOut({ startAt, stopAt, breaks, ...rest }: Programme): object {
  const times = { startAt: iso(startAt), stopAt: iso(stopAt) };
  return { ...rest, ...times, ...(breaks === undefined ? {} : { breaks: breaks.map(windowOut) }) };
}
