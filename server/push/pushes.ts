// What operators push: content for who is watching, for a user, or for all (I2, G12, G13, O1).

import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../problem.ts';
import type { Audience, NewEvent, PushEvent } from './event.ts';

/** What handsets get: a text by language (BCP 47), or a document of XML as it is. */
export type PushContent = { text: Record<string, string> } | { xml: string };

export interface NewPush {
  audience: Extract<Audience, { all: true } | { viewer: number } | { service: string }>;
  content: PushContent;
  /** Epoch ms; absent: as long as history is kept. */
  validUntil?: number;
  /** The caller's own name for it: the same again is the same push. */
  id: string;
  /** Who pushes it: the user's pseudonym, and the name for the audit log. */
  sender: number;
  by: string;
}

/** `reached`: streams open now that it is for; `marked`: devices online that it is for and that have none. */
export interface PushResult {
  event: PushEvent;
  /** It was there before. */
  isKnown: boolean;
  reached: number;
  marked: number;
}

export interface Pushes {
  /** Problem `conflict` when another push has the id; `invalid` when it would be over before it begins. */
  send(push: NewPush): Promise<PushResult>;
  /** Newest first, those before an offset. */
  list(query: { before?: number; limit: number }): Promise<PushEvent[]>;
}

const KEY = 'push/';

/** The name that the sender gave it. */
export const pushNameOf = ({ key }: PushEvent): string => (key.startsWith(KEY) ? key.slice(KEY.length) : '');

export function createPushes(deps: {
  append(event: NewEvent): Promise<PushEvent>;
  count(event: PushEvent): Promise<{ reached: number; marked: number }>;
  listSent(before: number, limit: number): Promise<PushEvent[]>;
  recordAudit(entry: { by: string; action: string; subject: string; detail: Record<string, string> }): Promise<void>;
  clock: () => number;
}): Pushes {
  return {
    async send({ audience, content, validUntil, id, sender, by }) {
      const sentAt = deps.clock();
      if (validUntil !== undefined && validUntil <= sentAt)
        throw new Problem('invalid', 'validUntil is past', { faults: [{ element: 'validUntil', rule: 'future' }] });
      const event = await deps.append({
        kind: 'message',
        audience,
        content: { ...content },
        key: KEY + id,
        sender,
        ...(validUntil === undefined ? {} : { validUntil }),
      });
      const isSame =
        event.sender === sender &&
        event.validUntil === validUntil &&
        isDeepStrictEqual([event.audience, event.content], [audience, { ...content }]);
      if (!isSame) throw new Problem('conflict', `there is another push with the id ${id}`);
      const isKnown = event.at < sentAt;
      if (!isKnown) await deps.recordAudit({ by, action: 'push.send', subject: id, detail: told(audience) });
      return { event, isKnown, ...(await deps.count(event)) };
    },

    list: ({ before = Number.MAX_SAFE_INTEGER, limit }) => deps.listSent(before, limit),
  };
}

/** No user by name: the audit log outlives the account. */
function told(audience: NewPush['audience']): Record<string, string> {
  if ('all' in audience) return { audience: 'all' };
  if ('viewer' in audience) return { audience: 'user' };
  const { service, programme } = audience;
  return { audience: 'service', service, ...(programme === undefined ? {} : { programme }) };
}
