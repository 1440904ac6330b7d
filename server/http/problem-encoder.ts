// Turns whatever went wrong into an answer: problem+xml for handsets, problem+json otherwise (RFC 9457; O5, O11).

import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Log } from '../log.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { requestIdOf } from './request-id.ts';

export type ProblemFormat = 'xml' | 'json';

interface EncodedProblem {
  status: number;
  headers: Record<string, string>;
  body: string;
}

type Code = ProblemCode | 'internal';

export const STATUS: Record<Code, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported: 415,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
};

export const TITLE: Record<Code, string> = {
  invalid: 'The request is not valid',
  unauthorized: 'Credentials are needed',
  forbidden: 'This is not allowed',
  not_found: 'There is no such thing',
  conflict: 'This does not fit what is there',
  gone: 'This is no longer there',
  too_large: 'The request is too large',
  unsupported: 'This form is not supported',
  rate_limited: 'There were too many requests',
  internal: 'The server failed',
  unavailable: 'The server cannot do this at the moment',
};

const RETRY_AFTER_S = 5; // a failover or a full queue is over in seconds, as a rule
const MOST_FAULTS = 100; // the answer to bad input must not outgrow it
const QUIET_MS = 10_000; // a stopped store fails every request; the log needs it once
const DISK_FAULTS = new Set<unknown>(['ENOSPC', 'EDQUOT', 'EIO']); // some file systems tell it only when a file is flushed
const SQLITE_PASSING = new Set([5, 6, 10, 13]); // SQLITE_BUSY, _LOCKED, _IOERR, _FULL: sqlite.org/rescode.html

/**
 * Error middleware, to be the last of a router or app. What is not a `Problem` is logged whole and shown as `internal`.
 * Headers that were set before, such as WWW-Authenticate, stay.
 */
export function problemEncoder(deps: { log: Log; format: ProblemFormat; clock?: () => number }): ErrorRequestHandler {
  const { log, format, clock = Date.now } = deps;
  let quietUntil = Number.NEGATIVE_INFINITY;
  let unsaid = 0;

  const tell = (error: unknown, problem: Problem | undefined, fields: Record<string, unknown>): void => {
    if (problem === undefined) log.error({ ...fields, error }, 'a request failed');
    else if (problem.code !== 'unavailable' || problem.isTold)
      log.debug({ ...fields, code: problem.code, detail: problem.detail }, 'a request was refused');
    else if (clock() < quietUntil) unsaid += 1;
    else {
      log.error({ ...fields, detail: problem.detail, cause: problem.cause, unsaid }, 'a request cannot be served');
      quietUntil = clock() + QUIET_MS;
      unsaid = 0;
    }
  };

  return (error: unknown, request, response, _next) => {
    const problem = problemOf(error);
    const id = requestIdOf(response);
    tell(error, problem, { requestId: id, method: request.method, path: request.path });
    if (response.headersSent) {
      response.destroy(); // a cut answer is the only way left to say that it isn't whole
      return;
    }
    const { status, headers, body } = encodeProblem(error, id, format);
    if (problem?.code === 'too_large' && !request.complete) response.setHeader('Connection', 'close');
    response.status(status).set(headers).send(body);
  };
}

/** Middleware for what no route took: Problem `not_found`. */
export function notFound(): RequestHandler {
  return (request, _response, next) =>
    next(new Problem('not_found', `nothing answers ${request.method} at this address`));
}

/**
 * The answer to any error; for those who write answers without Express, or one item of a batch. `narrower` is a status
 * that says more than the code's own.
 */
export function encodeProblem(
  error: unknown,
  requestId: string,
  format: ProblemFormat,
  narrower?: number,
): EncodedProblem {
  const problem = problemOf(error);
  const code = problem?.code ?? 'internal';
  const status = narrower ?? STATUS[code];
  const members: Members = {
    type: `urn:pocketmeter:problem:${code}`,
    title: TITLE[code],
    status,
    detail: problem?.detail ?? 'The request id leads to the cause in the log',
    code,
    requestId,
    faults: (problem?.faults ?? []).slice(0, MOST_FAULTS),
  };
  const headers: Record<string, string> = {
    'Content-Type': `application/problem+${format}; charset=utf-8`,
    'Cache-Control': 'no-store',
  };
  if (code === 'unavailable' || code === 'rate_limited')
    headers['Retry-After'] = String(Math.max(1, Math.ceil(problem?.retryAfterS ?? RETRY_AFTER_S)));
  const body =
    format === 'xml'
      ? writeXml(members)
      : JSON.stringify({ ...members, faults: members.faults.length > 0 ? members.faults : undefined });
  return { status, headers, body };
}

interface Members {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  faults: Problem['faults'];
}

/** What Express, body-parser and the embedded store throw, in our words; undefined is internal. */
function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof URIError)
    return new Problem('invalid', 'the address is not rightly percent-encoded', { cause: error });
  if (!(error instanceof Error)) return undefined;
  const driverCode = 'code' in error ? error.code : undefined;
  const isPassing = 'errcode' in error && SQLITE_PASSING.has(Number(error.errcode) & 0xff);
  if (DISK_FAULTS.has(driverCode) || (driverCode === 'ERR_SQLITE_ERROR' && isPassing))
    return new Problem('unavailable', 'the store does not take this now', { cause: error });
  const status = 'status' in error ? error.status : undefined;
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  const code = (Object.keys(STATUS) as Code[]).find((each) => STATUS[each] === status) ?? 'invalid';
  return code === 'internal' ? undefined : new Problem(code, 'the request cannot be read', { cause: error });
}

/** RFC 9457, appendix B: extensions in the same namespace, arrays as elements `i`. */
function writeXml({ faults, ...simple }: Members): string {
  const element = (name: string, value: unknown): string =>
    value === undefined ? '' : `<${name}>${escapeXml(String(value))}</${name}>`;
  const simples = Object.entries(simple).map(([name, value]) => element(name, value));
  const items = faults.map(
    (fault) =>
      `<i>${element('line', fault.line)}${element('element', fault.element)}${element('rule', fault.rule)}</i>`,
  );
  const list = items.length > 0 ? `<faults>${items.join('')}</faults>` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<problem xmlns="urn:ietf:rfc:7807">${simples.join('')}${list}</problem>\n`;
}

const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu; // XML 1.0, production 2

function escapeXml(value: string): string {
  return value.replace(NOT_XML, '\uFFFD').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
