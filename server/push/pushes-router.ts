// The operators' door: POST and GET /pushes (I2, G12, O1).

import { type Response, Router } from 'express';
import { callerOf, type Guard } from '../http/caller.ts';
import { readJsonObject } from '../http/json-body.ts';
import { type Bounds, readLimit, readWhole } from '../http/query.ts';
import { Problem } from '../problem.ts';
import { writeId } from './event-id.ts';
import { PUSH_FIELDS, readPush } from './push-body.ts';
import type { PushSending } from './push-sending.ts';
import type { Pushes } from './pushes.ts';
import { shownPush } from './shown-push.ts';

export interface PushesRouterDeps {
  pushes: Pick<Pushes, 'list'>;
  sending: PushSending;
  epoch(): string;
  guard: Guard;
  findStaff(user: string): Promise<{ viewer: number } | undefined>;
  servicesOf(provider: string): Promise<string[]>;
  userOf(viewer: number): Promise<string | undefined>;
}

const BODY_BYTES = 65_536; // 32 KiB of XML, and what JSON makes of its quotes
const OFFSET: Bounds = { least: 1, most: Number.MAX_SAFE_INTEGER };

export function pushesRouter(deps: PushesRouterDeps): Router {
  const router = Router();

  const senderOf = async (response: Response) => {
    const { user, role, provider = '' } = callerOf(response);
    const account = await deps.findStaff(user);
    if (account === undefined) throw new Problem('unauthorized', 'the account is gone');
    const own = role === 'provider' ? { ownServices: await deps.servicesOf(provider) } : {};
    return { by: user, viewer: account.viewer, ...own };
  };

  router.post('/pushes', deps.guard('provider', 'operator', 'administrator'), async (request, response) => {
    const asked = readPush(await readJsonObject(request, { limitBytes: BODY_BYTES, fields: PUSH_FIELDS }));
    const { id, event, isKnown, reached, marked } = await deps.sending.send(asked, await senderOf(response));
    response
      .status(isKnown ? 200 : 201)
      .json({ id, event: writeId({ epoch: deps.epoch(), offset: event.offset }), reached, marked });
  });

  router.get('/pushes', deps.guard('operator', 'administrator'), async (request, response) => {
    const limit = readLimit(request.query);
    const before = readWhole(request.query, 'after', OFFSET);
    const page = await deps.pushes.list({ limit, ...(before === undefined ? {} : { before }) });
    const items = await Promise.all(page.map((event) => shownPush(event, deps)));
    const last = page.length === limit ? page.at(-1) : undefined;
    response.json({ items, ...(last === undefined ? {} : { next: String(last.offset) }) });
  });

  return router;
}
