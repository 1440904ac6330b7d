// JSON lines to standard output, without secrets (O2, O7): a narrow face of pino.

import { type DestinationStream, pino } from 'pino';

type Fields = Record<string, unknown>;

export interface Log {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
  /** A log whose lines all carry these fields. */
  child(fields: Fields): Log;
}

/** Identities and secrets that no line may show. */
const SECRET_FIELDS = ['authorization', 'password', 'token', 'imsi', 'IMSI', 'ha1'];

export function createLog(options: { level: string; destination?: DestinationStream }): Log {
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const settings = {
    level: options.level,
    redact: { paths, censor: '[removed]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
