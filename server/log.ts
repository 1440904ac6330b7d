// The server's log: JSON lines by pino, with a request's id, and without any identity, token or password (O2, O7).

import { type DestinationStream, pino } from 'pino';
import { Problem } from './problem.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

type LogFields = Record<string, unknown>;

/** What the rest of the server needs of a log. Fields first; an error goes in as `error`. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  /** At debug when the log was told of `error` by whoever found it. */
  error(fields: LogFields, message: string): void;
  /** A log that adds these fields to each line, such as `requestId`. */
  child(fields: LogFields): Log;
}

export interface LogOptions {
  level: LogLevel;
  /** Takes each line; standard output when absent. */
  destination?: DestinationStream;
}

const HIDDEN = '[hidden]';
const HIDDEN_KEY =
  /authori[sz]ation|cookie|passw|secret|token|credential|private|imsi|msisdn|phone|nonce|ha1|^user(name|_id)?$|mongodb_?uri/i;
const HIDDEN_TEXT: readonly [RegExp, string][] = [
  [/\b(Basic|Bearer|Digest)\s+[\w+/=."~-][^\r\n]*/g, `$1 ${HIDDEN}`],
  [/(\w:\/\/)[^\s/@]+@/g, `$1${HIDDEN}@`],
  [/(?<!\d)\d{14,15}(?!\d)/g, HIDDEN], // an IMSI has 14 or 15 digits; an epoch in ms has 13
];
const DEEPEST = 6; // beyond it a field is data, not a log line
const LONGEST_TEXT = 4_096; // one line stays readable, and input can't fill the disk by one
const MOST_ITEMS = 100;
const UNWRITTEN_BYTES = 1_048_576; // lines that wait for a full disk; further ones are dropped

export function createLog({ level, destination }: LogOptions): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return logOver(pino(options, destination ?? standardOutput()));
}

/**
 * Whole lines, each written before the next step: what a killed process told is there. A disk that is full or a reader that
 * is gone stops the log, not the server, neither at work nor at its end.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: UNWRITTEN_BYTES });
  output.on('error', () => undefined);
  return output;
}

function logOver(sink: pino.Logger): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: LogFields, message: string): void => {
      if (sink.isLevelEnabled(level)) sink[level](cleanFields(fields, 0), cleanText(message));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: (fields, message) =>
      write(fields.error instanceof Problem && fields.error.isTold ? 'debug' : 'error')(fields, message),
    child: (fields) => logOver(sink.child(cleanFields(fields, 0))),
  };
}

function cleanFields(fields: object, depth: number): LogFields {
  const clean: LogFields = {};
  for (const [key, value] of Object.entries(fields))
    clean[key] = HIDDEN_KEY.test(key) ? HIDDEN : cleanValue(value, depth + 1);
  return clean;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '[deep]';
  if (value instanceof Error) return cleanError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((each) => cleanValue(each, depth + 1));
  return cleanFields(value, depth);
}

/** Only the fields that every error has: drivers hang requests and credentials on theirs. */
function cleanError(error: Error, depth: number): LogFields {
  const clean: LogFields = { type: error.name, message: cleanText(error.message) };
  if ('code' in error) clean.code = cleanValue(error.code, depth + 1);
  if (error.stack !== undefined) clean.stack = cleanText(error.stack);
  if (error.cause !== undefined) clean.cause = cleanValue(error.cause, depth + 1);
  return clean;
}

function cleanText(text: string): string {
  let clean = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  for (const [pattern, instead] of HIDDEN_TEXT) clean = clean.replace(pattern, instead);
  return clean;
}
