// The embedded store: every port on one SQLite file (O3).

import type { Store } from '../store.ts';
import { createSqliteAccountStore } from './account-store.ts';
import { createSqliteAuditStore } from './audit-store.ts';
import { createSqliteDataSet } from './data-set.ts';
import { openDatabase } from './database.ts';
import { createSqliteDeviceModelStore } from './device-model-store.ts';
import { createSqliteEventStore } from './event-store.ts';
import { createSqliteGuideStore } from './guide-store.ts';
import { createSqliteJobStore } from './job-store.ts';
import { createSqliteKeyCheckStore } from './key-check-store.ts';
import { createSqliteKeyStore } from './key-store.ts';
import { createSqliteOriginStore } from './origin-store.ts';
import { createSqlitePreferenceStore } from './preference-store.ts';
import { createSqliteQualityStore } from './quality-store.ts';
import { createSqliteRatingReportStore } from './rating-report-store.ts';
import { createSqliteReportLog } from './report-log.ts';
import { createSqliteSealedHourStore } from './sealed-hour-store.ts';
import { createSqliteSessionHours } from './session-hours.ts';
import { createSqliteSessionStore } from './session-store.ts';
import { createSqliteSubscriptionStore } from './subscription-store.ts';
import {
  createSqliteSurveyAnswerStore,
  createSqliteSurveyScheduleStore,
  createSqliteSurveyStore,
} from './survey-store.ts';
import { createSqliteTokenStore } from './token-store.ts';

/** The store in one file, made when it is not there, or ':memory:', which no other process uses. */
export function openSqliteStore(file: string): Store {
  const database = openDatabase(file);
  return {
    reports: createSqliteReportLog(database),
    sessions: createSqliteSessionStore(database),
    sessionHours: createSqliteSessionHours(database),
    sealedHours: createSqliteSealedHourStore(database),
    guide: createSqliteGuideStore(database),
    accounts: createSqliteAccountStore(database),
    tokens: createSqliteTokenStore(database),
    origins: createSqliteOriginStore(database),
    audit: createSqliteAuditStore(database),
    jobs: createSqliteJobStore(database),
    keyCheck: createSqliteKeyCheckStore(database),
    events: createSqliteEventStore(database),
    keys: createSqliteKeyStore(database),
    quality: createSqliteQualityStore(database),
    ratingReports: createSqliteRatingReportStore(database),
    preferences: createSqlitePreferenceStore(database),
    surveys: createSqliteSurveyStore(database),
    surveyAnswers: createSqliteSurveyAnswerStore(database),
    surveySchedules: createSqliteSurveyScheduleStore(database),
    subscriptions: createSqliteSubscriptionStore(database),
    deviceModels: createSqliteDeviceModelStore(database),
    dataSet: createSqliteDataSet(database, file),
    settlingTurn: { isShared: false, claim: async () => 1, release: async () => undefined },
    async ready() {
      database.proveWritable();
    },
    async purge() {
      database.emptyLog();
    },
    async close() {
      database.close();
    },
  };
}
