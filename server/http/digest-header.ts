// Reads the Authorization header of HTTP Digest
// (V6; RFC 2617 3.2.2, RFC 7616 3.4, lists and quoted strings after RFC 7230).

import { Problem } from '../problem.ts';

/** What a client sent: quotes and escapes are gone, everything else is as on the wire. */
export interface DigestHeader {
  username: string;
  realm: string;
  nonce: string;
  uri: string;
  response: string;
  algorithm: string | undefined;
  opaque: string | undefined;
  qop: string | undefined;
  nc: string | undefined;
  cnonce: string | undefined;
}

type Directives = { [Name in keyof DigestHeader]: string | undefined };

const LONGEST_HEADER = 8_192; // a long URI fits; node:http itself stops at 16 KiB
const LONGEST_NAME = 256; // user names and cnonces are remembered or echoed

const SCHEME = /^digest[ \t]+/i;
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const QUOTE = 0x22;

/**
 * The directives of `Authorization: Digest …`, or undefined for another scheme. Unknown directives are ignored; quoted
 * and unquoted values are both taken, whatever the RFC says for the directive. Problem `invalid` for anything that is
 * not a list of directives, a known one given twice, a missing one, and what is too long.
 */
export function readDigestHeader(header: string): DigestHeader | undefined {
  if (header.length > LONGEST_HEADER) throw new Problem('invalid', 'the Authorization header is too long');
  const scheme = SCHEME.exec(header);
  if (scheme === null) return undefined;
  if (FORBIDDEN.test(header)) throw malformed('a forbidden character');
  const found = readDirectives(header, scheme[0].length);
  const { username, realm, nonce, uri, response } = found;
  if (username === undefined) throw malformed('no username');
  if (realm === undefined) throw malformed('no realm');
  if (nonce === undefined) throw malformed('no nonce');
  if (uri === undefined) throw malformed('no uri');
  if (response === undefined) throw malformed('no response');
  if (username.length > LONGEST_NAME) throw malformed('the username is too long');
  if (found.cnonce !== undefined && found.cnonce.length > LONGEST_NAME) throw malformed('the cnonce is too long');
  found.username = decodeUtf8(username);
  return found as DigestHeader;
}

function readDirectives(header: string, from: number): Directives {
  const found: Directives = {
    username: undefined,
    realm: undefined,
    nonce: undefined,
    uri: undefined,
    response: undefined,
    algorithm: undefined,
    opaque: undefined,
    qop: undefined,
    nc: undefined,
    cnonce: undefined,
  };
  const escapes = header.includes('\\');
  let at = skipBlanks(header, from);
  while (at < header.length) {
    if (header.charCodeAt(at) === COMMA) {
      at = skipBlanks(header, at + 1);
      continue; // [RFC 7230 7] empty list elements
    }
    const nameEnd = tokenEnd(header, at);
    if (nameEnd === at) throw malformed('a directive without a name');
    const name = header.slice(at, nameEnd);
    at = skipBlanks(header, nameEnd);
    if (header.charCodeAt(at) !== EQUALS) throw malformed('a directive without a value');
    at = skipBlanks(header, at + 1);
    let value: string;
    if (header.charCodeAt(at) === QUOTE) {
      const end = escapes ? closingQuote(header, at + 1) : header.indexOf('"', at + 1);
      if (end < 0) throw malformed('a quotation mark is not closed');
      value = header.slice(at + 1, end);
      if (escapes) value = value.replace(/\\(.)/g, '$1');
      at = end + 1;
    } else {
      const end = valueEnd(header, at);
      if (end === at) throw malformed('a directive without a value');
      value = header.slice(at, end);
      at = end;
    }
    at = skipBlanks(header, at);
    if (at < header.length && header.charCodeAt(at) !== COMMA) throw malformed('no comma between directives');
    if (!keep(found, name, value)) keep(found, name.toLowerCase(), value);
  }
  return found;
}

/** Answers whether the directive is a known one. Spelt out, for it runs ten times a request. */
function keep(found: Directives, name: string, value: string): boolean {
  switch (name) {
    case 'username':
      found.username = once(found.username, name, value);
      return true;
    case 'realm':
      found.realm = once(found.realm, name, value);
      return true;
    case 'nonce':
      found.nonce = once(found.nonce, name, value);
      return true;
    case 'uri':
      found.uri = once(found.uri, name, value);
      return true;
    case 'response':
      found.response = once(found.response, name, value);
      return true;
    case 'algorithm':
      found.algorithm = once(found.algorithm, name, value);
      return true;
    case 'opaque':
      found.opaque = once(found.opaque, name, value);
      return true;
    case 'qop':
      found.qop = once(found.qop, name, value);
      return true;
    case 'nc':
      found.nc = once(found.nc, name, value);
      return true;
    case 'cnonce':
      found.cnonce = once(found.cnonce, name, value);
      return true;
    default:
      return false;
  }
}

function once(before: string | undefined, name: string, value: string): string {
  if (before !== undefined) throw malformed(`${name} is given twice`);
  return value;
}

function skipBlanks(header: string, from: number): number {
  let at = from;
  while (header.charCodeAt(at) === 0x20 || header.charCodeAt(at) === 0x09) at += 1;
  return at;
}

function tokenEnd(header: string, from: number): number {
  let at = from;
  while (isNameCharacter(header.charCodeAt(at))) at += 1;
  return at;
}

/** Letters, digits, and of the other token characters those that stand in names of directives: - . _ * */
function isNameCharacter(code: number): boolean {
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return true;
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e || code === 0x5f || code === 0x2a;
}

/** COMPAT: old clients leave quotes out where characters stand that no token has (URIs, Base64): up to comma or blank. */
function valueEnd(header: string, from: number): number {
  let at = from;
  for (; at < header.length; at += 1) {
    const code = header.charCodeAt(at);
    if (code === COMMA || code === 0x20 || code === 0x09) break;
    if (code === QUOTE) throw malformed('a quotation mark inside a value');
  }
  return at;
}

function closingQuote(header: string, from: number): number {
  for (let at = from; at < header.length; at += 1) {
    const character = header.charAt(at);
    if (character === '"') return at;
    if (character === '\\') at += 1;
  }
  return -1;
}

/** Handsets write names in UTF-8; node:http gives each byte as one character. Names that are no UTF-8 stay as they are. */
function decodeUtf8(text: string): string {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) <= 0x7f) continue;
    const decoded = Buffer.from(text, 'latin1').toString('utf8');
    return decoded.includes('\ufffd') ? text : decoded;
  }
  return text;
}

function malformed(what: string): Problem {
  return new Problem('invalid', `the Authorization header is malformed: ${what}`);
}
