// A page of a list that is in memory: `limit` and `after`, which counts the items that came before (O11).

import type { Request, Response } from 'express';
import { type Bounds, readLimit, readWhole } from './query.ts';

const COUNT: Bounds = { least: 0, most: 999_999_999 };

/** The page that is asked for. Problem `invalid` for a wrong `limit` or `after`. */
export function pageOf<T>(request: Request, items: readonly T[]): { items: T[]; next?: string } {
  const start = readWhole(request.query, 'after', COUNT) ?? 0;
  const end = start + readLimit(request.query);
  return { items: items.slice(start, end), ...(end < items.length ? { next: String(end) } : {}) };
}

/** Answers `{items, next}`; the Problems of `pageOf`. */
export function sendPage(request: Request, response: Response, items: readonly object[]): void {
  response.json(pageOf(request, items));
}
