// Updates as XML for handsets, valid by schemas/Updates.xsd (G12). By hand: xmlbuilder2 takes `&lt;` in a text for `<`.

import type { PushEvent } from './event.ts';
import { writeId } from './event-id.ts';
import type { Updates } from './mailbox.ts';

const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu; // XML 1.0, production 2
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };

/** As text or an attribute's value; what XML can't hold becomes U+FFFD. */
const escaped = (text: string): string =>
  text.replace(NOT_XML, '\uFFFD').replace(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);

export function writeUpdatesXml({ epoch, recovered, events, id, isMore }: Updates): string {
  const updates = events.map((event) => {
    const { offset, kind, at, validUntil } = event;
    const until = validUntil === undefined ? '' : ` validUntil="${new Date(validUntil).toISOString()}"`;
    const head = `id="${writeId({ epoch, offset })}" kind="${kind}" at="${new Date(at).toISOString()}"${until}`;
    return `<Update ${head}>${[...partsOf(event)].join('')}</Update>\n`;
  });
  const head = `<Updates recovered="${recovered}" id="${id}" more="${isMore}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${updates.join('')}</Updates>\n`;
}

function* partsOf({ content }: PushEvent): Generator<string> {
  for (const [name, value] of Object.entries(content)) {
    if (name === 'text' && typeof value === 'object' && value !== null)
      for (const [language, text] of Object.entries(value))
        yield `<Text lang="${escaped(language)}">${escaped(String(text))}</Text>`;
    else if (name === 'xml' && typeof value === 'string') yield `<Document>${escaped(value)}</Document>`;
    else {
      const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
      yield `<Field name="${escaped(name)}">${escaped(text)}</Field>`;
    }
  }
}
