// Reads what an operator pushes, whichever door it comes by: every field has its check (O11, I2).

import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { isObject, readString } from '../http/json-body.ts';
import { readInstant } from '../http/query.ts';
import { Problem } from '../problem.ts';
import type { PushContent } from './pushes.ts';

/** Whom a push names: a service, a programme with or without its service, a user, or all. */
export type NamedAudience = { all: true } | { user: string } | { service?: string; programme?: string };

/** A push as it is asked for. */
export interface PushRequest {
  audience: NamedAudience;
  content: PushContent;
  validUntil?: number;
  id?: string;
}

export const PUSH_FIELDS = ['audience', 'content', 'validUntil', 'id'] as const;

const LANGUAGE = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}$/;
const ID = /^[\w.:-]{1,100}$/;
const MOST_LANGUAGES = 50;
const LONGEST_NAME = 200;
const LONGEST_TEXT = 10_000; // a message, no book
/** It goes to every handset concerned: 10,000 of them get 320 MB. */
export const LARGEST_XML_BYTES = 32_768;

const xmlReader = createXsdValidator(new URL('../../schemas/Updates.xsd', import.meta.url));

/** Problem `invalid` with the field that is wrong; `too_large` for XML beyond 32 KiB; `unsupported` for its encoding. */
export function readPush(fields: Readonly<Record<string, unknown>>): PushRequest {
  const validUntil = readInstant({ validUntil: readString(fields, 'validUntil') }, 'validUntil');
  const id = readString(fields, 'id');
  if (id !== undefined && !ID.test(id)) throw wrong('id', 'has 1 to 100 letters, digits or _.:-', 'form');
  return {
    audience: readAudience(fields.audience),
    content: readContent(fields.content),
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(id === undefined ? {} : { id }),
  };
}

function readAudience(value: unknown): NamedAudience {
  const told = 'is {"all": true}, {"user": …}, {"service": …} or {"programme": …}';
  if (!isObject(value)) throw wrong('audience', told, 'form');
  const { all, user, service, programme, ...others } = value;
  const given = [all, user, service ?? programme].filter((each) => each !== undefined);
  if (given.length !== 1 || Object.keys(others).length > 0) throw wrong('audience', told, 'form');
  if (all !== undefined) {
    if (all !== true) throw wrong('audience', told, 'form');
    return { all };
  }
  const name = (field: string, text: unknown): string => {
    if (typeof text !== 'string' || text === '' || text.length > LONGEST_NAME)
      throw wrong(`audience.${field}`, `is a text of 1 to ${LONGEST_NAME} characters`, 'length');
    return text;
  };
  if (user !== undefined) return { user: name('user', user) };
  return {
    ...(service === undefined ? {} : { service: name('service', service) }),
    ...(programme === undefined ? {} : { programme: name('programme', programme) }),
  };
}

function readContent(value: unknown): PushContent {
  if (typeof value === 'string') return { xml: checkXml(value) };
  if (!isObject(value))
    throw wrong('content', 'is {"text": {"en": …}}, {"en": …}, {"xml": "…"} or XML as a text', 'form');
  const isNamed = Object.keys(value).length === 1;
  const { text, xml } = value;
  if (isNamed && typeof xml === 'string') return { xml: checkXml(xml) };
  const texts = Object.entries(isNamed && isObject(text) ? text : value);
  if (texts.length === 0 || texts.length > MOST_LANGUAGES)
    throw wrong('content.text', `has 1 to ${MOST_LANGUAGES} languages`, 'number');
  const read: Record<string, string> = {};
  for (const [language, one] of texts) {
    if (!LANGUAGE.test(language)) throw wrong('content.text', 'has languages such as de or pt-BR (BCP 47)', 'language');
    if (typeof one !== 'string' || one === '' || one.length > LONGEST_TEXT)
      throw wrong(`content.text.${language}`, `has 1 to ${LONGEST_TEXT} characters`, 'length');
    read[language] = one;
  }
  return { text: read };
}

function checkXml(xml: string): string {
  const bytes = Buffer.from(xml);
  if (bytes.length > LARGEST_XML_BYTES)
    throw new Problem('too_large', `content.xml may have ${LARGEST_XML_BYTES} bytes at most`);
  return xmlReader.readWellFormed(bytes, () => xml);
}

function wrong(element: string, told: string, rule: string): Problem {
  return new Problem('invalid', `${element} ${told}`, { faults: [{ element, rule }] });
}
