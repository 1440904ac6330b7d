// The marks "needs update" in the answer to each report: what is stored for a user and was neither acknowledged nor delivered (V5, claim 4).

import { type IsEntitled, isValid } from './concern.ts';
import type { Cursors } from './cursors.ts';
import type { EventKind, PushEvent } from './event.ts';

type Mark = 'key' | 'interaction' | 'guide';
type NeedsUpdate = Record<Mark, boolean>;

/** The sender of a report, as the report leaves it. */
export interface Reporter {
  viewer: number;
  device: number;
  /** What it watches; empty: nothing. */
  service: string;
  programme: string;
  /** The version of the guide that it says it holds. */
  guideVersion?: number;
}

export interface UpdateMarks {
  /** Takes in an event; of one for a service, `watching` are the devices that it concerns now and that no stream reaches. */
  note(event: PushEvent, watching: Iterable<number>): void;
  /** At once, unless something may be marked and it must be read what was acknowledged. */
  of(reporter: Reporter): NeedsUpdate | Promise<NeedsUpdate>;
  forget(viewer: number, devices: readonly number[]): void;
}

/** There are three marks, and a handset that knows nothing else must learn of every event by one of them. */
const MARK_OF: Record<EventKind, Mark | undefined> = {
  'guide-changed': 'guide',
  'subscription-changed': 'key',
  'key-needs-update': 'key',
  interaction: 'interaction',
  results: 'interaction',
  survey: 'interaction',
  message: 'interaction',
  'account-closed': undefined,
};
const NOTHING: NeedsUpdate = { key: false, interaction: false, guide: false };
const REMEMBERED = 200_000; // names of audiences, some 20 MB
const OF_AUDIENCE = 8; // the newest: an older one may be valid longer than these, as a rule none is

interface Noted {
  mark: Mark;
  offset: number;
  validUntil: number | undefined;
}

const NOWHERE: readonly Noted[] = [];

export function createUpdateMarks(deps: {
  cursors: Pick<Cursors, 'find'>;
  /** Events through this offset were delivered on an open stream of the device or the user, anywhere; 0: there is none. */
  deliveredThrough(device: number, viewer: number): number;
  isEntitled: IsEntitled;
  /** 0 before it is known. */
  guideVersion(): number;
  clock: () => number;
}): UpdateMarks {
  const { cursors, clock } = deps;
  const byAudience = new Map<string, Noted[]>();
  const subscribed = new Set<string>();

  const put = (name: string, noted: Noted): void => {
    const list = byAudience.get(name) ?? [];
    byAudience.delete(name); // a Map keeps the order of first insertion
    if (byAudience.size >= REMEMBERED) byAudience.delete(byAudience.keys().next().value ?? '');
    list.push(noted);
    if (list.length > OF_AUDIENCE) list.shift();
    byAudience.set(name, list);
  };

  /** Those that may concern the reporter, but for what has to be asked. */
  const candidates = ({ viewer, device, service, programme }: Reporter): Noted[][] => {
    const found: Noted[][] = [];
    const look = (name: string): void => {
      const list = byAudience.get(name);
      if (list !== undefined) found.push(list);
    };
    look('all');
    look(`viewer/${viewer}`);
    look(`device/${device}`);
    if (service !== '') {
      look(`service/${service}`);
      look(`programme/${service}/${programme}`);
    }
    return found;
  };

  const marksOf = (lists: readonly (readonly Noted[])[], after: number, reporter: Reporter): NeedsUpdate => {
    const now = clock();
    const marks = { ...NOTHING };
    for (const list of lists)
      for (const { mark, offset, validUntil } of list)
        if (offset > after && (validUntil === undefined || now < validUntil)) marks[mark] = true;
    const { guideVersion } = reporter;
    // What the handset holds says more than what it was told of.
    if (guideVersion !== undefined) marks.guide = guideVersion < deps.guideVersion();
    return marks;
  };

  return {
    note(event, watching) {
      const mark = MARK_OF[event.kind];
      if (mark === undefined || !isValid(event, clock())) return;
      const { audience, offset, validUntil } = event;
      const noted: Noted = { mark, offset, validUntil };
      if ('all' in audience) put('all', noted);
      else if ('viewer' in audience) put(`viewer/${audience.viewer}`, noted);
      else if ('device' in audience) put(`device/${audience.device}`, noted);
      else if ('devices' in audience) for (const device of audience.devices) put(`device/${device}`, noted);
      else if ('subscribersOf' in audience) {
        subscribed.add(audience.subscribersOf);
        put(`subscribers/${audience.subscribersOf}`, noted);
      } else if ('service' in audience) {
        const { service, programme } = audience;
        put(programme === undefined ? `service/${service}` : `programme/${service}/${programme}`, noted);
        // They may watch something else when they report next.
        for (const device of watching) put(`device/${device}`, noted);
      }
    },

    of(reporter) {
      const { viewer, device } = reporter;
      const lists = candidates(reporter);
      if (lists.length === 0 && subscribed.size === 0) return marksOf(NOTHING_NOTED, 0, reporter);
      const delivered = deps.deliveredThrough(device, viewer);
      const withSubscribed = (after: number): NeedsUpdate | Promise<NeedsUpdate> => {
        const asked = [...subscribed].flatMap((service) => {
          const list = byAudience.get(`subscribers/${service}`) ?? NOWHERE;
          return list.some(({ offset }) => offset > after)
            ? [{ list, entitled: deps.isEntitled(viewer, service) }]
            : [];
        });
        if (asked.every(({ entitled }) => entitled === false)) return marksOf(lists, after, reporter);
        return Promise.all(asked.map(({ entitled }) => entitled)).then((known) =>
          marksOf([...lists, ...asked.filter((_, index) => known[index]).map(({ list }) => list)], after, reporter),
        );
      };
      const acknowledged = cursors.find({ viewer, device });
      if (acknowledged instanceof Promise)
        return acknowledged.then((offset) => withSubscribed(Math.max(delivered, offset ?? 0)));
      return withSubscribed(Math.max(delivered, acknowledged ?? 0));
    },

    forget(viewer, devices) {
      byAudience.delete(`viewer/${viewer}`);
      for (const device of devices) byAudience.delete(`device/${device}`);
    },
  };
}

const NOTHING_NOTED: readonly (readonly Noted[])[] = [];
