// What came of the reports: GET /sessions (V13) and GET /online (V15, V16).

import express, { type Request, type Router } from 'express';
import { type Caller, callerOf, type Guard } from '../http/caller.ts';
import { type Bounds, readInstant, readLimit, readText, readWhole } from '../http/query.ts';
import { Problem } from '../problem.ts';
import type { Session } from './session.ts';
import { type SessionRow, statJson, writeStatCsv, writeStatXml } from './stat-formats.ts';
import type { Viewing } from './viewing.ts';

export interface SessionsRouterDeps {
  viewing: Viewing;
  guard: Guard;
  clock: () => number;
  userOf(viewer: number): Promise<string | undefined>;
  viewerOf(user: string): Promise<number | undefined>;
  /** What the user has bought, and how long its keys are valid; times in ISO 8601 (V16). */
  boughtBy(viewer: number): Promise<{ subscriptions: object[]; keyValidUntil?: string }>;
  /** The services of a content provider. */
  servicesOf(provider: string): Promise<string[]>;
}

const DAY_MS = 24 * 3_600_000;
const DEVICE: Bounds = { least: 0, most: Number.MAX_SAFE_INTEGER };
const LONGEST_CURSOR = 8_192; // it holds the names that a handset gave, which nothing keeps short; a URL has 16 KiB at most

export function sessionsRouter(deps: SessionsRouterDeps): Router {
  const { viewing, guard, clock } = deps;
  const router = express.Router();

  router.get('/sessions', guard('handset', 'provider', 'administrator'), async (request, response) => {
    const caller = callerOf(response);
    const to = readInstant(request.query, 'to') ?? clock();
    const from = readInstant(request.query, 'from') ?? to - DAY_MS;
    if (from >= to) throw new Problem('invalid', 'from must be before to');
    const limit = readLimit(request.query);
    const user = caller.role === 'handset' ? caller.user : readText(request.query, 'user');
    if (caller.role === 'provider' && user !== undefined)
      throw new Problem('forbidden', 'a provider may not ask by user');
    const asked = readText(request.query, 'user');
    if (caller.role === 'handset' && asked !== undefined && asked !== caller.user) {
      throw new Problem('forbidden', 'a handset user sees its own sessions only');
    }
    const viewer = user === undefined ? undefined : await deps.viewerOf(user);
    if (user !== undefined && viewer === undefined) throw new Problem('not_found', `there is no user ${user}`);
    const services = await servicesFor(deps, caller, readText(request.query, 'service'));
    const after = readCursor(readText(request.query, 'after', LONGEST_CURSOR));
    const page = await viewing.listSessions({
      from,
      to,
      limit,
      ...(viewer === undefined ? {} : { viewer }),
      ...(services === undefined ? {} : { services }),
      ...(after === undefined ? {} : { after }),
    });
    const named = caller.role !== 'provider';
    const rows = await Promise.all(
      page.map(async (session) => rowOf(session, named ? await deps.userOf(session.viewer) : undefined)),
    );
    const last = page.length === limit ? page.at(-1) : undefined;
    const next = last === undefined ? undefined : writeCursor(last);
    if (next !== undefined) response.setHeader('Link', `<${nextUrl(request, next)}>; rel="next"`);
    const format = readText(request.query, 'format') ?? request.accepts(['json', 'csv', 'xml']);
    if (format === 'csv') response.type('text/csv').send(writeStatCsv(rows));
    else if (format === 'xml') response.type('application/xml').send(writeStatXml(rows));
    else if (format === 'json') response.json({ items: rows.map(statJson), ...(next === undefined ? {} : { next }) });
    else throw new Problem('unsupported', 'format is json, csv or xml');
  });

  router.get('/online', guard('provider', 'operator', 'administrator'), async (request, response) => {
    const caller = callerOf(response);
    const limit = readLimit(request.query);
    const service = readText(request.query, 'service');
    const after = readWhole(request.query, 'after', DEVICE);
    if (caller.role === 'provider') {
      if (service === undefined) throw new Problem('invalid', 'a provider names one of its services');
      await servicesFor(deps, caller, service);
    }
    viewing.online.sweep(clock());
    const page = viewing.online.list({
      limit,
      ...(service === undefined ? {} : { service }),
      ...(after === undefined ? {} : { after }),
    });
    const named = caller.role !== 'provider';
    const items = await Promise.all(
      page.map(async ({ device, viewer, since, lastSignAt, loginMethod, watching }) => ({
        ...(named ? { user: await deps.userOf(viewer) } : {}),
        device,
        since: new Date(since).toISOString(),
        lastSignAt: new Date(lastSignAt).toISOString(),
        loginMethod,
        ...(named ? await deps.boughtBy(viewer) : {}),
        ...(watching === undefined ? {} : { watching: { ...watching, since: new Date(watching.since).toISOString() } }),
      })),
    );
    const total = service === undefined ? viewing.online.size() : viewing.online.countViewers(service);
    response.json({ items, total, ...(page.length === limit ? { next: String(page.at(-1)?.device) } : {}) });
  });

  return router;
}

async function servicesFor(
  deps: SessionsRouterDeps,
  { role, provider }: Caller,
  service: string | undefined,
): Promise<string[] | undefined> {
  if (role !== 'provider') return service === undefined ? undefined : [service];
  const own = await deps.servicesOf(provider ?? '');
  if (service === undefined) return own;
  if (!own.includes(service)) throw new Problem('forbidden', `service ${service} is not of provider ${provider ?? ''}`);
  return [service];
}

function rowOf(session: Session, user: string | undefined): SessionRow {
  return { ...session, ...(user === undefined ? {} : { user }) };
}

const writeCursor = ({ startedAt, device, service, programme }: Session): string =>
  Buffer.from(JSON.stringify([startedAt, device, service, programme])).toString('base64url');

function readCursor(text: string | undefined): Session | undefined {
  if (text === undefined) return undefined;
  try {
    const [startedAt, device, service, programme] = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (
      typeof startedAt === 'number' &&
      typeof device === 'number' &&
      typeof service === 'string' &&
      typeof programme === 'string'
    ) {
      return { startedAt, device, service, programme, viewer: 0, lastSignAt: 0, flags: [], imputedMs: 0 };
    }
  } catch {
    // told below: whatever is wrong with a cursor, it was not made here
  }
  throw new Problem('invalid', 'after is not a cursor of this list');
}

function nextUrl(request: Request, next: string): string {
  const url = new URL(request.originalUrl, 'http://localhost');
  url.searchParams.set('after', next);
  return url.pathname + url.search;
}
