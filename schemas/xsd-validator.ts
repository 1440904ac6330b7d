// Validates XML with an XSD, as XML Schema 1.0 and libxml2 understand it; what must not be parsed at all is refused first (V1, V18).

import { isAscii, isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ErrorDetail,
  ParseOption,
  XmlDocument,
  type XmlElement,
  XmlLibError,
  XsdValidator,
  xmlCleanupInputProvider,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';
import { type Fault, Problem } from '../server/problem.ts';

export interface Validator {
  /**
   * Parses a document, validates it and gives its root to `read`; the document is gone when this returns.
   * Problem `invalid` (not XML, a DTD, or against the schema: with line, element and rule) or `unsupported` (encoding).
   */
  readValid<Result>(bytes: Uint8Array, read: (root: XmlElement) => Result): Result;
  /** The same without validating: `read` gets a well-formed document, to be validated with `faultsOf`. */
  readWellFormed<Result>(bytes: Uint8Array, read: (root: XmlElement) => Result): Result;
  /** What is wrong with an element, taken as the root of a document of its own; [] when it is valid. */
  faultsOf(element: XmlElement): Fault[];
}

// No network, no external entities. libxml2's own limits hold: 256 levels of depth, bounded names and expansion.
const SAFELY = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NO_SYS_CATALOG;
const FAULTS_TOLD = 20; // a body of 64 KiB can hold thousands, and a caller mends the first
const SCHEMA_SCHEME = 'schema:/';

/** Loads an XSD with what it includes from the same folder. Throws when the schema itself is wrong. */
export function createXsdValidator(path: string | URL): Validator {
  const file = typeof path === 'string' ? path : fileURLToPath(path);
  const schema = loadSchema(file);

  const faultsOf = (element: XmlElement): Fault[] => {
    try {
      schema.validate(element);
      return [];
    } catch (error) {
      if (error instanceof XmlLibError) return faultsFrom(error.details);
      throw error;
    }
  };

  const readWellFormed = <Result>(bytes: Uint8Array, read: (root: XmlElement) => Result): Result => {
    refuseUnparsable(bytes);
    const document = parse(bytes);
    try {
      return read(document.root);
    } finally {
      document.dispose();
    }
  };

  return {
    faultsOf,
    readWellFormed,
    readValid: (bytes, read) =>
      readWellFormed(bytes, (root) => {
        const faults = faultsOf(root);
        if (faults.length > 0) throw new Problem('invalid', `the document breaks ${basename(file)}`, { faults });
        return read(root);
      }),
  };
}

function loadSchema(file: string): XsdValidator {
  const folder = dirname(file);
  let open: Uint8Array | undefined;
  // Only while the schema is read, and only its neighbours: later, no document can make libxml2 open a file.
  xmlRegisterInputProvider({
    match: (url) => url.startsWith(SCHEMA_SCHEME),
    open: (url) => {
      open = readFileSync(join(folder, basename(url)));
      return 1;
    },
    read: (_, buffer) => {
      const part = open?.subarray(0, buffer.byteLength) ?? new Uint8Array();
      buffer.set(part);
      open = open?.subarray(part.length);
      return part.length;
    },
    close: () => true,
  });
  try {
    using document = XmlDocument.fromBuffer(readFileSync(file), { url: SCHEMA_SCHEME + basename(file) });
    return XsdValidator.fromDoc(document);
  } finally {
    xmlCleanupInputProvider();
  }
}

function parse(bytes: Uint8Array): XmlDocument {
  try {
    return XmlDocument.fromBuffer(bytes, { option: SAFELY });
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error;
    throw new Problem('invalid', 'the body is not well-formed XML', { faults: faultsFrom(error.details) });
  }
}

/** Refuses other encodings than UTF-8 and US-ASCII, broken UTF-8 and document types: before a parser sees them. */
function refuseUnparsable(bytes: Uint8Array): void {
  const [first = 0, second = 0] = bytes;
  const isWide =
    (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe) || first === 0 || second === 0;
  if (isWide && bytes.length > 1) throw new Problem('unsupported', 'the body is not UTF-8 but UTF-16 or UTF-32');
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declaration = start.subarray(0, Math.max(0, start.indexOf('?>'))).toString('latin1');
  const declared = /^(?:\u00ef\u00bb\u00bf)?<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(declaration)?.[1];
  const encoding = declared?.toLowerCase() ?? 'utf-8';
  if (encoding !== 'utf-8' && encoding !== 'us-ascii' && encoding !== 'ascii') {
    throw new Problem('unsupported', 'the encoding is neither UTF-8 nor US-ASCII');
  }
  if (encoding === 'utf-8' ? !isUtf8(bytes) : !isAscii(bytes)) {
    throw new Problem('invalid', 'the body is not in the encoding that it says', { faults: [{ rule: 'encoding' }] });
  }
  if (start.includes('<!DOCTYPE')) refuseDocumentType(start.toString('latin1'));
}

/** A DTD stands before the root element; the same letters in a later comment are none. */
function refuseDocumentType(text: string): void {
  let at = text.indexOf('<');
  while (at >= 0) {
    if (text.startsWith('<!DOCTYPE', at)) {
      const line = text.slice(0, at).split('\n').length;
      throw new Problem('invalid', 'a document type or entities are not accepted', {
        faults: [{ line, element: 'DOCTYPE', rule: 'document type declarations are not accepted' }],
      });
    }
    const end = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : undefined;
    if (end === undefined) return;
    const close = text.indexOf(end, at);
    if (close < 0) return; // the parser tells that it is not closed
    at = text.indexOf('<', close);
  }
}

function faultsFrom(details: readonly ErrorDetail[]): Fault[] {
  const faults = details.slice(0, FAULTS_TOLD).map(({ message, line }): Fault => {
    const [, element, rule] = /^(?:Element '([^']*)'(?:, |: ))?([\s\S]*)$/.exec(message.trim()) ?? [];
    return {
      ...(line > 0 ? { line } : {}),
      ...(element === undefined ? {} : { element }),
      rule: rule ?? message.trim(),
    };
  });
  return faults.length > 0 ? faults : [{ rule: 'not XML' }];
}
