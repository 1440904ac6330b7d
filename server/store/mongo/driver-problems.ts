// What the MongoDB driver throws, in our words: known by class and code, never by text (O5).

import {
  type Collection,
  type Document,
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  type OptionalUnlessRequiredId,
} from 'mongodb';
import { Problem } from '../../problem.ts';

/** Error codes of the server: github.com/mongodb/mongo, src/mongo/base/error_codes.yml. */
export const CODE = {
  unauthorized: 13,
  authenticationFailed: 18,
  namespaceNotFound: 26,
  duplicateKey: 11_000,
} as const;

const WRITE_CONCERN_TIMEOUT = 64;
// A node that goes, comes, or is cut off, and work that took too long: over soon, as a rule.
const PASSING_CODES = new Set([
  1, // InternalError: the server failed, not the request; a front whose database is away says no more
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
  50, // MaxTimeMSExpired
  WRITE_CONCERN_TIMEOUT, // written, and not yet on a majority
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern: too few members are up
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  391, // ReauthenticationRequired
  9_001, // SocketException
  10_058, // LegacyNotPrimary
  10_107, // NotWritablePrimary
  11_600, // InterruptedAtShutdown
  11_601, // Interrupted
  11_602, // InterruptedDueToReplStateChange
  13_388, // StaleConfig: a shard's router catches up
  13_435, // NotPrimaryNoSecondaryOk
  13_436, // NotPrimaryOrSecondary
]);
const PASSING_CLASSES = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoNotConnectedError,
  MongoClientClosedError,
];
const WAIT_QUEUE_TIMEOUT = 'MongoWaitQueueTimeoutError'; // a class that the driver does not export

const WAIT_MS = 10_000; // a handset gives up after some 30 s, and looks up its account before it writes
const LONG_WAIT_MS = 60_000; // the driver's waits of a write that is tried again, and no retention, index or guide in vain
const RETRY_AFTER_S = 10; // an election is over by then: electionTimeoutMillis is 10,000 by default

/** The driver's error as a Problem, `conflict` or `unavailable`; anything else as it is. */
export function problemOf(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  const codes = codesOf(error);
  const said: unknown = error instanceof MongoBulkWriteError ? error.errorResponse : error; // a cut line, in a bulk write
  const isPassing =
    codes.some((code) => PASSING_CODES.has(code)) ||
    PASSING_CLASSES.some((each) => said instanceof each) ||
    error.name === WAIT_QUEUE_TIMEOUT;
  const isTold = PASSING_CLASSES.some((each) => said instanceof each); // by the watch of the servers
  if (isPassing) return unavailable({ cause: error, isTold });
  if (isOnlyDuplicates(error)) return new Problem('conflict', 'there is one of that name already', { cause: error });
  return error;
}

const unavailable = (more: { cause?: unknown; isTold?: boolean }): Problem =>
  new Problem('unavailable', 'the store does not answer now', { retryAfterS: RETRY_AFTER_S, ...more });

/** None where no server said a word. Of a bulk write also those of each document and of the write concern. */
function codesOf(error: MongoError): number[] {
  const own = error.code === undefined ? [] : [Number(error.code)];
  if (!(error instanceof MongoBulkWriteError)) return own;
  const concern = error.result.getWriteConcernError();
  const late = concern === undefined ? [] : [concern.code ?? WRITE_CONCERN_TIMEOUT];
  return [...own, ...late, ...[error.writeErrors].flat().map(({ code }) => code)];
}

/** Whether a write failed for duplicate keys and for nothing else: what is there already is on a majority, too. */
export function isOnlyDuplicates(error: unknown): error is MongoServerError {
  if (!(error instanceof MongoServerError)) return false;
  const codes = codesOf(error);
  return codes.length > 0 && codes.every((code) => code === CODE.duplicateKey);
}

/**
 * The port, with what its methods reject with told by `problemOf`. They take `WAIT_MS` at most; `patient` ones, which may read or
 * write much, `LONG_WAIT_MS`.
 */
export function tellProblems<T extends { [K in keyof T]: (...given: never[]) => Promise<unknown> }>(
  patient: readonly (keyof T)[] | 'all',
  port: T,
): T {
  const methods = Object.entries<(...given: unknown[]) => Promise<unknown>>(port as never);
  const told = methods.map(([name, method]) => {
    const call = (...given: unknown[]): Promise<unknown> =>
      method(...given).catch((error: unknown) => {
        throw problemOf(error);
      });
    const waitMs = patient === 'all' || patient.includes(name as keyof T) ? LONG_WAIT_MS : WAIT_MS;
    return [name, (...given: unknown[]) => inTime(call(...given), waitMs)];
  });
  return Object.fromEntries(told) as T;
}

/** The driver's own waits add up, since it tries again, and what it writes to a socket that just died it waits for in vain. */
function inTime<T>(answer: Promise<T>, waitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable({ cause: new Error(`no answer within ${waitMs} ms`) })), waitMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The same for a method that answers in pages. */
export function tellPagedProblems<Given extends unknown[], Page>(
  list: (...given: Given) => AsyncGenerator<Page>,
): (...given: Given) => AsyncGenerator<Page> {
  return async function* (...given) {
    try {
      yield* list(...given);
    } catch (error) {
      throw problemOf(error);
    }
  };
}

/** One write that adds the document if none is in the way of its _id or a unique index. Says whether it did. */
export async function insertIfAbsent<T extends Document>(
  collection: Collection<T>,
  document: OptionalUnlessRequiredId<T>,
): Promise<boolean> {
  try {
    await collection.insertOne(document);
    return true;
  } catch (error) {
    if (isOnlyDuplicates(error)) return false;
    throw error;
  }
}

/** Adds the documents, up to some thousands; those whose _id is there already stay as they are. Answers the places of these. */
export async function insertAbsent<T extends Document>(
  collection: Collection<T>,
  documents: OptionalUnlessRequiredId<T>[],
): Promise<Set<number>> {
  if (documents.length === 0) return new Set();
  try {
    await collection.insertMany(documents, { ordered: false });
    return new Set();
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
    return placesOf(error);
  }
}

/** Which writes of a bulk write were refused. */
export const placesOf = (error: MongoServerError): Set<number> =>
  new Set(error instanceof MongoBulkWriteError ? [error.writeErrors].flat().map(({ index }) => index) : []);
