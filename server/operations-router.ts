// What those who run the server ask it: is it alive, can it work, how much does it do, what can be called (O7).

import { setTimeout as sleep } from 'node:timers/promises';
import express, { type RequestHandler, type Router } from 'express';
import type { Metrics } from './metrics.ts';
import { Problem } from './problem.ts';

const READY_WITHIN_MS = 2_000; // a load balancer asks every few seconds

/**
 * GET /healthz, /readyz, /metrics and /openapi.json. `ready` rejects when the store does not answer.
 *
 * All four are open to whoever reaches the server. Metrics are no exception: every log-in needs the store, and they are
 * wanted most while it is away. They hold counts of the process, no identity and nobody's figures; an operator who tells
 * not even that keeps the address inside, at the proxy.
 */
export function operationsRouter(deps: { metrics: Metrics; ready: () => Promise<void>; openapi: object }): Router {
  const { metrics, ready, openapi } = deps;
  const router = express.Router();

  router.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok');
  });

  router.get('/readyz', async (_request, response) => {
    const late = sleep(READY_WITHIN_MS, 'late', { ref: false });
    const answer = await Promise.race([ready(), late]).catch((cause: unknown) => {
      const isTold = cause instanceof Problem && cause.isTold;
      throw new Problem('unavailable', 'the store does not answer', { cause, isTold });
    });
    // Who asks is told; the log, by the requests that wait for the store in vain.
    if (answer === 'late') throw new Problem('unavailable', 'the store does not answer in time', { isTold: true });
    response.type('text/plain').send('ready');
  });

  router.get('/metrics', async (_request, response) => {
    const { contentType, text } = await metrics.write();
    response.setHeader('Content-Type', contentType);
    response.send(text);
  });

  router.get('/openapi.json', (_request, response) => {
    response.json(openapi);
  });
  return router;
}

/** Middleware, to be the first of the app: times each request under the pattern of the route that took it. */
export function measureRequests(metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('finish', () => {
      const path: unknown = request.route?.path;
      const route = typeof path === 'string' ? request.baseUrl + path : 'none';
      metrics.countRequest(request.method, route, response.statusCode, performance.now() - startedAt);
    });
    next();
  };
}
