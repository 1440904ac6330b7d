// Ended sessions, as a store reads them by viewer, with the open ones that it keeps elsewhere in their places.

import { compareSessions, type Session } from '../viewing/session.ts';

/** Both by (viewer, startedAt, device, service, programme): `ended` comes so, `open` in any order. Pages of `size`. */
export async function* pagesByViewer(
  ended: Iterable<Session> | AsyncIterable<Session>,
  open: readonly Session[],
  size: number,
): AsyncGenerator<Session[]> {
  const byViewer = (a: Session, b: Session): number => a.viewer - b.viewer || compareSessions(a, b);
  const left = open.toSorted((a, b) => byViewer(b, a));
  let page: Session[] = [];
  for await (const session of ended) {
    for (let next = left.at(-1); next !== undefined && byViewer(next, session) < 0; next = left.at(-1)) {
      page.push(next);
      left.pop();
    }
    page.push(session);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  page.push(...left.reverse());
  if (page.length > 0) yield page;
}

export async function* pagesOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
