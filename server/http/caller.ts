// Who sends a request, as the guards establish it and the routers read it (O1).

import type { RequestHandler, Response } from 'express';

/** A business system is another program, such as a web shop. */
export type Role = 'handset' | 'provider' | 'operator' | 'administrator' | 'business';

export interface Caller {
  /** The account's log-in name. */
  user: string;
  role: Role;
  /** The content provider that a provider's account belongs to. */
  provider?: string;
}

/** Makes middleware that lets callers of these roles pass and refuses others with 401 or 403. */
export type Guard = (...roles: Role[]) => RequestHandler;

/** The caller that a guard has established; only behind a guard. */
export function callerOf(response: Response): Caller {
  const caller: unknown = response.locals.caller;
  if (caller === undefined) throw new Error('callerOf was called on a route without a guard');
  return caller as Caller;
}
