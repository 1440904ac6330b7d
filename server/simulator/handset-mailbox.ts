// GET /updates as a handset asks it: what it was not told on a stream, and what is stored for it (O10; G12, G14).

import type { Expecting } from './expected-events.ts';
import type { HandsetClient } from './handset-client.ts';
import { withQuery } from './handset-wire.ts';
import { createReceivedEvents, type ReceivedEvent, type ReceivedEvents } from './received-events.ts';

interface Stored {
  events: ReceivedEvent[];
  /** From where one goes on. */
  id: string;
  isRecovered: boolean;
}

/** All that is stored for the device after `since`, or of what is kept; undefined when the server does not tell. */
export async function listStored(
  client: Pick<HandsetClient, 'get'>,
  device: string | undefined,
  since: string | undefined,
): Promise<Stored | undefined> {
  const events: ReceivedEvent[] = [];
  let isRecovered = true;
  for (let after = since; ; ) {
    const { status, body } = await client.get({ path: withQuery('/updates', { device, since: after }) });
    const [, recovered, id, more] = /<Updates recovered="(\w+)" id="([^"]*)" more="(\w+)"/.exec(body) ?? [];
    if (status !== 200 || id === undefined) return undefined;
    if (recovered !== 'true') isRecovered = false;
    for (const [, own = '', kind = '', at = ''] of body.matchAll(/<Update id="([^"]*)" kind="([^"]*)" at="([^"]*)"/g))
      events.push({ id: own, kind, at: Date.parse(at) });
    after = id;
    if (more !== 'true') return { events, id, isRecovered };
  }
}

/** Of a handset that holds no stream and goes by the marks in the answers to its reports. */
export interface HandsetMailbox {
  /** Fetches what is new; answers whether the server told. */
  fetch(): Promise<boolean>;
  /** Looks a last time, and whether all that is stored was fetched. Answers how many events no mark had told of. An Error when the server does not tell. */
  finish(expecting: Expecting): Promise<number>;
  readonly events: ReceivedEvents;
}

export function createMailbox(client: Pick<HandsetClient, 'get'>, device: string | undefined): HandsetMailbox {
  const events = createReceivedEvents();
  let since: string | undefined;
  events.begin(undefined, true);

  const fetch = async (): Promise<boolean> => {
    const told = await listStored(client, device, since);
    if (told === undefined) return false;
    if (!told.isRecovered) events.begin(undefined, false);
    for (const event of told.events) events.take(event, false);
    since = told.id;
    return true;
  };

  return {
    events,
    fetch,
    async finish(expecting) {
      const before = events.counts.received;
      const isTold = await fetch();
      const stored = await listStored(client, device, undefined);
      if (!isTold || stored === undefined || since === undefined) throw new Error(UNTOLD);
      // Only through what was fetched: what is stored between the two questions is not missed.
      events.compare(await expecting({ events: stored.events, id: since }, events.comparedFrom()));
      return events.counts.received - before;
    },
  };
}

export const UNTOLD = 'the server does not tell what is stored for a handset';
