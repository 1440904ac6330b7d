// A page of a list that is in memory: `limit` and `after`, which counts the items that came before (O11).

import type { Request, Response } from 'express';
import { type Bounds, readLimit, readWhole } from './query.ts';

const COUNT: Bounds = { least: 0, most: 999_999_999 };

/** Answers `{items, next}`. Problem `invalid` for a wrong `limit` or `after`. */
export function sendPage(request: Request, response: Response, items: readonly object[]): void {
  const start = readWhole(request.query, 'after', COUNT) ?? 0;
  const end = start + readLimit(request.query);
  response.json({ items: items.slice(start, end), ...(end < items.length ? { next: String(end) } : {}) });
}
