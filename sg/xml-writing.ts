// The small pieces of XML that the guide's writers share (XML 1.0, productions 2 and 10). Pure.

const SPECIAL = /[&<>"\t\n\r]|[^\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const EACH_SPECIAL = new RegExp(SPECIAL, 'gu');
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** As text or an attribute's value; what XML can't hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replace(EACH_SPECIAL, (character) => {
    if (/[\t\n\r]/.test(character)) return `&#${character.charCodeAt(0)};`;
    return ENTITIES[character] ?? '\uFFFD';
  });
}

/** `<name lang="…">text</name>` for each language; `und` is no language. */
export function textElements(name: string, texts: Readonly<Record<string, string>>): string {
  let written = '';
  for (const [language, text] of Object.entries(texts)) {
    const lang = language === 'und' || language === '' ? '' : ` lang="${escapeXml(language)}"`;
    written += `<${name}${lang}>${escapeXml(text)}</${name}>`;
  }
  return written;
}

/** `<name>text</name>`, or nothing. */
export const element = (name: string, text: string | undefined): string =>
  text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`;

/** Epoch ms as xs:dateTime in UTC, to the second where it is whole. */
export const isoOf = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');
