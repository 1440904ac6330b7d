// Reads query parameters; every fault names its parameter (O11).

import { Problem } from '../problem.ts';

type Query = Record<string, unknown>;

const LIMIT_DEFAULT = 100;
const LIMIT_MOST = 1_000; // a page that a phone can hold

/** One text, absent when the parameter is missing or empty. Problem `invalid` when it comes twice. */
export function readText(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw new Problem('invalid', `${name} may be given once`);
  return value;
}

/** An ISO 8601 instant with its zone, as epoch ms. A date alone is its midnight in UTC. */
export function readInstant(query: Query, name: string): number | undefined {
  const text = readText(query, name);
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at)) throw new Problem('invalid', `${name} must be a time such as 2026-03-01T20:15:00Z`);
  return at;
}

/** How many items a page may have: 1 to 1,000. */
export function readLimit(query: Query): number {
  const text = readText(query, 'limit');
  const limit = text === undefined ? LIMIT_DEFAULT : Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MOST) {
    throw new Problem('invalid', `limit must be a whole number from 1 to ${LIMIT_MOST}`);
  }
  return limit;
}
