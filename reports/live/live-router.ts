// The door to the live audience: GET /reports/live (ratings R9, R14).

import express, { type Router } from 'express';
import { callerOf, type Guard } from '../../server/http/caller.ts';
import { Problem } from '../../server/problem.ts';
import type { Live } from './live.ts';

export function liveRouter({ live, guard }: { live: Live; guard: Guard }): Router {
  const router = express.Router();
  router.get('/reports/live', guard('provider', 'operator', 'administrator'), async (_request, response) => {
    const { role, provider } = callerOf(response);
    if (role === 'provider' && provider === undefined)
      throw new Problem('forbidden', 'the account belongs to no provider');
    const { at, minutes, ...rest } = await live.look(role === 'provider' ? provider : undefined);
    response.setHeader('Cache-Control', 'private, max-age=1');
    response.json({
      at: new Date(at).toISOString(),
      minutes: minutes.map((start) => new Date(start).toISOString()),
      ...rest,
    });
  });
  return router;
}
