// Every address that the server answers, and what each needs (O1, O7).

import express, { type Express } from 'express';
import { liveRouter } from '../reports/live/live-router.ts';
import { overlapRouter } from '../reports/overlap/overlap-router.ts';
import { isPreferencesAddress, preferencesRouter } from '../reports/preferences/preferences-router.ts';
import { qualityRouter } from '../reports/quality/quality-router.ts';
import { reportsRouter } from '../reports/ratings/reports-router.ts';
import { resourcesRouter } from '../reports/resources/resources-router.ts';
import { deliveryRouter, isDeliveryAddress } from '../sg/delivery-router.ts';
import { guideRouter } from '../sg/guide-router.ts';
import { purchaseItemsRouter } from '../sg/purchase-items-router.ts';
import { accountsRouter } from './accounts/accounts-router.ts';
import type { Config } from './config.ts';
import { createDigest } from './http/digest.ts';
import { type AddressOf, createVerifyDigest } from './http/digest-guard.ts';
import { createFailureLimits } from './http/failure-limits.ts';
import { createGuard } from './http/guard.ts';
import { notFound, type ProblemFormat, problemEncoder } from './http/problem-encoder.ts';
import { parseQuery } from './http/query.ts';
import { requestId } from './http/request-id.ts';
import { createStaffAuth } from './http/staff-auth.ts';
import { jobsRouter } from './jobs-router.ts';
import { isKeysAddress, keysRouter } from './keys/keys-router.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createOpenapi } from './openapi.ts';
import { measureRequests, operationsRouter } from './operations-router.ts';
import type { Products } from './products.ts';
import { eventsRouter, isEventsAddress } from './push/events-router.ts';
import { pushesRouter } from './push/pushes-router.ts';
import { subscriptionJson } from './subscriptions/subscription-documents.ts';
import { isSubscriptionsAddress, subscriptionsRouter } from './subscriptions/subscriptions-router.ts';
import { isSurveyAnswerAddress, surveysRouter } from './surveys/surveys-router.ts';
import { createChallengePolicy } from './viewing/challenge-policy.ts';
import { sessionsRouter } from './viewing/sessions-router.ts';
import { isReportAddress, viewingRouter } from './viewing/viewing-router.ts';

export interface AppDeps {
  products: Products;
  config: Config;
  /** Seeds the Digest private key; all processes of the service share it. */
  key: Buffer;
  metrics: Metrics;
  ready: () => Promise<void>;
  clock: () => number;
  log: Log;
}

const FAILURE_WINDOW_MS = 5 * 60_000;

export function createApp(deps: AppDeps): Express {
  const { products, config, clock, log, metrics } = deps;
  const { accounts, audit, viewing, guide, push, jobs, origins, pseudonyms, subscriptions, keys } = products;
  const { realm } = config;

  const failureLimits = createFailureLimits({
    clock,
    perPair: { number: config.failuresPerAccount, windowMs: FAILURE_WINDOW_MS },
    perAddress: { number: config.failuresPerAddress, windowMs: FAILURE_WINDOW_MS },
  });
  /** A disabled account is answered like an unknown one. */
  const findEnabled = (user: string) => {
    const found = accounts.findCredentials(user);
    return found instanceof Promise ? found.then(onlyEnabled) : onlyEnabled(found);
  };
  const digest = createDigest({
    realm,
    privateKey: deps.key.toString('hex'),
    etag: 'LogReport',
    opaque: Buffer.from(realm).toString('base64url'),
    nonceLifeMs: config.nonceLifeMs,
    clock,
    findCredentials: findEnabled,
    failureLimits,
    usedNoncesSinceAt: clock(),
  });
  // Express looks through X-Forwarded-For each time, also where no proxy is trusted.
  const addressOf: AddressOf =
    config.trustedHops === 0 ? (request) => request.socket.remoteAddress ?? '' : (request) => request.ip ?? '';
  const verifyDigest = createVerifyDigest(digest, addressOf);
  const staff = createStaffAuth({ ...accounts, realm, failureLimits });
  const guard = createGuard({
    verifyDigest,
    verifyStaff: staff.authenticate,
    findHandset: accounts.findCredentials,
    digestChallenges: () => digest.challenge(false),
    realm,
    addressOf,
  });

  const encodeXml = problemEncoder({ log, format: 'xml', clock });
  const encodeProblem = { xml: encodeXml, json: problemEncoder({ log, format: 'json', clock }) };

  const app = express();
  app.disable('x-powered-by').set('etag', false).set('trust proxy', config.trustedHops).set('query parser', parseQuery);
  app.use(requestId(), measureRequests(metrics));
  app.use(
    viewingRouter({
      viewing,
      bodyLimitBytes: config.bodyLimitBytes,
      verifyDigest,
      challenges: () => digest.challenge(false),
      isChallenged: createChallengePolicy({
        policy: config.challenge,
        online: viewing.online,
        dwellMs: config.dwellMs,
        clock,
      }),
      readsUnauthenticated: config.challenge !== 'every',
      reader: products.reader,
      findSender: accounts.findCredentials,
      seesMark: products.markClasses.seesMark,
      pseudonyms,
      recordOrigin: origins.record,
      countReport: metrics.countReport,
      marksOf: push.marks.of,
      clock,
      encodeProblem: encodeXml,
    }),
  );
  const userOf = async (viewer: number) => (await accounts.findByViewer(viewer))?.user;
  const servicesOf = async (provider: string) => (await guide.listServices({ provider })).map(({ id }) => id);
  app.use(
    sessionsRouter({
      viewing,
      guard,
      clock,
      userOf,
      viewerOf: async (user) => (await accounts.find(user))?.viewer,
      async boughtBy(viewer) {
        const items = await subscriptions.list(viewer);
        const until = items.length === 0 ? undefined : keys.validUntil(await subscriptions.listEntitled(viewer));
        const valid = until === undefined ? {} : { keyValidUntil: new Date(until).toISOString() };
        return { subscriptions: items.map(subscriptionJson), ...valid };
      },
      servicesOf,
    }),
  );
  app.use(
    eventsRouter({
      push,
      guard,
      findHandset: accounts.findCredentials,
      deviceOf: (user, deviceId) => pseudonyms.numbersOf({ user, deviceId }).device,
      clock,
      encodeProblem,
    }),
  );
  app.use(
    pushesRouter({
      pushes: push.pushes,
      sending: products.pushSending,
      epoch: push.epoch,
      guard,
      findStaff: accounts.find,
      servicesOf,
      userOf,
    }),
  );
  app.use(surveysRouter({ ...products.surveying, guard, servicesOf, userOf, clock, encodeProblem }));
  app.use(operationsRouter({ metrics, ready: deps.ready, openapi: createOpenapi() }));
  app.use(
    accountsRouter({
      accounts,
      audit,
      guard,
      userData: products.userData,
    }),
  );
  app.use(
    deliveryRouter({
      delivery: products.guideDelivery,
      classes: products.markClasses,
      guard,
      isAnonymousAllowed: config.anonymousGuide,
      findHandset: accounts.findCredentials,
      clock,
      encodeProblem,
    }),
  );
  app.use(guideRouter({ guide, guard, encodeXmlProblem: encodeXml }));
  app.use(purchaseItemsRouter({ guide, guard, encodeXmlProblem: encodeXml }));
  app.use(subscriptionsRouter({ subscriptions, audit, guard, findUser: accounts.find, encodeProblem }));
  app.use(keysRouter({ keys, guard, findUser: accounts.find, encodeProblem }));
  app.use(overlapRouter({ ...products.reports, guard, clock }));
  app.use(reportsRouter({ ...products.reports, guard, clock }));
  app.use(liveRouter({ ...products.observation, guard }));
  app.use(qualityRouter({ ...products.observation, guard }));
  app.use(resourcesRouter({ ...products.observation, guard }));
  const { preferences } = products;
  app.use(preferencesRouter({ preferences, guard, findUser: accounts.find, encodeProblem }));
  app.use(jobsRouter({ jobs, guard }));
  app.use(notFound(), problemEncoder({ log, format: 'json', clock }));
  return app;
}

/** The form in which problems are told at an address: handsets speak XML. */
export function problemFormatOf(method: string, path: string): ProblemFormat {
  const handsets = [
    isReportAddress,
    isDeliveryAddress,
    isSubscriptionsAddress,
    isKeysAddress,
    isEventsAddress,
    isPreferencesAddress,
    isSurveyAnswerAddress,
  ];
  return handsets.some((isAddress) => isAddress(method, path)) ? 'xml' : 'json';
}

function onlyEnabled<T extends { enabled: boolean }>(found: T | undefined): T | undefined {
  return found?.enabled === true ? found : undefined;
}
