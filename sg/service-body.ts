// A service as the API's JSON has it, checked (G1, G3).

import { isObject } from '../server/http/json-body.ts';
import { Problem } from '../server/problem.ts';
import type { Service } from './schedule.ts';
import { isId } from './xmltv-entry.ts';
import { zoneNamed } from './zone-time.ts';

const MAX_TEXT_CHARS = 2_048;
const MAX_NAMES = 100;
const MAX_LANGUAGE_CHARS = 35; // what RFC 5646 4.4.1 asks to have room for
const DAY_MS = 86_400_000;

/** What a caller may say of a service; what is measured is said by marks, and kept from `before`. Problem `invalid`. */
export function serviceFromBody(
  body: Readonly<Record<string, unknown>>,
  id: string,
  owner: string,
  before: Service | undefined,
): Service {
  if (!isId(id)) throw new Problem('invalid', 'the id has 1 to 64 printable characters and no slash');
  const fields = new Map<string, unknown>(Object.entries(body));
  const refuse = (name: string, why: string): never => {
    throw new Problem('invalid', `${name} ${why}`, { faults: [{ element: name, rule: 'service' }] });
  };
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT_CHARS) return refuse(name, 'is no text');
    return value;
  };
  const count = (name: string, max: number): number | undefined => {
    const value = fields.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max)
      return refuse(name, 'is out of range');
    return value;
  };
  const names = fields.get('names');
  if (!isTexts(names)) return refuse('names', 'holds a text by language');
  const [genre, logo, zone, dwellMs] = [text('genre'), text('logo'), text('zone'), count('dwellMs', DAY_MS)];
  if (zone !== undefined) zoneNamed(undefined, zone);
  return {
    id,
    names,
    ...(genre === undefined ? {} : { genre }),
    ...(logo === undefined ? {} : { logo }),
    provider: text('provider') ?? before?.provider ?? owner,
    order: count('order', 1_000_000) ?? before?.order ?? 0,
    ...(zone === undefined ? {} : { zone }),
    measured: before?.measured ?? [],
    ...(dwellMs === undefined ? {} : { dwellMs }),
  };
}

function isTexts(value: unknown): value is Service['names'] {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > MAX_NAMES) return false;
  return entries.every(
    ([language, text]) =>
      language.length <= MAX_LANGUAGE_CHARS && typeof text === 'string' && text !== '' && text.length <= MAX_TEXT_CHARS,
  );
}
