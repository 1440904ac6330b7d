// A subscriber's keys over HTTP: GET /keys (G11).

import { type ErrorRequestHandler, Router } from 'express';
import { answerFormOf, eitherEncoder } from '../http/answer-form.ts';
import { callerOf, type Guard } from '../http/caller.ts';
import { Problem } from '../problem.ts';
import type { Keys } from './keys.ts';
import { keysJson, keysXml } from './keys-document.ts';

export interface KeysRouterDeps {
  keys: Pick<Keys, 'give'>;
  guard: Guard;
  findUser(user: string): Promise<{ viewer: number } | undefined>;
  /** Tell faults in the form that was asked for. */
  encodeProblem: Record<'xml' | 'json', ErrorRequestHandler>;
}

export function keysRouter({ keys, guard, findUser, encodeProblem }: KeysRouterDeps): Router {
  const router = Router();

  router.get('/keys', guard('handset'), async (request, response) => {
    const form = answerFormOf(request);
    const { user } = callerOf(response);
    const found = await findUser(user);
    if (found === undefined) throw new Problem('not_found', `there is no user ${user}`);
    const ring = await keys.give(found.viewer);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Vary', 'Accept, Authorization');
    if (form === 'json') response.json(keysJson(ring));
    else response.type('application/xml').send(keysXml(ring));
  });

  router.use(eitherEncoder(isKeysAddress, encodeProblem));
  return router;
}

/** Whether faults are told in the handsets' form, unless JSON is asked for. */
export const isKeysAddress = (_method: string, path: string): boolean => /^\/keys\/?$/i.test(path);
