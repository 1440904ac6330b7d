// Whom an event concerns: who comes back and asks what was missed (G13, G14). Live delivery is in live-audience.ts.

import type { Online, OnlineDevice } from '../viewing/online.ts';
import type { SessionQuery } from '../viewing/session-store.ts';
import type { Audience, PushEvent } from './event.ts';

/** Whose stream or mailbox it is: one device of a user, or, without a device, all of them. */
export interface Subject {
  viewer: number;
  device?: number | undefined;
}

export type ServiceAudience = Extract<Audience, { service: string }>;
type ServiceEvent = PushEvent & { audience: ServiceAudience };

interface Watched {
  device: number;
  service: string;
  programme: string;
  startedAt: number;
  endedAt?: number;
}

export interface Concern {
  /** Those that concern the subject and are still valid, in order. */
  choose(subject: Subject, events: readonly PushEvent[]): Promise<PushEvent[]>;
}

/** Whether the viewer is entitled to the service now. */
export type IsEntitled = (viewer: number, service: string) => boolean | Promise<boolean>;

export interface ConcernDeps {
  online: Pick<Online, 'find' | 'devicesOf'>;
  listSessions(query: SessionQuery): Promise<Watched[]>;
  /** Every device that is known of the user. */
  devicesOf(viewer: number): Promise<number[]>;
  isEntitled: IsEntitled;
  clock: () => number;
}

const MOST_SESSIONS = 1_000;

export const isValid = ({ validUntil }: PushEvent, now: number): boolean =>
  validUntil === undefined || now < validUntil;

export const fits = (audience: ServiceAudience, watched: { service: string; programme: string }): boolean =>
  audience.service === watched.service &&
  (audience.programme === undefined || audience.programme === watched.programme);

const isServiceEvent = (event: PushEvent): event is ServiceEvent => 'service' in event.audience;

export function createConcern(deps: ConcernDeps): Concern {
  const { online, clock } = deps;

  const presentOf = ({ viewer, device }: Subject): OnlineDevice[] => {
    if (device === undefined) return [...online.devicesOf(viewer)];
    const entry = online.find(device);
    return entry === undefined ? [] : [entry];
  };

  /** Offsets of those that were for who watched at their time, as the sessions tell. */
  const watchedThen = async (subject: Subject, events: readonly ServiceEvent[]): Promise<Set<number>> => {
    if (events.length === 0) return new Set();
    const times = events.map(({ at }) => at);
    const sessions = await deps.listSessions({
      viewer: subject.viewer,
      services: [...new Set(events.map(({ audience }) => audience.service))],
      from: Math.min(...times),
      to: Math.max(...times) + 1,
      limit: MOST_SESSIONS,
    });
    const own = sessions.filter(({ device }) => subject.device === undefined || device === subject.device);
    const isThen = (session: Watched, at: number): boolean =>
      session.startedAt <= at && (session.endedAt === undefined || at < session.endedAt);
    const concerned = events.filter(({ audience, at }) =>
      own.some((session) => fits(audience, session) && isThen(session, at)),
    );
    return new Set(concerned.map(({ offset }) => offset));
  };

  return {
    async choose(subject, events) {
      const now = clock();
      const valid = events.filter((event) => isValid(event, now) && event.kind !== 'account-closed');
      const present = presentOf(subject);
      const watchesNow = ({ audience, validUntil, at }: ServiceEvent): boolean =>
        present.some(
          ({ watching }) =>
            watching !== undefined && fits(audience, watching) && (validUntil !== undefined || watching.since <= at),
        );
      // Looked at once: what is watched may change while the sessions are read, and then neither would tell.
      const watched = new Set(valid.filter(isServiceEvent).filter(watchesNow));
      const past = await watchedThen(
        subject,
        valid.filter(isServiceEvent).filter((event) => !watched.has(event)),
      );
      const entitled = new Map<string, boolean>();
      let known: number[] | undefined;
      const owned = async (): Promise<number[]> => {
        known ??= subject.device === undefined ? await deps.devicesOf(subject.viewer) : [subject.device];
        return known;
      };
      const chosen: PushEvent[] = [];
      for (const event of valid) {
        const { audience } = event;
        let isChosen = 'all' in audience;
        if ('viewer' in audience) isChosen = audience.viewer === subject.viewer;
        else if ('device' in audience) isChosen = (await owned()).includes(audience.device);
        else if ('devices' in audience) isChosen = (await owned()).some((device) => audience.devices.includes(device));
        else if (isServiceEvent(event)) isChosen = watched.has(event) || past.has(event.offset);
        else if ('subscribersOf' in audience) {
          const { subscribersOf: service } = audience;
          if (!entitled.has(service)) entitled.set(service, await deps.isEntitled(subject.viewer, service));
          isChosen = entitled.get(service) === true;
        }
        if (isChosen) chosen.push(event);
      }
      return chosen;
    },
  };
}
