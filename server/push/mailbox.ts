// What a handset asks for that has no stream, or that a stream could not fill: GET /updates (G12, G14).

import type { Concern, Subject } from './concern.ts';
import type { Cursors } from './cursors.ts';
import type { PushEvent } from './event.ts';
import type { EventFeed } from './event-feed.ts';
import { readId, resumeAfter, writeId } from './event-id.ts';

/** A page of what concerns somebody. */
export interface Updates {
  epoch: string;
  /** False: something between is lost, and the handset fetches afresh what it needs. */
  recovered: boolean;
  events: PushEvent[];
  /** From where one goes on: `since` of the next call. */
  id: string;
  /** There may be more by now. */
  isMore: boolean;
}

export interface Mailbox {
  /** What follows `since`, the oldest first; without it, from the oldest that is kept. It acknowledges what comes before. */
  list(subject: Subject, query: { since?: string; limit: number }): Promise<Updates>;
  /** Takes the id that a handset gives as its acknowledgement; answers the offset that is acknowledged, if any is. */
  acknowledge(subject: Subject, since: string | undefined): Promise<number | undefined>;
}

const SCANNED_AT_ONCE = 500;
/** In one call: a handset that has been away for days asks again, so that one call is short. */
const SCANNED = 10_000;

export function createMailbox(deps: {
  feed: Pick<EventFeed, 'list' | 'kept' | 'last' | 'epoch'>;
  concern: Concern;
  cursors: Pick<Cursors, 'acknowledge' | 'find'>;
}): Mailbox {
  const { feed, concern, cursors } = deps;

  const acknowledge: Mailbox['acknowledge'] = async (subject, since) => {
    if (since === undefined) return await cursors.find(subject);
    const id = readId(since);
    if (id?.epoch !== feed.epoch() || id.offset > feed.last()) return undefined; // it was never given out
    cursors.acknowledge(subject, id.offset);
    return id.offset;
  };

  return {
    acknowledge,

    async list(subject, { since, limit }) {
      const kept = await feed.kept(since === undefined ? undefined : readId(since)?.offset);
      const { epoch, first } = kept;
      const { after, recovered } =
        since === undefined ? { after: first - 1, recovered: true } : resumeAfter(since, kept);
      await acknowledge(subject, since);
      const events: PushEvent[] = [];
      let through = after;
      const last = feed.last();
      for (let scanned = 0; through < last && events.length < limit && scanned < SCANNED; ) {
        const page = (await feed.list(through, SCANNED_AT_ONCE)).map(({ event }) => event);
        const chosen = await concern.choose(subject, page);
        events.push(...chosen.slice(0, limit - events.length));
        const isFull = events.length === limit;
        // A full page goes on from its own last event; else from the last that was looked at.
        through = (isFull ? events.at(-1)?.offset : page.at(-1)?.offset) ?? last;
        scanned += page.length;
      }
      return { epoch, recovered, events, id: writeId({ epoch, offset: through }), isMore: through < last };
    },
  };
}
