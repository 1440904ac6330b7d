// Where the children of a root element stand in a well-formed document without a DTD (XML 1.0, 2.1-2.7).

/** The exact texts of the root's child elements, in order. Only for documents that a parser has accepted. */
export function childElementTexts(text: string): string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = 0;
  let at = text.indexOf('<');
  while (at >= 0) {
    if (text.startsWith('<!--', at)) at = endOf(text, '-->', at + 4);
    else if (text.startsWith('<![CDATA[', at)) at = endOf(text, ']]>', at);
    else if (text.startsWith('<?', at)) at = endOf(text, '?>', at);
    else {
      const end = endOfTag(text, at);
      const isClosing = text[at + 1] === '/';
      if (isClosing) depth -= 1;
      else if (depth === 1) start = at;
      if (!isClosing && text[end - 2] !== '/') depth += 1;
      else if (depth === 1) texts.push(text.slice(start, end));
      at = end;
    }
    at = text.indexOf('<', at);
  }
  return texts;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

/** Just after the `>` of a tag; one within a quoted value does not end it. */
function endOfTag(text: string, from: number): number {
  let quote = '';
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at + 1;
  }
  return text.length;
}
