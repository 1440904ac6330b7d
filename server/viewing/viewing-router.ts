// The handsets' door: POST /, /reports and /reports/batch (V1-V9, V18).

import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import type { VerifyDigest } from '../http/digest-guard.ts';
import { readBody } from '../http/request-body.ts';
import { Problem } from '../problem.ts';
import type { ChallengePolicy } from './challenge-policy.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import type { LogReport } from './report.ts';
import { type NeedsUpdate, writeBatchAnswer, writeReportAnswer } from './report-answer.ts';
import type { ReadDocument, ReportReader } from './report-document.ts';
import type { Outcome, Reception, Viewing } from './viewing.ts';

/** The account that a report names. */
interface Sender {
  viewer: number;
  enabled: boolean;
  measurable: boolean;
}

export interface ViewingRouterDeps {
  viewing: Viewing;
  bodyLimitBytes: number;
  verifyDigest: VerifyDigest;
  /** WWW-Authenticate values for a report without credentials. */
  challenges(): string[];
  isChallenged: ChallengePolicy;
  /** A policy lets some reports through without credentials: then they are read before they are known to be anyone's. */
  readsUnauthenticated: boolean;
  reader: Pick<ReportReader, 'readReport' | 'readBatch'>;
  findSender(user: string): Sender | undefined | Promise<Sender | undefined>;
  /** Whether the user sees the service's mark: consent apart, sampling and subscriptions decide (G6). */
  seesMark(user: string, service: string): boolean | Promise<boolean>;
  pseudonyms: Pseudonyms;
  recordOrigin(numbers: { no: number; device: number; viewer: number }, identity: SenderIdentity): void | Promise<void>;
  countReport(result: string): void;
  /** What the sender of a report should fetch anew (V5). */
  marksOf(reporter: Reporter): NeedsUpdate | Promise<NeedsUpdate>;
  clock: () => number;
  /** Answers faults of handsets in their form. */
  encodeProblem: ErrorRequestHandler;
}

/** Who sent a report, and how it leaves the device. */
interface Reporter {
  viewer: number;
  device: number;
  /** Empty: it watches nothing. */
  service: string;
  programme: string;
  guideVersion?: number;
}

interface SenderIdentity {
  user: string;
  deviceId?: string;
  imsi?: string;
  model?: string;
}

export function viewingRouter(deps: ViewingRouterDeps): Router {
  const router = express.Router();

  const receive = async (request: Request, response: Response): Promise<void> => {
    const arrivedAt = deps.clock();
    const body = await readBody(request, deps.bodyLimitBytes);
    const user = await authenticate(deps, request, response, body);
    requireXml(request);
    const times = { arrivedAt, ...dateOf(request) };
    const { outcome, reporter } = await record(deps, user, deps.reader.readReport(body), times);
    const marks = deps.marksOf(reporter);
    answer(response, writeReportAnswer(outcome, marks instanceof Promise ? await marks : marks));
  };
  router.post('/', receive);
  router.post('/reports', receive);

  router.post('/reports/batch', async (request, response) => {
    const arrivedAt = deps.clock();
    const body = await readBody(request, deps.bodyLimitBytes);
    if (request.headers.authorization === undefined) refuseWithout(deps, response);
    const user = await deps.verifyDigest(request, response, body);
    requireXml(request);
    const { sentAt, items } = deps.reader.readBatch(body);
    const date = dateOf(request);
    let last: Reporter | undefined;
    const batchSentAt = sentAt ?? date.date;
    const times = { arrivedAt, ...date, ...(batchSentAt === undefined ? {} : { batchSentAt }) };
    const outcomes = await Promise.all(
      items.map(async (item) => {
        if ('problem' in item) return item.problem;
        try {
          const { outcome, reporter } = await record(deps, user, item, times);
          last = reporter;
          return outcome;
        } catch (error) {
          if (error instanceof Problem && error.code !== 'unavailable') return error;
          throw error;
        }
      }),
    );
    answer(response, writeBatchAnswer(outcomes, last === undefined ? undefined : await deps.marksOf(last)));
  });

  // Only these addresses answer faults in the handsets' form; all else goes on to the next router.
  const encode: ErrorRequestHandler = (error, request, response, next) =>
    isReportAddress(request.method, request.path) ? deps.encodeProblem(error, request, response, next) : next(error);
  router.use(encode);
  return router;
}

/** Whether faults are told in the handsets' form; Express takes a path in either case, and with a slash at its end. */
export const isReportAddress = (method: string, path: string): boolean =>
  method === 'POST' && /^\/(?:reports(?:\/batch)?)?\/?$/i.test(path);

/** The Digest-authenticated user; undefined where the policy lets this report through without (V9). */
function authenticate(
  deps: ViewingRouterDeps,
  request: Request,
  response: Response,
  body: Buffer,
): string | undefined | Promise<string | undefined> {
  if (request.headers.authorization !== undefined) return deps.verifyDigest(request, response, body);
  const { report } = deps.readsUnauthenticated ? deps.reader.readReport(body) : { report: undefined };
  if (report === undefined || deps.isChallenged(report, deps.pseudonyms.numbersOf(identityOf(report)).device))
    refuseWithout(deps, response);
  return undefined;
}

function refuseWithout(deps: ViewingRouterDeps, response: Response): never {
  response.setHeader('WWW-Authenticate', deps.challenges());
  throw new Problem('unauthorized', 'this needs Digest credentials');
}

async function record(
  deps: ViewingRouterDeps,
  user: string | undefined,
  { report, document }: ReadDocument,
  times: Pick<Reception, 'arrivedAt' | 'date' | 'batchSentAt'>,
): Promise<{ outcome: Outcome; reporter: Reporter }> {
  if (user !== undefined && user !== report.user)
    throw new Problem('forbidden', 'User_ID is not that of the account (V8)');
  const found = deps.findSender(report.user);
  const sender = found instanceof Promise ? await found : found;
  if (sender?.enabled !== true) throw new Problem('forbidden', 'User_ID has no account (V8)');
  const identity = identityOf(report);
  const { device, origin } = deps.pseudonyms.numbersOf(identity);
  const seen = deps.seesMark(report.user, report.service);
  const marked = seen instanceof Promise ? await seen : seen;
  if (sender.measurable && marked) {
    const recorded = deps.recordOrigin({ no: origin, device, viewer: sender.viewer }, identity);
    if (recorded !== undefined) await recorded;
  }
  const outcome = await deps.viewing.receive(report, {
    device,
    origin,
    viewer: sender.viewer,
    measurable: sender.measurable,
    marked,
    verified: user !== undefined,
    document,
    ...times,
  });
  deps.countReport(outcome.result);
  return { outcome, reporter: reporterOf(report, sender.viewer, device) };
}

function reporterOf({ type, service, programme, extension }: LogReport, viewer: number, device: number): Reporter {
  const version = Number(extension?.guideVersion ?? Number.NaN);
  const watched = type === 'LogInInfo' ? { service, programme } : { service: '', programme: '' };
  return { viewer, device, ...watched, ...(Number.isSafeInteger(version) ? { guideVersion: version } : {}) };
}

function identityOf({ user, imsi, extension }: LogReport): SenderIdentity {
  const { deviceId, deviceModel } = extension ?? {};
  return {
    user,
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(imsi === undefined ? {} : { imsi }),
    ...(deviceModel === undefined ? {} : { model: deviceModel }),
  };
}

function answer(response: Response, xml: string): void {
  const sizeBytes = Buffer.byteLength(xml);
  response.writeHead(200, { 'Content-Type': 'application/xml; charset=utf-8', 'Content-Length': sizeBytes });
  response.end(xml, sizeBytes === xml.length ? 'latin1' : 'utf8'); // ASCII, as a rule: then it needs no encoding
}

function requireXml(request: Request): void {
  const type = request.headers['content-type'] ?? 'text/xml'; // the oldest handsets send none
  if (!/^(?:text|application)\/(?:[\w.-]+\+)?xml\b/i.test(type)) {
    throw new Problem('unsupported', 'a report is text/xml or application/xml');
  }
}

/** The Date header (claim 5), epoch ms; one that can't be read counts as absent. */
function dateOf(request: Request): { date?: number } {
  const text = request.headers.date;
  const date = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? {} : { date };
}
