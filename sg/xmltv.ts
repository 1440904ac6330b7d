// Reads XMLTV as a stream: channels, programmes and faults with their lines (G2; xmltv.dtd). Pure but for the stream.

import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { Problem } from '../server/problem.ts';
import { decodeXml } from './xml-text.ts';
import { channelOf, type EntryText, programmeOf, type XmltvItem } from './xmltv-entry.ts';

/** XMLTV needs four (tv, programme, credits, actor); more is no guide but an attack on the stack of whoever reads it. */
const MAX_DEPTH = 16;
/** Bytes without a tag's end: the parser holds them all, and no title or description comes near. */
const MAX_PIECE_CHARS = 1_048_576;
/** Text of one entry: 1,440 of them make one page, which must fit into one document of 16 MiB. */
const MAX_ENTRY_CHARS = 8_192;
/** `<!DOCTYPE tv>` with a system or public name, and nothing declared. */
const DOCTYPE = /^\s*tv(\s+(SYSTEM|PUBLIC(\s+("[^"]*"|'[^']*')))\s+("[^"]*"|'[^']*'))?\s*$/;

/**
 * The items of a document, in its order, some at a time. Problem `invalid` with the line when it is not well-formed, declares
 * entities, is no `tv`, is too deep, or is not in the encoding that it names. What is wrong with one entry is a fault item.
 */
export async function* readXmltv(stream: AsyncIterable<Uint8Array>): AsyncGenerator<XmltvItem[]> {
  const reader = createReader();
  for await (const text of decodeXml(stream)) {
    reader.parser.write(text);
    reader.sinceEvent += text.length;
    if (reader.sinceEvent > MAX_PIECE_CHARS) reader.refuse(`${MAX_PIECE_CHARS} characters without a tag`);
    if (reader.items.length > 0) yield reader.items.splice(0);
  }
  reader.parser.close();
  if (reader.items.length > 0) yield reader.items.splice(0);
}

interface Reader {
  parser: SaxesParser;
  items: XmltvItem[];
  sinceEvent: number;
  refuse(detail: string): never;
}

function createReader(): Reader {
  const parser = new SaxesParser();
  const items: XmltvItem[] = [];
  let depth = 0;
  let startLine = 0;
  let entry: EntryText | undefined;
  let sizeChars = 0;

  const refuse = (detail: string): never => {
    const line = parser.line;
    throw new Problem('invalid', `line ${line}: ${detail}`, { faults: [{ line, rule: 'xml' }] });
  };
  const reader: Reader = { parser, items, sinceEvent: 0, refuse };

  parser.on('error', (error) => refuse(error.message.replace(/^\d+:\d+: /, '')));
  parser.on('doctype', (doctype) => {
    reader.sinceEvent = 0;
    if (!DOCTYPE.test(doctype)) refuse('a doctype may name xmltv.dtd, and declare nothing');
  });
  parser.on('comment', () => {
    reader.sinceEvent = 0;
  });
  parser.on('opentagstart', () => {
    startLine = parser.line;
  });

  parser.on('opentag', (tag) => {
    reader.sinceEvent = 0;
    depth += 1;
    if (depth > MAX_DEPTH) refuse(`elements may lie ${MAX_DEPTH} deep at most`);
    if (depth === 1 && tag.name !== 'tv') refuse(`the root is ${tag.name}, not tv`);
    if (depth === 2) {
      entry = { name: tag.name, line: startLine, attributes: attributesOf(tag), children: [] };
      sizeChars = sizeOf(tag);
    } else if (depth > 2 && entry !== undefined) {
      sizeChars += sizeOf(tag);
      if (sizeChars > MAX_ENTRY_CHARS) return;
      if (depth === 3) entry.children.push({ name: tag.name, attributes: attributesOf(tag), text: '' });
    }
  });

  const addText = (text: string): void => {
    reader.sinceEvent = 0;
    if (depth < 3 || entry === undefined) return;
    sizeChars += text.length;
    const child = entry.children.at(-1);
    // text of deeper elements (rating's value) counts as the child's own
    if (child !== undefined && sizeChars <= MAX_ENTRY_CHARS) child.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);

  parser.on('closetag', () => {
    reader.sinceEvent = 0;
    depth -= 1;
    if (depth !== 1 || entry === undefined) return;
    if (sizeChars > MAX_ENTRY_CHARS) {
      const message = `an entry may have ${MAX_ENTRY_CHARS} characters at most`;
      items.push({ kind: 'fault', line: entry.line, rule: 'too_large', message, lost: entry.name === 'programme' });
    } else if (entry.name === 'channel') items.push(...channelOf(entry));
    else if (entry.name === 'programme') items.push(...programmeOf(entry));
    entry = undefined;
  });
  return reader;
}

const attributesOf = (tag: SaxesTagPlain): Map<string, string> => new Map(Object.entries(tag.attributes));

function sizeOf(tag: SaxesTagPlain): number {
  let size = tag.name.length;
  for (const [name, value] of Object.entries(tag.attributes)) size += name.length + value.length;
  return size;
}
