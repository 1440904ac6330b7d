// Reads a query string's parameters, refusing what is repeated or malformed by name (O11).

import { parse } from 'node:querystring';
import { Problem } from '../problem.ts';

export type Query = Readonly<Record<string, unknown>>;

/** A number's bounds, both included. */
export interface Bounds {
  least: number;
  most: number;
}

export const LONGEST_TEXT = 200; // no name or id that the product gives out is longer
const MOST_TEXTS = 100; // of a list in one parameter
/** Rows of a page: it is answered from memory. */
export const PAGE: Bounds & { otherwise: number } = { least: 1, most: 1_000, otherwise: 100 };
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+ -]\d\d:\d\d))?$/;

/** Years 1 to 9999: what xs:dateTime and RFC 3339 can tell again. An offset may lead out of them. */
const EARLIEST_AT = Date.parse('0001-01-01T00:00:00Z');
const LATEST_AT = Date.parse('9999-12-31T23:59:59.999Z');

/** The app's `query parser`. Throws URIError for what is not rightly percent-encoded, which node:querystring would mend. */
export function parseQuery(text: string | null): Query {
  if (text === null) return {};
  decodeURIComponent(text);
  return parse(text);
}

/** The parameter's text, or undefined when it is absent. Problem `invalid` when it is repeated, empty or too long. */
export function readText(query: Query, name: string, longest = LONGEST_TEXT): string | undefined {
  const value = query[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw wrong(name, 'may be given once only', 'once');
  if (value === '' || value.length > longest) throw wrong(name, `must have 1 to ${longest} characters`, 'length');
  return value;
}

/** Texts between commas, 1 to 100 of them; undefined when absent. Problem `invalid` when one is empty or too long. */
export function readTexts(query: Query, name: string): string[] | undefined {
  const texts = readText(query, name, MOST_TEXTS * (LONGEST_TEXT + 1))?.split(',');
  if (texts === undefined) return undefined;
  if (texts.length > MOST_TEXTS) throw wrong(name, `may list ${MOST_TEXTS} at most`, 'number');
  if (texts.some((text) => text === '' || text.length > LONGEST_TEXT))
    throw wrong(name, `lists texts of 1 to ${LONGEST_TEXT} characters between commas`, 'length');
  return texts;
}

/**
 * Epoch ms of an ISO 8601 instant with its zone, or of a date alone, which is its midnight in UTC; undefined when absent.
 * An unescaped `+`, which arrives as a space, is understood. Problem `invalid` otherwise.
 */
export function readInstant(query: Query, name: string): number | undefined {
  const value = readText(query, name);
  if (value === undefined) return undefined;
  const at = INSTANT.test(value) && isOnCalendar(value) ? Date.parse(value.replace(' ', '+')) : Number.NaN;
  if (!(at >= EARLIEST_AT && at <= LATEST_AT))
    throw wrong(name, 'must be an instant such as 2026-07-20T20:00:00Z, or a date', 'instant');
  return at;
}

/** A whole number; undefined when absent. Problem `invalid` otherwise. */
export function readWhole(query: Query, name: string, { least, most }: Bounds): number | undefined {
  const value = readText(query, name);
  if (value === undefined) return undefined;
  const whole = Number(value);
  if (!/^\d+$/.test(value) || whole < least || whole > most)
    throw wrong(name, `must be a whole number from ${least} to ${most}`, 'range');
  return whole;
}

/** A number such as 12.5; undefined when absent. Problem `invalid` otherwise. */
export function readDecimal(query: Query, name: string, { least, most }: Bounds): number | undefined {
  const value = readText(query, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+(\.\d+)?$/.test(value) || number < least || number > most)
    throw wrong(name, `must be a number from ${least} to ${most}`, 'range');
  return number;
}

/** How many rows a page may have: 1 to 1000, by default 100. Problem `invalid` otherwise. */
export function readLimit(query: Query): number {
  return readWhole(query, 'limit', PAGE) ?? PAGE.otherwise;
}

/** One of the choices, the first by default. Problem `invalid` otherwise. */
export function readChoice<Choice extends string>(
  query: Query,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const text = readText(query, name);
  if (text === undefined) return choices[0];
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw wrong(name, `must be ${choices.join(' or ')}`, 'choice');
  return choice;
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
