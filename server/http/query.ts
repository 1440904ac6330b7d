// Reads a query string's parameters, refusing what is repeated or malformed by name (O11).

import { Problem } from '../problem.ts';

type Query = Readonly<Record<string, unknown>>;

const LONGEST_TEXT = 200; // no name or id of the product is longer
const DEFAULT_LIMIT = 100;
const GREATEST_LIMIT = 1_000; // one page is answered from memory
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+ -]\d\d:\d\d))?$/;

/** The parameter's text, or undefined when it is absent. Problem `invalid` when it is repeated, empty or too long. */
export function readText(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw wrong(name, 'may be given once only', 'once');
  if (value === '' || value.length > LONGEST_TEXT)
    throw wrong(name, `must have 1 to ${LONGEST_TEXT} characters`, 'length');
  return value;
}

/**
 * Epoch ms of an ISO 8601 instant with its zone, or of a date alone, which is its midnight in UTC; undefined when absent.
 * An unescaped `+`, which arrives as a space, is understood. Problem `invalid` otherwise.
 */
export function readInstant(query: Query, name: string): number | undefined {
  const value = readText(query, name);
  if (value === undefined) return undefined;
  const at = INSTANT.test(value) && isOnCalendar(value) ? Date.parse(value.replace(' ', '+')) : Number.NaN;
  if (Number.isNaN(at)) throw wrong(name, 'must be an instant such as 2026-07-20T20:00:00Z, or a date', 'instant');
  return at;
}

/** How many rows a page may have: 1 to 1000, by default 100. Problem `invalid` otherwise. */
export function readLimit(query: Query): number {
  const value = readText(query, 'limit');
  if (value === undefined) return DEFAULT_LIMIT;
  const limit = Number(value);
  if (!/^\d+$/.test(value) || limit < 1 || limit > GREATEST_LIMIT)
    throw wrong('limit', `must be a whole number from 1 to ${GREATEST_LIMIT}`, 'range');
  return limit;
}

/** A number that an answer gave out as a cursor; undefined when absent. Problem `invalid` otherwise. */
export function readNumberCursor(query: Query, name: string): number | undefined {
  const value = readText(query, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,16}$/.test(value)) throw wrong(name, 'is not a cursor of this list', 'cursor');
  return Number(value);
}

/** Date.parse takes 30 February for 2 March. */
function isOnCalendar(value: string): boolean {
  const day = value.slice(0, 10);
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

function wrong(name: string, told: string, rule: string): Problem {
  return new Problem('invalid', `the parameter ${name} ${told}`, { faults: [{ element: name, rule }] });
}
