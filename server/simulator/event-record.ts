// What the store itself says was told, and for whom: known without the addresses that handsets ask, and so a check of them (O10; G13, G14).

import type { PushEvent } from '../push/event.ts';
import { writeId } from '../push/event-id.ts';
import type { EventStore } from '../push/event-store.ts';
import { placeOf, type ReceivedEvent } from './received-events.ts';

export interface EventRecord {
  /** Reads on to the newest. */
  look(): Promise<void>;
  /** Those for all or for the user, ascending, that are kept and never run out: nothing can excuse that one is missing. */
  surelyFor(user: string): ReceivedEvent[];
  /** Whether it is for who watches something; of one that is not known here, false. */
  isForWatchers(id: string): boolean;
  /** Whether it is for another user; of one that is not known here, false. */
  isForAnother(id: string, user: string): boolean;
}

const PAGE = 1_000;
const ALL = Symbol('all users');

export function createEventRecord(deps: {
  events: Pick<EventStore, 'epoch' | 'list' | 'bounds'>;
  /** The user with this pseudonym; undefined for one that is gone. */
  userOf(viewer: number): Promise<string | undefined>;
}): EventRecord {
  const { events } = deps;
  const lastingFor = new Map<string | typeof ALL, ReceivedEvent[]>();
  const forWatchers = new Set<string>();
  const ownerOf = new Map<string, string>();
  let [first, last] = [1, 0];
  let reading = Promise.resolve();

  const take = async (event: PushEvent, epoch: string): Promise<void> => {
    const { audience, kind, at, offset, validUntil } = event;
    last = offset;
    const id = writeId({ epoch, offset });
    if ('service' in audience) forWatchers.add(id);
    const user = 'viewer' in audience ? await deps.userOf(audience.viewer) : undefined;
    if (user !== undefined) ownerOf.set(id, user);
    const owner = 'all' in audience ? ALL : user;
    if (owner === undefined || validUntil !== undefined || kind === 'account-closed') return;
    const list = lastingFor.get(owner) ?? [];
    list.push({ id, kind, at });
    lastingFor.set(owner, list);
  };

  const readOn = async (): Promise<void> => {
    const epoch = await events.epoch('none');
    for (let isMore = true; isMore; ) {
      const page = await events.list(last, PAGE);
      for (const event of page) await take(event, epoch);
      isMore = page.length === PAGE;
    }
    first = (await events.bounds()).first;
  };

  return {
    look() {
      reading = reading.catch(() => undefined).then(readOn); // one after another: each goes on from the last
      return reading;
    },
    surelyFor: (user) =>
      [...(lastingFor.get(ALL) ?? []), ...(lastingFor.get(user) ?? [])]
        .filter(({ id }) => placeOf(id) >= first)
        .sort((a, b) => placeOf(a.id) - placeOf(b.id)),
    isForWatchers: (id) => forWatchers.has(id),
    isForAnother: (id, user) => (ownerOf.get(id) ?? user) !== user,
  };
}
