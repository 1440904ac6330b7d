// What a handset is to have got: what the server tells when it is asked anew, and what the store says is for it in any case (O10; G13, G14).

import type { EventRecord } from './event-record.ts';
import { type Expected, placeOf, type ReceivedEvent } from './received-events.ts';

/** What the server told, through this id. */
interface Told {
  events: readonly ReceivedEvent[];
  id: string;
}

/** Of what follows `after`; undefined: of all that is kept. */
export type Expecting = (told: Told, after: string | undefined) => Promise<Expected>;

/** `isUnsureAt` tells when the server may have thought otherwise of what is watched: it bears on nothing else. Without a record nothing is unsure. */
export function createExpecting(deps: {
  user: string;
  record: EventRecord | undefined;
  isUnsureAt(at: number): boolean;
}): Expecting {
  const { user, record } = deps;
  return async (told, after) => {
    await record?.look();
    const [from, through] = [after === undefined ? 0 : placeOf(after), placeOf(told.id)];
    const byId = new Map<string, ReceivedEvent>();
    for (const event of [...told.events, ...(record?.surelyFor(user) ?? [])])
      if (placeOf(event.id) > from && placeOf(event.id) <= through) byId.set(event.id, event);
    return {
      events: [...byId.values()],
      isUnsure: ({ id, at }) => record?.isForWatchers(id) === true && deps.isUnsureAt(at),
      isForeign: (id) => record?.isForAnother(id, user) === true,
    };
  };
}
