// MongoDB as a store: every port on one database (O3, O4).

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Log } from '../../log.ts';
import { createLeasedTurn } from '../../viewing/settling-turn.ts';
import type { Store } from '../store.ts';
import { createMongoAccountStore } from './account-store.ts';
import { createMongoAuditStore } from './audit-store.ts';
import { createMongoDataSet } from './data-set.ts';
import { type MongoDatabase, openMongoDatabase } from './database.ts';
import { createMongoDeviceModelStore } from './device-model-store.ts';
import { createMongoEventStore } from './event-store.ts';
import { createMongoGuideStore } from './guide-store.ts';
import { createMongoJobStore } from './job-store.ts';
import { createMongoKeyCheckStore } from './key-check-store.ts';
import { createMongoKeyStore } from './key-store.ts';
import { createMongoOnlineStateStore } from './online-state-store.ts';
import { createMongoOriginStore } from './origin-store.ts';
import { createMongoPreferenceStore } from './preference-store.ts';
import { createMongoQualityStore } from './quality-store.ts';
import { createMongoRatingReportStore } from './rating-report-store.ts';
import { createMongoReportLog } from './report-log.ts';
import { createMongoSealedHourStore } from './sealed-hour-store.ts';
import { createMongoSessionStore } from './session-store.ts';
import { createMongoStreamSignStore } from './stream-sign-store.ts';
import { createMongoSubscriptionStore } from './subscription-store.ts';
import {
  createMongoSurveyAnswerStore,
  createMongoSurveyScheduleStore,
  createMongoSurveyStore,
} from './survey-store.ts';
import { createMongoTokenStore } from './token-store.ts';

interface Deps {
  log: Log;
  clock: () => number;
  /** What people call the URI; default MONGODB_URI. */
  named?: string;
}

/** Connects and makes the indexes that are missing. The Problems of openMongoDatabase. */
export async function openMongoStore(uri: string, { log, clock, named }: Deps): Promise<Store> {
  return openMongoPorts(await openMongoDatabase(uri, log, named), { clock });
}

/** Every port on an open database, which is closed when one can't be had. */
export async function openMongoPorts(database: MongoDatabase, { clock }: Pick<Deps, 'clock'>): Promise<Store> {
  try {
    const [
      reports,
      viewing,
      guide,
      accounts,
      tokens,
      origins,
      audit,
      jobs,
      keyCheck,
      onlineStates,
      events,
      streamSigns,
      subscriptions,
      keys,
      deviceModels,
      quality,
      ratingReports,
      sealedHours,
      preferences,
      surveys,
      surveyAnswers,
      surveySchedules,
      dataSet,
    ] = await Promise.all([
      createMongoReportLog(database),
      createMongoSessionStore(database),
      createMongoGuideStore(database),
      createMongoAccountStore(database),
      createMongoTokenStore(database),
      createMongoOriginStore(database),
      createMongoAuditStore(database),
      createMongoJobStore(database),
      createMongoKeyCheckStore(database),
      createMongoOnlineStateStore(database),
      createMongoEventStore(database),
      createMongoStreamSignStore(database),
      createMongoSubscriptionStore(database),
      createMongoKeyStore(database),
      createMongoDeviceModelStore(database),
      createMongoQualityStore(database),
      createMongoRatingReportStore(database),
      createMongoSealedHourStore(database),
      createMongoPreferenceStore(database),
      createMongoSurveyStore(database),
      createMongoSurveyAnswerStore(database),
      createMongoSurveyScheduleStore(database),
      createMongoDataSet(database),
    ]);
    const settlingTurn = createLeasedTurn({
      leases: jobs,
      clock,
      holder: `${hostname()}-${process.pid}-${randomUUID()}`,
    });
    const { ready, close } = database;
    const ports = {
      reports,
      ...viewing,
      sealedHours,
      guide,
      accounts,
      tokens,
      origins,
      audit,
      jobs,
      keyCheck,
      onlineStates,
      events,
      streamSigns,
      subscriptions,
      keys,
      deviceModels,
      quality,
      ratingReports,
      preferences,
      surveys,
      surveyAnswers,
      surveySchedules,
      dataSet,
    };
    const purge = async (): Promise<void> => undefined; // MongoDB uses freed space again in its own time
    return { ...ports, settlingTurn, ready, purge, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}
