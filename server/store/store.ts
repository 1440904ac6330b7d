// Every product's port on one store (O3).

import type { PreferenceStore } from '../../reports/preferences/preference-store.ts';
import type { QualityStore } from '../../reports/quality/quality-store.ts';
import type { ReportStore } from '../../reports/ratings/report-store.ts';
import type { SealedHourStore } from '../../reports/viewing/sealed-hour-store.ts';
import type { SessionHours } from '../../reports/viewing/session-hours.ts';
import type { GuideStore } from '../../sg/guide-store.ts';
import type { AccountStore, AuditStore, OriginStore, TokenStore } from '../accounts/account-store.ts';
import type { JobStore } from '../job-store.ts';
import type { KeyCheckStore } from '../key-check.ts';
import type { KeyStore } from '../keys/key-store.ts';
import type { EventStore, StreamSignStore } from '../push/event-store.ts';
import type { SubscriptionStore } from '../subscriptions/subscription-store.ts';
import type { SurveyAnswerStore, SurveyScheduleStore, SurveyStore } from '../surveys/survey-store.ts';
import type { DeviceModelStore } from '../viewing/device-models.ts';
import type { OnlineStateStore } from '../viewing/online-states.ts';
import type { ReportLog } from '../viewing/report-log.ts';
import type { SessionStore } from '../viewing/session-store.ts';
import type { SettlingTurn } from '../viewing/settling-turn.ts';
import type { DataSet } from './data-set.ts';

export interface Store {
  reports: ReportLog;
  sessions: SessionStore;
  sessionHours: SessionHours;
  sealedHours: SealedHourStore;
  guide: GuideStore;
  accounts: AccountStore;
  tokens: TokenStore;
  origins: OriginStore;
  audit: AuditStore;
  jobs: JobStore;
  keyCheck: KeyCheckStore;
  subscriptions: SubscriptionStore;
  keys: KeyStore;
  deviceModels: DeviceModelStore;
  quality: QualityStore;
  ratingReports: ReportStore;
  preferences: PreferenceStore;
  surveys: SurveyStore;
  surveyAnswers: SurveyAnswerStore;
  surveySchedules: SurveyScheduleStore;
  /** Absent where one process alone takes reports: its memory is enough. */
  onlineStates?: OnlineStateStore;
  settlingTurn: SettlingTurn;
  events: EventStore;
  /** Absent where one process alone serves handsets. */
  streamSigns?: StreamSignStore;
  /** All of it, to be moved to another store. */
  dataSet: DataSet;
  /** Resolves when the store takes writes. Problem `unavailable` when it does not. */
  ready(): Promise<void>;
  /** Takes what was removed out of the files as well, as far as nobody else reads them just now; else the next writes do. */
  purge(): Promise<void>;
  close(): Promise<void>;
}
