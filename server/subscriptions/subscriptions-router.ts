// Subscriptions over HTTP: a handset's own, a named user's for those outside (G7-G9).

import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import type { Audit } from '../accounts/audit.ts';
import { answerFormOf, eitherEncoder } from '../http/answer-form.ts';
import { callerOf, type Guard, type Role } from '../http/caller.ts';
import { readJsonObject } from '../http/json-body.ts';
import { type Bounds, readText, readWhole } from '../http/query.ts';
import { readBodyAhead } from '../http/request-body.ts';
import { sendsXml } from '../http/xml-or-json.ts';
import { Problem } from '../problem.ts';
import type { Way } from './subscription.ts';
import {
  cancelledJson,
  cancelledXml,
  type DeviceList,
  type OrderTimes,
  orderedJson,
  orderedXml,
  readListJson,
  readListXml,
  readOrderJson,
  readOrderXml,
  viewJson,
  viewXml,
} from './subscription-documents.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface SubscriptionsRouterDeps {
  subscriptions: Subscriptions;
  audit: Pick<Audit, 'record'>;
  guard: Guard;
  findUser(user: string): Promise<{ viewer: number; role: Role; enabled: boolean } | undefined>;
  /** Tell faults in the form that was asked for. */
  encodeProblem: Record<'xml' | 'json', ErrorRequestHandler>;
}

const VERSION: Bounds = { least: 0, most: 999_999_999 };
const BODY_LIMIT_BYTES = 65_536; // a hundred items with long names, in XML

export function subscriptionsRouter(deps: SubscriptionsRouterDeps): Router {
  const { subscriptions, audit, guard } = deps;
  const router = Router();
  const users = guard('handset', 'operator', 'administrator', 'business');

  router.get('/subscriptions', users, async (request, response) => {
    const form = answerFormOf(request);
    const { viewer } = await userFor(deps, request, response);
    const view = await subscriptions.view(viewer, readWhole(request.query, 'since', VERSION));
    send(response, form, viewJson(view), () => viewXml(view));
  });

  router.post('/subscriptions/sync', guard('handset'), async (request, response) => {
    const form = answerFormOf(request);
    const { viewer } = await userFor(deps, request, response);
    const view = await subscriptions.sync(viewer, await readList(request));
    send(response, form, viewJson(view), () => viewXml(view));
  });

  router.put('/subscriptions/:item', users, async (request, response) => {
    const form = answerFormOf(request);
    const { user, viewer, by, bought } = await userFor(deps, request, response, true);
    const item = String(request.params.item);
    const times = await readOrder(request);
    if (bought === 'handset' && Object.keys(times).length > 0)
      throw new Problem('forbidden', 'since when and until when follows from the item');
    const ordered = await subscriptions.order(viewer, { item, bought, ...times });
    const { isChanged, isNew, subscription } = ordered;
    if (isChanged && by !== user) {
      const until = subscription.until === undefined ? {} : { until: new Date(subscription.until).toISOString() };
      await audit.record({ by, action: 'subscription.order', subject: user, detail: { item, ...until } });
    }
    response.status(isNew ? 201 : 200);
    send(response, form, orderedJson(ordered), () => orderedXml(ordered));
  });

  router.delete('/subscriptions/:item', users, async (request, response) => {
    const form = answerFormOf(request);
    const { user, viewer, by } = await userFor(deps, request, response);
    const item = String(request.params.item);
    const cancelled = await subscriptions.cancel(viewer, item);
    if (cancelled.isChanged && by !== user)
      await audit.record({ by, action: 'subscription.cancel', subject: user, detail: { item } });
    send(response, form, cancelledJson(cancelled), () => cancelledXml(cancelled));
  });

  router.use(eitherEncoder(isSubscriptionsAddress, deps.encodeProblem));
  return router;
}

/** Whether faults are told in the handsets' form, unless JSON is asked for. */
export const isSubscriptionsAddress = (_method: string, path: string): boolean =>
  /^\/subscriptions(?:\/[^/]+)?\/?$/i.test(path);

const WAYS: Partial<Record<Role, Way>> = { handset: 'handset', business: 'business' };

/** Whose subscriptions: a handset's own, else those of `?user=`. Problem `invalid`, `forbidden`, `not_found`, `conflict`. */
async function userFor(
  { findUser }: SubscriptionsRouterDeps,
  request: Request,
  response: Response,
  isOrder = false,
): Promise<{ user: string; viewer: number; by: string; bought: Way }> {
  const { user: by, role } = callerOf(response);
  const asked = readText(request.query, 'user');
  if (role === 'handset' && asked !== undefined && asked !== by)
    throw new Problem('forbidden', 'these are of another user');
  const user = role === 'handset' ? by : asked;
  if (user === undefined)
    throw new Problem('invalid', 'the parameter user says whose', { faults: [{ element: 'user', rule: 'required' }] });
  const found = await findUser(user);
  if (found?.role !== 'handset') throw new Problem('not_found', `there is no handset user ${user}`);
  // Nothing may come in behind an erasure, which disables first (O2).
  if (isOrder && !found.enabled) throw new Problem('conflict', `the account ${user} is disabled`);
  return { user, viewer: found.viewer, by, bought: WAYS[role] ?? 'operator' };
}

async function readOrder(request: Request): Promise<OrderTimes> {
  const body = await readBodyAhead(request, BODY_LIMIT_BYTES);
  if (body.length === 0) return {};
  if (sendsXml(request)) return readOrderXml(body);
  return readOrderJson(await readJsonObject(request, { limitBytes: BODY_LIMIT_BYTES, fields: ['since', 'until'] }));
}

/** Undefined for an empty body. */
async function readList(request: Request): Promise<DeviceList | undefined> {
  const body = await readBodyAhead(request, BODY_LIMIT_BYTES);
  if (body.length === 0) return undefined;
  if (sendsXml(request)) return readListXml(body);
  const fields = await readJsonObject(request, { limitBytes: BODY_LIMIT_BYTES });
  return readListJson(fields);
}

function send(response: Response, form: 'xml' | 'json', value: object, xml: () => string): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Vary', 'Accept, Authorization');
  if (form === 'json') response.json(value);
  else response.type('application/xml').send(xml());
}
