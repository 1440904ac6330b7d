// Makes the products of one store and ties them together; the server and the command line both start here.

import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Preferences } from '../reports/preferences/preferences.ts';
import { createGuide, type Guide } from '../sg/guide.ts';
import { createGuideDelivery, type GuideDelivery } from '../sg/guide-delivery.ts';
import { createGuideFolder } from '../sg/guide-folder.ts';
import { createMarkClasses, type MarkClasses } from '../sg/mark-classes.ts';
import { createMeasuring } from '../sg/measuring.ts';
import { createNowNext } from '../sg/now-next.ts';
import { createOffers } from '../sg/offers.ts';
import { renewSampleGuide } from '../sg/sample-guide.ts';
import { type Accounts, type AccountsDeps, createAccounts } from './accounts/accounts.ts';
import { type Audit, createAudit } from './accounts/audit.ts';
import { FRESH_MS } from './accounts/credentials.ts';
import { createOrigins, type Origins } from './accounts/origins.ts';
import { createSealing } from './accounts/sealing.ts';
import { randomPseudonym, randomSecret } from './accounts/secrets.ts';
import type { Config } from './config.ts';
import { defineJobs } from './job-table.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { checkSecretKey } from './key-check.ts';
import { createKeys, type Keys } from './keys/keys.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Push } from './push/push.ts';
import type { PushSending } from './push/push-sending.ts';
import type { Store } from './store/store.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions/subscriptions.ts';
import { createUserData, type UserData } from './user-data.ts';
import { type ModelledViewing, notingModels } from './viewing/device-models.ts';
import { createPseudonyms, type Pseudonyms } from './viewing/pseudonyms.ts';
import { createReportReader, type ReportReader } from './viewing/report-document.ts';
import { createViewing, type Viewing } from './viewing/viewing.ts';
import { type Observation, wireObservation } from './wired-observation.ts';
import { wirePeople } from './wired-people.ts';
import { wirePreferences } from './wired-preferences.ts';
import { definePushJobs, endingStreams, wirePush, wirePushSending } from './wired-push.ts';
import { type Reports, wireReports } from './wired-reports.ts';
import { defineSurveyJobs, type Surveying, wireSurveys } from './wired-surveys.ts';
import { defineSealingJob, wireViewingRecord } from './wired-viewing-record.ts';

export interface Products {
  accounts: Accounts;
  audit: Audit;
  origins: Origins;
  pseudonyms: Pseudonyms;
  reader: ReportReader;
  viewing: ModelledViewing;
  guide: Guide;
  guideDelivery: GuideDelivery;
  markClasses: MarkClasses;
  subscriptions: Subscriptions;
  keys: Keys;
  reports: Reports;
  preferences: Preferences;
  push: Push;
  pushSending: PushSending;
  surveying: Surveying;
  jobs: Jobs;
  userData: UserData;
  observation: Observation;
  /** Takes up work: what the store left unsettled, the sample guide, the watched folder, the jobs. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProductsDeps extends Pick<AccountsDeps, 'passwordCost'> {
  store: Store;
  config: Config;
  /** Seals credentials and makes pseudonyms; 32 bytes. */
  key: Buffer;
  clock: () => number;
  log: Log;
  metrics?: Pick<Metrics, 'countSubscriptionChange'>;
  /** Other processes may be serving the same store. */
  besideOthers?: boolean;
  /** When jobs make up for what was missed; default 5 s after the start. */
  catchUpAfterMs?: number;
}

/** Reports that were let in when their account was disabled have their commit by then. */
const IN_FLIGHT_MS = 250;
/** Handsets come first, who return all at once when a server is back. */
const CATCH_UP_MS = 5_000;
/** A guide of 1,000 services for a fortnight takes some 30 MB of it in each coding. */
const GUIDE_CACHE_BYTES = 128 * 1_048_576;

/** Problem `invalid` when the key is not the store's. */
export async function createProducts(deps: ProductsDeps): Promise<Products> {
  const { store, config, key, clock, log, besideOthers = false, catchUpAfterMs = CATCH_UP_MS } = deps;
  const sealing = createSealing(key);
  const audit = createAudit({ store: store.audit, clock });
  const origins = createOrigins({ store: store.origins, sealing, clock });
  const ownAccounts = createAccounts({
    store: store.accounts,
    tokens: store.tokens,
    origins,
    audit,
    sealing,
    realm: config.realm,
    clock,
    newPseudonym: randomPseudonym,
    newSecret: randomSecret,
    consentPolicy: config.consentVersion === undefined ? {} : { requiredVersion: config.consentVersion },
    passwordCost: deps.passwordCost,
  });
  const accounts = endingStreams(ownAccounts, () => push);
  await checkSecretKey({ store: store.keyCheck, accounts, key, config });
  const reader = createReportReader({
    seal: (text) => sealing.seal(text, 'report'),
    onTemplate: ({ template, text }) => store.reports.putTemplate(template, text),
  });
  reader.preload(await store.reports.listTemplates());
  const pseudonyms = createPseudonyms(key);
  const guide: Guide = createGuide({ store: store.guide, clock, onPublished: () => measuring.changed() });
  const measuring = createMeasuring({ guide, policy: config.measure, clock });
  const viewingRecord = wireViewingRecord({ store, config, settled: () => viewing.settled(), clock });
  const ownViewing: Viewing = createViewing({
    measuring,
    reports: store.reports,
    sessions: viewingRecord.sessions,
    onlineStates: store.onlineStates,
    turn: store.settlingTurn,
    clock,
    log,
    rules: {
      ...config,
      timeoutMs: config.onlineTimeoutMs,
      capMs: config.sessionCapMs,
      measuredUntil: measuring.measuredUntil,
    },
  });
  const viewing = notingModels(ownViewing, { store: store.deviceModels, clock, log });
  const nowNext = createNowNext({ store: store.guide, clock });
  const guideDelivery = createGuideDelivery({ store: store.guide, nowNext, cacheBytes: GUIDE_CACHE_BYTES });
  const lockedServices = (viewer: number) => subscriptions.lockedServices(viewer);
  const push: Push = wirePush({ store, viewing, accounts, audit, guide, lockedServices, config, clock, log });
  const offers = createOffers({ store: store.guide, zone: config.zone });
  const subscriptions: Subscriptions = createSubscriptions({
    store: store.subscriptions,
    offers,
    notify: push.notify,
    syncPolicy: config.subscriptionSync,
    clock,
    log,
    countChange: (kind) => deps.metrics?.countSubscriptionChange(kind),
  });
  const keys = createKeys({
    store: store.keys,
    sealing,
    offers,
    listEntitled: (viewer) => subscriptions.listEntitled(viewer),
    notify: push.notify,
    schedule: { periodMs: config.keyPeriodMs, leadMs: config.keyLeadMs },
    clock,
  });
  const markClasses = createMarkClasses({
    policy: config.measure,
    sampleShare: config.sampleShare,
    key,
    lockedServices(user) {
      const lockedTo = (found: { viewer: number } | undefined) =>
        found === undefined ? new Set<string>() : subscriptions.lockedServices(found.viewer);
      const found = accounts.findCredentials(user);
      return found instanceof Promise ? found.then(lockedTo) : lockedTo(found);
    },
  });
  const breakdowns = wirePeople({ ...store, accounts, isSampled: markClasses.isSampled, config });
  const preferences = wirePreferences({
    store,
    readViewing: viewingRecord.readViewing,
    accounts,
    guide,
    subscriptions,
    config,
    clock,
  });
  const wired = { accounts, audit, guide, viewing, measuring, markClasses, pseudonyms, push };
  const surveying = wireSurveys({ ...deps, ...wired });
  const userData = createUserData({
    accounts,
    origins,
    viewing,
    push,
    surveys: surveying.surveys,
    subscriptions,
    preferences,
    listTemplates: store.reports.listTemplates,
    open: (sealed) => sealing.open(sealed, 'report'),
    purge: store.purge,
    clock,
    graceMs: besideOthers ? FRESH_MS + IN_FLIGHT_MS : IN_FLIGHT_MS,
    wait: (ms) => sleep(ms),
  });
  const holder = `${hostname()}-${process.pid}`;
  const jobs = createJobs({ store: store.jobs, clock, log, zone: config.zone, holder, catchUpAfterMs });
  const { readViewing } = viewingRecord;
  const { settled } = viewing;
  const reports = wireReports({ store, readViewing, settled, guide, people: breakdowns, jobs, config, clock });
  defineJobs(jobs, { viewing, guide, subscriptions, keys, preferences, config, clock });
  definePushJobs(jobs, push);
  defineSealingJob(jobs, viewingRecord);
  defineSurveyJobs(jobs, { surveying, config, clock });
  const { guideDir: folder, guideProvider: provider } = config;
  const guideFolder = folder === undefined ? undefined : createGuideFolder({ folder, provider, guide, log });

  return {
    accounts,
    audit,
    origins,
    pseudonyms,
    reader,
    viewing,
    guide,
    guideDelivery,
    markClasses,
    subscriptions,
    keys,
    reports,
    preferences,
    push,
    surveying,
    pushSending: wirePushSending({ push, accounts, guide, clock }),
    jobs,
    userData,
    observation: wireObservation({ store, viewing, guide, guideDelivery, ...reports, jobs, config, clock }),
    async start() {
      await measuring.refresh();
      await viewing.start();
      await push.start();
      if (config.sampleGuide) await renewSampleGuide(guide, clock);
      await guideFolder?.start();
      await jobs.start();
    },
    async stop() {
      await jobs.stop();
      await guideFolder?.stop();
      await push.stop();
      await viewing.stop();
    },
  };
}
