// Updates as XML for handsets, valid by schemas/Updates.xsd (G12).

import { create } from 'xmlbuilder2';
import type { PushEvent } from './event.ts';
import { writeId } from './event-id.ts';
import type { Updates } from './mailbox.ts';

type Node = Record<string, unknown>;

const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu; // XML 1.0, production 2
const said = (text: string): string => text.replace(NOT_XML, '\uFFFD');

export function writeUpdatesXml({ epoch, recovered, events, id, isMore }: Updates): string {
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('Updates', {
    recovered: String(recovered),
    id,
    more: String(isMore),
  });
  for (const event of events) {
    const { offset, kind, at, validUntil } = event;
    const update = root.ele('Update', {
      id: writeId({ epoch, offset }),
      kind,
      at: new Date(at).toISOString(),
      ...(validUntil === undefined ? {} : { validUntil: new Date(validUntil).toISOString() }),
    });
    for (const [name, attributes, text] of partsOf(event)) update.ele(name, attributes).txt(said(text));
  }
  return `${root.end({ prettyPrint: false })}\n`;
}

function* partsOf({ content }: PushEvent): Generator<[name: string, attributes: Node, text: string]> {
  for (const [name, value] of Object.entries(content)) {
    if (name === 'text' && typeof value === 'object' && value !== null)
      for (const [lang, text] of Object.entries(value)) yield ['Text', { lang }, String(text)];
    else if (name === 'xml' && typeof value === 'string') yield ['Document', {}, value];
    else yield ['Field', { name: said(name) }, typeof value === 'string' ? value : JSON.stringify(value)];
  }
}
