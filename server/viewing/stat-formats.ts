// Sessions as the method's Stat records, in XML, CSV and JSON (CN101399958A table 8; V13). XML is valid by schemas/Stat.xsd.

import { stringify } from 'csv-stringify/sync';
import { create } from 'xmlbuilder2';
import type { Session } from './session.ts';

/** A session for those who asked; `user` only for those who may see it. Times are epoch ms. */
export type SessionRow = { user?: string } & Pick<
  Session,
  'viewer' | 'device' | 'service' | 'programme' | 'startedAt' | 'endedAt' | 'flags' | 'imputedMs' | 'quarantine'
>;

const CSV_COLUMNS = [
  'user',
  'device',
  'service',
  'programme',
  'startedAt',
  'endedAt',
  'seconds',
  'flags',
  'imputedSeconds',
];
// Characters that XML 1.0 can't hold. None came in by XML, but names come by other ways too.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** One session as JSON tells it: ISO 8601 UTC, seconds; what is absent is left out. */
export function statJson({ viewer, device, service, programme, flags, ...row }: SessionRow): object {
  return {
    ...(row.user === undefined ? {} : { user: row.user }),
    viewer,
    device,
    service,
    programme,
    startedAt: iso(row.startedAt),
    ...(row.endedAt === undefined ? {} : { endedAt: iso(row.endedAt), seconds: (row.endedAt - row.startedAt) / 1000 }),
    flags,
    imputedSeconds: row.imputedMs / 1000,
    ...(row.quarantine === undefined ? {} : { quarantine: row.quarantine }),
  };
}

/** A Stats document. */
export function writeStatXml(rows: readonly SessionRow[]): string {
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('Stats');
  for (const { viewer, device, service, programme, startedAt, endedAt, flags, imputedMs, quarantine, user } of rows) {
    const stat = root.ele('Stat', {
      viewer: String(viewer),
      device: String(device),
      ...(flags.length > 0 ? { flags: flags.join(' ') } : {}),
      ...(quarantine === undefined ? {} : { quarantine }),
      ...(imputedMs > 0 ? { imputedSeconds: decimal(imputedMs / 1000) } : {}),
    });
    const put = (name: string, text: string): void => {
      stat.ele(name).txt(text.toWellFormed().replace(NOT_XML, ' '));
    };
    if (user !== undefined) put('User_ID', user);
    put('Service_ID', service);
    put('Program_ID', programme);
    put('StartTime', iso(startedAt));
    if (endedAt !== undefined) {
      put('EndTime', iso(endedAt));
      put('Time', decimal((endedAt - startedAt) / 1000));
    }
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

/**
 * RFC 4180, with a header. Flags, and the reason of a quarantine after them, are separated by spaces. A text that a
 * spreadsheet would take for a formula (it begins with = + - @ tab or return) gets a ' before it.
 */
export function writeStatCsv(rows: readonly SessionRow[]): string {
  const records = rows.map(
    ({ user, device, service, programme, startedAt, endedAt, flags, imputedMs, quarantine }) => ({
      user,
      device,
      service,
      programme,
      startedAt: iso(startedAt),
      endedAt: endedAt === undefined ? '' : iso(endedAt),
      seconds: endedAt === undefined ? '' : (endedAt - startedAt) / 1000,
      flags: [...flags, ...(quarantine === undefined ? [] : [quarantine])].join(' '),
      imputedSeconds: imputedMs / 1000,
    }),
  );
  return stringify(records, { header: true, columns: CSV_COLUMNS, record_delimiter: 'windows', escape_formulas: true });
}

const iso = (at: number): string => new Date(at).toISOString();
/** Never in exponent form, which xs:decimal lacks. */
const decimal = (seconds: number): string => String(Math.round(seconds * 1000) / 1000);
