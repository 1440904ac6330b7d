// Events for the viewers of a service that are valid until a time: who begins to watch it before gets them then (G13, I2).

import { fits, isValid, type ServiceAudience } from './concern.ts';
import type { PushEvent } from './event.ts';
import type { EncodedEvent } from './event-writing.ts';

export interface ValidEvents {
  /** Takes in an event, if it is for a service and says until when. */
  add(encoded: EncodedEvent): void;
  /** Those for who watches this, ascending. */
  listFor(watched: { service: string; programme: string }, now: number): EncodedEvent[];
  /** Forgets what is no longer valid. */
  sweep(now: number): void;
}

/** Of one service: more are hardly pushed in three days, and who begins to watch is not to get hundreds. */
const MOST_OF_SERVICE = 100;

export function createValidEvents(): ValidEvents {
  const byService = new Map<string, EncodedEvent[]>();
  const audienceOf = ({ audience }: PushEvent): ServiceAudience | undefined =>
    'service' in audience ? audience : undefined;

  return {
    add(encoded) {
      const audience = audienceOf(encoded.event);
      if (audience === undefined || encoded.event.validUntil === undefined) return;
      const list = byService.get(audience.service) ?? [];
      list.push(encoded);
      if (list.length > MOST_OF_SERVICE) list.shift();
      byService.set(audience.service, list);
    },

    listFor(watched, now) {
      const list = byService.get(watched.service);
      if (list === undefined) return [];
      return list.filter(({ event }) => {
        const audience = audienceOf(event);
        return audience !== undefined && fits(audience, watched) && isValid(event, now);
      });
    },

    sweep(now) {
      for (const [service, list] of byService) {
        const valid = list.filter(({ event }) => isValid(event, now));
        if (valid.length === 0) byService.delete(service);
        else if (valid.length < list.length) byService.set(service, valid);
      }
    },
  };
}
