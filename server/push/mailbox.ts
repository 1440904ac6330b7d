// What a handset asks for that has no stream, or that a stream could not fill: GET /updates (G12, G14).

import type { Concern, Subject } from './concern.ts';
import type { Cursors } from './cursors.ts';
import type { PushEvent } from './event.ts';
import type { EventFeed } from './event-feed.ts';
import { type Resumption, readId, resumeAfter, writeId } from './event-id.ts';

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
  /**
   * Where a stream goes on: behind `since`; without it, behind what was acknowledged last, else from now on. Takes `since` as an
   * acknowledgement. Problem `unavailable`.
   */
  resume(subject: Subject, since: string | undefined): Promise<Resumption>;
}

const SCANNED_AT_ONCE = 500;
/** In one call: a handset that has been away for days asks again, so that one call is short. */
const SCANNED = 10_000;

export function createMailbox(deps: {
  feed: Pick<EventFeed, 'list' | 'kept' | 'last' | 'look' | 'epoch'>;
  concern: Concern;
  cursors: Pick<Cursors, 'acknowledge' | 'find'>;
}): Mailbox {
  const { feed, concern, cursors } = deps;

  /** What an id that a handset gives is worth; one that was given out is its acknowledgement. */
  const goOn = async (subject: Subject, given: string): Promise<Resumption> => {
    const id = readId(given);
    if (id?.epoch !== feed.epoch()) return resumeAfter(given, await feed.kept());
    // Another process, which it comes from, may have given it out a moment ago.
    if (id.offset > feed.last()) await feed.look();
    if (id.offset > feed.last()) return resumeAfter(given, await feed.kept());
    cursors.acknowledge(subject, id.offset);
    return resumeAfter(given, await feed.kept(id.offset));
  };

  return {
    async resume(subject, since) {
      if (since !== undefined) return goOn(subject, since);
      const acknowledged = await cursors.find(subject);
      if (acknowledged === undefined) return { after: feed.last(), recovered: true };
      return goOn(subject, writeId({ epoch: feed.epoch(), offset: acknowledged }));
    },

    async list(subject, { since, limit }) {
      const epoch = feed.epoch();
      let { after: through, recovered } =
        since === undefined ? { after: (await feed.kept()).first - 1, recovered: true } : await goOn(subject, since);
      const events: PushEvent[] = [];
      const last = feed.last();
      for (let scanned = 0; through < last && events.length < limit && scanned < SCANNED; ) {
        const page = (await feed.list(through, SCANNED_AT_ONCE)).map(({ event }) => event);
        if (page[0]?.offset !== through + 1) recovered = false; // what comes next was removed meanwhile
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
