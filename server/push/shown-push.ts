// A push as the staff see it, over HTTP and at the desk (I2, O8).

import type { PushEvent } from './event.ts';
import { writeId } from './event-id.ts';
import { pushNameOf } from './pushes.ts';

/** Fit for JSON. */
export async function shownPush(
  event: PushEvent,
  { epoch, userOf }: { epoch(): string; userOf(viewer: number): Promise<string | undefined> },
): Promise<Record<string, unknown>> {
  const { offset, audience, content, at, validUntil, sender } = event;
  const by = sender === undefined ? undefined : await userOf(sender);
  const named = 'viewer' in audience ? { user: await userOf(audience.viewer) } : audience;
  return {
    id: pushNameOf(event),
    event: writeId({ epoch: epoch(), offset }),
    audience: named,
    content,
    at: new Date(at).toISOString(),
    ...(validUntil === undefined ? {} : { validUntil: new Date(validUntil).toISOString() }),
    ...(by === undefined ? {} : { by }),
  };
}
