// Updates pushed to handsets: the stored stream of events, the streams that are open, and who needs what (G12-G17, V5).

import type { Log } from '../log.ts';
import type { Online } from '../viewing/online.ts';
import { type ConcernDeps, createConcern, type Subject } from './concern.ts';
import { type Cursors, createCursors } from './cursors.ts';
import type { NewEvent, Notify, PushEvent } from './event.ts';
import { createEventAppender } from './event-appender.ts';
import { createEventFeed } from './event-feed.ts';
import { writeId } from './event-id.ts';
import type { Addressees, EventStore, StreamSignStore } from './event-store.ts';
import { createEventStreams, type EventStreams, type StreamRules, type StreamStart } from './event-streams.ts';
import { shownEvent } from './event-writing.ts';
import { createGuideFollowing, type FollowedGuide } from './guide-following.ts';
import { createLiveAudience } from './live-audience.ts';
import { createLiveDelivery, type LiveDelivery } from './live-delivery.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { createOpenStreams, type OpenStream, type OpenStreams } from './open-streams.ts';
import { createPushes, type Pushes } from './pushes.ts';
import { createStreamSigns } from './stream-signs.ts';
import { createUpdateMarks, type UpdateMarks } from './update-marks.ts';
import { createValidEvents } from './valid-events.ts';

interface PushRules extends StreamRules {
  /** Events are kept so long, and so many. */
  historyMs: number;
  historyEvents: number;
  streamsPerUser: number;
  streamsPerProcess: number;
}

export interface Push {
  notify: Notify;
  /** Of the ids; '' before the start. */
  epoch(): string;
  mailbox: Mailbox;
  pushes: Pushes;
  marks: Pick<UpdateMarks, 'of'>;
  /** Problem `unavailable` when there are too many streams: asked before the socket is taken. */
  admit(subject: Subject): void;
  /** Takes a socket over whose head is written. */
  openStream(start: StreamStart): Promise<void>;
  counts(): { open: number; delivered: number; cutOff: number };
  /** Ends the user's streams in every process; stored, so that it happens. */
  endStreamsOf(viewer: number): Promise<void>;
  /** Fit for JSON. */
  exportOf(addressees: Addressees): Promise<{ events: object[]; acknowledged: object[] }>;
  eraseOf(addressees: Addressees): Promise<void>;
  removeOld(): Promise<number>;
  start(): Promise<void>;
  /** Tells those on a stream when to come back. The listener waits for their sockets: stop this first. */
  endStreams(): Promise<void>;
  stop(): Promise<void>;
}

export interface PushDeps extends Omit<ConcernDeps, 'online'> {
  store: EventStore;
  /** Absent where one process alone serves handsets. */
  streamSigns: StreamSignStore | undefined;
  online: Online;
  guide: FollowedGuide;
  /** Whether the account of a stream is still there, and enabled. */
  isEnabled(viewer: number): Promise<boolean>;
  recordAudit: Parameters<typeof createPushes>[0]['recordAudit'];
  /** Of this process, and of a store that is new. */
  newId: () => string;
  random: () => number;
  log: Log;
  rules: PushRules;
}

const TICK_MS = 1_000;
/** Accounts of streams that are looked at each second, for the case that the event which ends them was never stored. */
const CHECKED_A_SECOND = 100;

export function createPush(deps: PushDeps): Push {
  const { store, online, rules, clock, log } = deps;
  const streams: OpenStreams = createOpenStreams({
    perUser: rules.streamsPerUser,
    perProcess: rules.streamsPerProcess,
  });
  const concern = createConcern(deps);
  const valid = createValidEvents();
  let toldVersion: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let unchecked: OpenStream[] = [];

  const feed = createEventFeed({
    store,
    newEpoch: deps.newId(),
    log,
    isBusy: () => streams.size() > 0,
    onPast(event) {
      noteGuide(event);
      marks.note(event, []);
      if ('service' in event.audience) valid.add(feed.encode(event));
    },
    onEvent: (encoded) => delivery.deliver(encoded),
  });
  const appender = createEventAppender({ store, clock, onStored: feed.take });
  const cursors: Cursors = createCursors({ store, epoch: feed.epoch, clock, log });
  const elsewhere = createStreamSigns({
    store: deps.streamSigns,
    process: deps.newId(),
    streams,
    through: feed.last,
    onSign: (sign) => ('device' in sign ? online.sign(sign.device, clock()) : signAll(sign.viewer)),
    clock,
    log,
  });
  const audience = createLiveAudience({ online, streams, elsewhere, isEntitled: deps.isEntitled });
  const guide = createGuideFollowing({
    guide: deps.guide,
    toldVersion: () => toldVersion,
    notify: appender.append,
    log,
  });
  const marks = createUpdateMarks({
    cursors,
    deliveredThrough: (device, viewer) =>
      delivery.isReached(device, viewer) ? feed.last() : elsewhere.throughOf(device, viewer),
    isEntitled: deps.isEntitled,
    guideVersion: guide.version,
    clock,
  });
  const open: EventStreams = createEventStreams({
    feed,
    streams,
    concern,
    validFor: (subject) => delivery.validFor(subject),
    onSign: ({ device, viewer }) => (device === undefined ? signAll(viewer) : online.sign(device, clock())),
    rules,
    clock,
    random: deps.random,
    log,
  });

  const delivery: LiveDelivery = createLiveDelivery({
    online,
    streams,
    audience,
    valid,
    open,
    note(event) {
      noteGuide(event);
      marks.note(event, audience.watchingWithout(event));
    },
    clock,
  });

  function signAll(viewer: number): void {
    for (const { device } of online.devicesOf(viewer)) online.sign(device, clock());
  }

  function noteGuide({ kind, content }: PushEvent): void {
    if (kind === 'guide-changed' && typeof content.version === 'number')
      toldVersion = Math.max(toldVersion ?? 0, content.version);
  }

  const checkAccounts = async (): Promise<void> => {
    if (unchecked.length === 0) unchecked = [...streams.all()];
    for (const stream of unchecked.splice(0, CHECKED_A_SECOND)) {
      if (stream.isClosed || (await deps.isEnabled(stream.viewer).catch(() => true))) continue;
      open.end(stream);
    }
  };

  const mailbox = createMailbox({ feed, concern, cursors });
  const notify = async (event: NewEvent): Promise<void> => {
    await appender.append(event);
  };

  return {
    notify,
    epoch: feed.epoch,
    mailbox,
    marks,
    pushes: createPushes({
      append: appender.append,
      count: audience.count,
      listSent: store.listSent,
      recordAudit: deps.recordAudit,
      clock,
    }),
    admit: ({ viewer, device }) => streams.admit(viewer, device),

    openStream: open.open,

    counts: () => ({ open: streams.size(), ...open.counts() }),

    endStreamsOf: (viewer) =>
      notify({ kind: 'account-closed', audience: { viewer }, content: {}, key: `closed/${viewer}/${deps.newId()}` }),

    async exportOf(addressees) {
      const epoch = await store.epoch(deps.newId());
      const events = await store.listOf(addressees);
      const cursors = await store.listCursors(addressees.viewer);
      return {
        events: events.filter(({ kind }) => kind !== 'account-closed').map((event) => shownEvent(event, epoch)),
        acknowledged: cursors.map(({ name, offset, at }) => ({
          name: name.slice(name.indexOf('/') + 1),
          id: writeId({ epoch: name.slice(0, name.indexOf('/')), offset }),
          at: new Date(at).toISOString(),
        })),
      };
    },

    async eraseOf(addressees) {
      await store.blankOf(addressees);
      await cursors.forgetViewer(addressees.viewer);
      marks.forget(addressees.viewer, addressees.devices);
    },

    async removeOld() {
      const at = clock() - rules.historyMs;
      return (await store.removeOld(at, rules.historyEvents)) + (await store.removeCursors({ putBefore: at }));
    },

    async start() {
      await feed.start();
      await guide.start();
      elsewhere.start();
      timer = setInterval(() => {
        open.tick();
        valid.sweep(clock());
        void checkAccounts();
      }, TICK_MS);
    },

    endStreams: () => open.endAll(),

    async stop() {
      clearInterval(timer);
      await guide.stop();
      await open.endAll();
      await appender.drain();
      await feed.stop();
      await elsewhere.stop();
      await cursors.drain();
    },
  };
}
