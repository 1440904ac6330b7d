// Gives every request an id that leads from the handset's answer to the log line (O7).

import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

const SANE = /^[\w.:-]{1,64}$/; // what a proxy may hand on without bending a log line or a header

/** Middleware: takes a sane `X-Request-Id` or makes one; answers it in the same header. */
export function requestId(): RequestHandler {
  const prefix = randomBytes(6).toString('base64url'); // tells processes apart; the count tells requests apart
  let count = 0;
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    count += 1;
    const id = typeof given === 'string' && SANE.test(given) ? given : `${prefix}-${count.toString(36)}`;
    response.locals.requestId = id;
    response.setHeader('X-Request-Id', id);
    next();
  };
}

/** The id that `requestId()` gave; '' on a route without it. */
export function requestIdOf(response: Response): string {
  const id: unknown = response.locals.requestId;
  return typeof id === 'string' ? id : '';
}
