// The port to a store as a data set: all that it holds, kind by kind, read and written in pieces (O3).

import type { PreferenceNotes } from '../../reports/preferences/preference-store.ts';
import type { PreferenceRecord } from '../../reports/preferences/preference-sums.ts';
import type { DayQuality } from '../../reports/quality/day-quality.ts';
import type { StoredReport as StoredRatingReport } from '../../reports/ratings/report-store.ts';
import type { Removed } from '../../sg/guide-store.ts';
import type { PurchaseItem } from '../../sg/purchase-item.ts';
import type { Page, Service } from '../../sg/schedule.ts';
import type { AccountRecord, AuditEntry, Origin, Token } from '../accounts/account-store.ts';
import type { JobRun } from '../job-store.ts';
import type { StoredKey } from '../keys/key-store.ts';
import type { PushEvent } from '../push/event.ts';
import type { Cursor } from '../push/event-store.ts';
import type { SubscriptionTable } from '../subscriptions/subscription.ts';
import type { Answer, Survey, SurveySchedule } from '../surveys/survey.ts';
import type { AskedPiece } from '../surveys/survey-store.ts';
import type { DeviceState, Orphan } from '../viewing/derive-sessions.ts';
import type { DeviceModel } from '../viewing/device-models.ts';
import type { OpenSession } from '../viewing/open-session.ts';
import type { StoredReport } from '../viewing/report.ts';
import type { EndedSession } from '../viewing/session.ts';

/** Where deriving stands of a device whose open session is shown: not given up. */
interface OpenDevice {
  device: number;
  viewer: number;
  state: DeviceState & { open: OpenSession };
}

/** A record of the guide with the revision that changed it. */
type Revised<T> = T & { revision: number };

/**
 * What a store holds. Left out is what is of the moment: leases, turns, staged programmes, what fell silent and may be derived again,
 * and events for handsets, whose ids end with the store: handsets learn that (`recovered: false`) and fetch afresh.
 */
export interface Kinds {
  accounts: AccountRecord;
  tokens: Token;
  origins: Origin;
  audit: AuditEntry;
  runs: JobRun;
  templates: { template: number; text: string };
  services: Revised<Service | Removed>;
  items: Revised<PurchaseItem | Removed>;
  pages: Revised<Page>;
  revisions: { revision: number; publishedAt: number };
  /** The published revision, once there is one, and the oldest that is kept. */
  guide: { revision: number; oldest: number };
  subscriptions: SubscriptionTable;
  keys: StoredKey;
  quality: DayQuality;
  ratings: StoredRatingReport;
  preferences: PreferenceRecord;
  preferenceNotes: { name: string; note: PreferenceNotes[keyof PreferenceNotes] };
  surveys: Survey;
  asked: AskedPiece;
  answers: Answer;
  surveySchedules: SurveySchedule;
  /** Of the stream of events, which goes on where it was: what was pushed and not yet fetched is fetched there. */
  epoch: { epoch: string };
  events: PushEvent;
  cursors: Cursor;
  models: DeviceModel;
  reports: StoredReport;
  sessions: EndedSession;
  orphans: Orphan;
  open: OpenDevice;
}
export type Kind = keyof Kinds;

/** In this order: what a page is shown by before the pages. */
export const KINDS: readonly Kind[] = [
  'guide',
  'revisions',
  'services',
  'items',
  'pages',
  'templates',
  'accounts',
  'tokens',
  'origins',
  'audit',
  'runs',
  'subscriptions',
  'keys',
  'quality',
  'ratings',
  'preferences',
  'preferenceNotes',
  'surveys',
  'asked',
  'answers',
  'surveySchedules',
  'epoch',
  'events',
  'cursors',
  'models',
  'reports',
  'sessions',
  'orphans',
  'open',
];

export interface Piece<K extends Kind> {
  items: Kinds[K][];
  /** Where to read on; it means something to the store alone that gave it. */
  position: string;
}

/** What a store that is or was the target of a migration knows of it. Times in epoch ms. */
export interface Migration {
  /** The `place` of the source. */
  from: string;
  startedAt: number;
  /** Of each kind: how many items were written, and where to read on in the source. */
  done: { [K in Kind]?: { count: number; position: string } };
  /** Absent until both sides were compared and found equal: until then nobody may work on the store. */
  endedAt?: number;
}

export interface DataSet {
  /** Where the data is, in words without a password; the same place has the same words. */
  readonly place: string;

  /** Names of tables or collections that are neither moved nor known to be of the moment: of a newer version, as a rule. */
  listUnknown(): Promise<string[]>;

  /** About how many items there are. */
  count(kind: Kind): Promise<number>;

  /**
   * All items of a kind, in pieces of at most 1,000 items and some 10 MB, in an order of the store's own, which for reports is that of
   * receipt. With a position goes on behind it; items that lie at it may come again. Reports must all be settled.
   */
  read<K extends Kind>(kind: K, position?: string): AsyncIterable<Piece<K>>;

  /**
   * Adds items, durably when it resolves; of those that are there by name, nothing changes, but the revision of the guide is replaced.
   * Reports become settled ones, and come in the order of receipt. Takes no heed of whether the items go together.
   */
  write<K extends Kind>(kind: K, items: readonly Kinds[K][]): Promise<void>;

  findMigration(): Promise<Migration | undefined>;
  /** Replaces what is known of the migration, in one write. */
  putMigration(migration: Migration): Promise<void>;
}
