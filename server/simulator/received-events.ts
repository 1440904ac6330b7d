// What one handset received of the stored stream: each event once, by its id, held against what it should have (O10; G14).

/** As handsets are told of it; `at` is epoch ms by the server's clock. */
export interface ReceivedEvent {
  id: string;
  kind: string;
  at: number;
}

export interface EventCounts {
  /** Events, each once. */
  received: number;
  /** The same id again, and dropped. */
  doubles: number;
  /** After one with a greater id. */
  outOfOrder: number;
  /** Stored for the handset and never received. */
  missed: number;
  /** As missed, but for who watched something, at a time when handset and server may not agree on what that was. */
  unjudged: number;
  /** Received, though it is for another user. */
  foreign: number;
  /** Times that the server could not tell all that came between: what was before is not missed. */
  notRecovered: number;
}

export interface Expected {
  events: readonly ReceivedEvent[];
  /** Whether it may be for what the handset was watching by one clock and not by the other. */
  isUnsure(event: ReceivedEvent): boolean;
  /** Whether the handset must not have it. */
  isForeign(id: string): boolean;
}

export interface ReceivedEvents {
  /** The server says from where it tells, undefined: from the oldest that is kept. */
  begin(from: string | undefined, isRecovered: boolean): void;
  /** Answers whether the event is new. A late one (D25) is in no order. */
  take(event: ReceivedEvent, isLate: boolean): boolean;
  /** From where the server's list is to be complete. */
  comparedFrom(): string | undefined;
  isMissing(expected: Expected): boolean;
  /** Counts what is missing, and what is another's. */
  compare(expected: Expected): void;
  readonly counts: EventCounts;
  list(): ReceivedEvent[];
}

export const noEvents = (): EventCounts => ({
  ...{ received: 0, doubles: 0, outOfOrder: 0, missed: 0, unjudged: 0, foreign: 0, notRecovered: 0 },
});

/** The place of an id `epoch:offset` in the stream. */
export const placeOf = (id: string): number => Number(id.split(':')[1]);

export function createReceivedEvents(): ReceivedEvents {
  const counts = noEvents();
  const received = new Map<string, ReceivedEvent>();
  let from: string | undefined;
  let hasBegun = false;
  let last = 0;

  const missing = ({ events }: Expected): ReceivedEvent[] => events.filter(({ id }) => !received.has(id));

  return {
    counts,
    begin(given, isRecovered) {
      if (!isRecovered) {
        counts.notRecovered += 1;
        last = 0; // it may be another numbering
      }
      if (!isRecovered || !hasBegun) from = given;
      hasBegun = true;
    },
    take(event, isLate) {
      if (received.has(event.id)) {
        counts.doubles += 1;
        return false;
      }
      received.set(event.id, event);
      counts.received += 1;
      if (isLate) return true;
      if (placeOf(event.id) < last) counts.outOfOrder += 1;
      last = Math.max(last, placeOf(event.id));
      return true;
    },
    comparedFrom: () => from,
    isMissing: (expected) => missing(expected).length > 0,
    compare(expected) {
      for (const event of missing(expected)) counts[expected.isUnsure(event) ? 'unjudged' : 'missed'] += 1;
      for (const id of received.keys()) if (expected.isForeign(id)) counts.foreign += 1;
    },
    list: () => [...received.values()],
  };
}
