// HTML as a tagged template that escapes whatever it is given (HTML Standard 13.1.2.3, 13.3; Unicode TR 9, TR 36). Pure.

/** Text that is safe to put into a page: made by `html` alone. */
export interface Html {
  readonly markup: string;
}

export type Content = Html | string | number | undefined | readonly Content[];

/**
 * Markup with values in it. Texts and numbers are escaped, for content and for quoted attributes; `Html` goes in as it is, lists
 * one after the other, undefined as nothing. An attribute's value must stand in double quotes.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { markup: parts.map((part, place) => part + markupOf(values[place])).join('') };
}

function markupOf(value: Content): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  if ('markup' in value) return value.markup;
  return value.map(markupOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return shownText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** No page may have controls and lone halves of a pair; overrides of the direction would let a title rearrange what is around it. */
const UNSHOWN = /(?![\t\n])\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069]|\p{Noncharacter_Code_Point}/gu;

/** A text without the characters that a page does not show. */
export const shownText = (text: string): string => text.replace(UNSHOWN, '');

/** A text as a string of CSS, safe within a style element: all but letters and digits of ASCII by number (CSS Syntax 4.3.7). */
export const cssString = (text: string): string =>
  `"${shownText(text).replace(/[^A-Za-z0-9]/gu, (character) => `\\${character.codePointAt(0)?.toString(16)} `)}"`;
