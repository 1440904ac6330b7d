// What concerns a handset: an event in the one stored stream that all processes share (G12-G14).

/** Whom an event is for. One event is stored for all of them, never a copy a device. */
export type Audience =
  | { all: true }
  /** One user's devices, by the user's pseudonym. */
  | { viewer: number }
  | { device: number }
  /** Each of these, 1,000 at most: who is asked in a survey. */
  | { devices: readonly number[] }
  /** Who watches the service, or one programme on it, at the time of the event; with `validUntil` also who begins to before that. */
  | { service: string; programme?: string }
  /** Who is entitled to the service at the time of the event. */
  | { subscribersOf: string }
  /** What was erased (O2): its place in the stream stays, for there are no gaps. */
  | { nobody: true };

/** G13. */
export type EventKind =
  | 'guide-changed'
  | 'subscription-changed'
  | 'key-needs-update'
  | 'interaction'
  | 'results'
  | 'survey'
  | 'message'
  /** For the servers alone: the viewer's streams end. */
  | 'account-closed';

/** An event as a product hands it in. */
export interface NewEvent {
  kind: EventKind;
  audience: Audience;
  /** What handsets get, fit for JSON; times in ISO 8601. */
  content: Record<string, unknown>;
  /** Names it for good: the same name again is the same event, and stored once. */
  key: string;
  /** Not delivered after this, epoch ms; absent: to whom it concerns, as long as history is kept. */
  validUntil?: number;
  /** Of what a member of the staff pushed: who it was, by pseudonym. Not told to handsets. */
  sender?: number;
}

/** An event as stored. */
export interface PushEvent extends NewEvent {
  /** Its place in the stream, without gaps from the first on; with the stream's epoch the id `epoch:offset` (G14). */
  offset: number;
  /** When it was stored, epoch ms. */
  at: number;
}

/** Stores an event and has it delivered; resolves when it is durable. Problem `unavailable` when it can't be stored. */
export type Notify = (event: NewEvent) => Promise<void>;
