// Reports as they were written out, kept for who asks again: writing one of a day takes longer than all else (ratings R18).

import { hash } from 'node:crypto';
import type { RatingReport } from './rating-report.ts';

/** Of all that is kept: some sixty reports of a day by programme. */
const KEPT_MOST_BYTES = 64 * 1_048_576;

/** `etag` names the bytes: without it Express would work one out for each answer. */
interface Written {
  bytes: Buffer;
  etag: string;
}

/** `write` turns a report into text, in UTF-8. Live reports, which are made for each request, are not kept. */
export function createWrittenReports<Format extends string>(write: (report: RatingReport, format: Format) => string) {
  const kept = new Map<RatingReport, Map<Format, Written>>(); // what was asked for last is last
  let keptBytes = 0;
  const forgetFirst = (): void => {
    for (const [report, texts] of kept) {
      if (keptBytes <= KEPT_MOST_BYTES) return;
      for (const { bytes } of texts.values()) keptBytes -= bytes.length;
      kept.delete(report);
    }
  };
  return (report: RatingReport, format: Format): Written => {
    const texts = kept.get(report) ?? new Map<Format, Written>();
    const written = texts.get(format) ?? writtenOf(Buffer.from(write(report, format)));
    if (report.criteria.revision === undefined) return written;
    if (!texts.has(format)) keptBytes += written.bytes.length;
    kept.delete(report);
    kept.set(report, texts.set(format, written));
    forgetFirst();
    return written;
  };
}

const writtenOf = (bytes: Buffer): Written => ({ bytes, etag: `"${hash('sha256', bytes, 'base64url')}"` });
