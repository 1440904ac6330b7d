// Reads a JSON body as one object of named fields (O11; RFC 8259).

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Problem } from '../problem.ts';
import { readBody, requireType } from './request-body.ts';

export interface JsonRules {
  limitBytes: number;
  /** Others are refused by name; absent: others are for the caller to ignore. */
  fields?: readonly string[];
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const MOST_FAULTS = 20; // a caller mends the first
const LONGEST_NAME = 64; // of a field, in a fault

/**
 * The object; an empty body is an empty one. Problem `unsupported` for another Content-Type (a page of another origin may
 * send text and forms without being asked, JSON not), `invalid` for what is not a JSON object or has unknown fields, and
 * those of `readBody`. How deep values lie is bounded by who takes them: every field has its own check.
 */
export async function readJsonObject(
  request: IncomingMessage,
  { limitBytes, fields }: JsonRules,
): Promise<Record<string, unknown>> {
  const body = await readBody(request, limitBytes);
  if (body.length === 0) return {};
  requireType(request, JSON_TYPE, 'the body is application/json');
  if (!isUtf8(body)) throw new Problem('invalid', 'the body is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new Problem('invalid', 'the body is not JSON', { cause });
  }
  if (!isObject(value)) throw new Problem('invalid', 'the body is not a JSON object');
  const unknown = fields === undefined ? [] : Object.keys(value).filter((key) => !fields.includes(key));
  if (unknown.length === 0) return value;
  const faults = unknown
    .slice(0, MOST_FAULTS)
    .map((element) => ({ element: element.slice(0, LONGEST_NAME), rule: 'there is no such field' }));
  throw new Problem('invalid', faults.map(({ element, rule }) => `${element}: ${rule}`).join('; '), { faults });
}

/** A text field, or undefined when it is absent. Problem `invalid` when it is something else. */
export function readString(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new Problem('invalid', `${name} is a text`, { faults: [{ element: name, rule: 'string' }] });
}

/** What JSON calls an object: no array, not null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
