// Sessions as batches of those that figures count (V9, V12; ratings R18).

import type { EndedSession, Session } from '../../server/viewing/session.ts';
import { addRow, createBatch, type NameBooks } from './batch-rows.ts';
import type { ViewingBatch } from './viewing-batch.ts';

/** V9: who was never authenticated keeps watching and is not counted. */
export const isCounted = ({ flags, quarantine }: Session): boolean =>
  quarantine === undefined && !flags.includes('unverified');

/** What is counted of each page, in its order; one batch, used again. Open sessions end `now`. */
export async function* countedBatches(
  pages: AsyncIterable<readonly Session[]> | Iterable<readonly Session[]>,
  books: NameBooks,
  now: number,
): AsyncGenerator<ViewingBatch> {
  const batch = createBatch(0);
  for await (const page of pages) {
    batch.count = 0;
    for (const session of page) if (isCounted(session)) addRow(batch, endedBy(session, now), books);
    yield batch;
  }
}

const endedBy = (session: Session, now: number): EndedSession => ({
  ...session,
  endedAt: session.endedAt ?? Math.max(now, session.startedAt),
});
