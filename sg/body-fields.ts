// Fields of a JSON body of the guide's API, each checked as it is read (G3, O11).

import { isObject } from '../server/http/json-body.ts';
import { readInstant } from '../server/http/query.ts';
import { Problem } from '../server/problem.ts';
import type { Texts } from './schedule.ts';
import { isId } from './xmltv-entry.ts';

const MAX_TEXT_CHARS = 2_048;
const MAX_NAMES = 100;
const MAX_LANGUAGE_CHARS = 35; // what RFC 5646 4.4.1 asks to have room for
const MAX_IDS = 1_000;

export interface BodyFields {
  /** Throws Problem `invalid` that names the field. */
  refuse(name: string, why: string): never;
  text(name: string, form?: RegExp): string | undefined;
  /** A whole number from 0. */
  count(name: string, most: number): number | undefined;
  /** Texts by language, one at least. */
  texts(name: string): Texts | undefined;
  /** Ids, each once; absent: none. */
  ids(name: string): string[];
  /** Epoch ms of an ISO 8601 instant or date. */
  instant(name: string): number | undefined;
  object(name: string): BodyFields | undefined;
  /** Whatever is in it is for the caller to check: texts of up to 2,048 characters, or objects. */
  list(name: string, most: number): unknown[] | undefined;
}

/** `rule` is a word for what the body is. Absent fields are undefined. */
export function bodyFields(body: Readonly<Record<string, unknown>>, rule: string): BodyFields {
  const fields = new Map<string, unknown>(Object.entries(body));
  const refuse = (name: string, why: string): never => {
    throw new Problem('invalid', `${name} ${why}`, { faults: [{ element: name, rule }] });
  };
  return {
    refuse,
    text(name, form) {
      const value = fields.get(name);
      if (value === undefined) return undefined;
      if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT_CHARS) return refuse(name, 'is no text');
      return form?.test(value) === false ? refuse(name, `has not the form ${form.source}`) : value;
    },
    count(name, most) {
      const value = fields.get(name);
      if (value === undefined) return undefined;
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
        return refuse(name, 'is out of range');
      return value + 0; // -0 would come back as 0, and count as a change
    },
    texts(name) {
      const value = fields.get(name);
      if (value === undefined) return undefined;
      return isTexts(value) ? value : refuse(name, 'holds a text by language');
    },
    ids(name) {
      const value = fields.get(name) ?? [];
      if (
        !Array.isArray(value) ||
        value.length > MAX_IDS ||
        !value.every((one) => typeof one === 'string' && isId(one))
      )
        return refuse(name, `is a list of ids, ${MAX_IDS} at most`);
      return [...new Set<string>(value)];
    },
    instant(name) {
      const value = fields.get(name);
      return value === undefined ? undefined : readInstant({ [name]: value }, name);
    },
    list(name, most) {
      const value = fields.get(name);
      if (value === undefined) return undefined;
      const isFine = (one: unknown): boolean =>
        isObject(one) || (typeof one === 'string' && one !== '' && one.length <= MAX_TEXT_CHARS);
      return Array.isArray(value) && value.length <= most && value.every(isFine)
        ? value
        : refuse(name, `is a list, of ${most} at most`);
    },
    object(name) {
      const value = fields.get(name);
      if (value === undefined) return undefined;
      return isObject(value) ? bodyFields(value, rule) : refuse(name, 'is an object');
    },
  };
}

function isTexts(value: unknown): value is Texts {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > MAX_NAMES) return false;
  return entries.every(
    ([language, text]) =>
      language.length <= MAX_LANGUAGE_CHARS && typeof text === 'string' && text !== '' && text.length <= MAX_TEXT_CHARS,
  );
}
