// Which of a text's languages is meant: look-up by RFC 4647, 3.4. Pure.

import type { Texts } from './schedule.ts';

/** One text for where there is room for one: the English, else the first, else none. */
export const anyTextOf = (texts: Texts): string => texts.en ?? Object.values(texts)[0] ?? '';

/** The text in the language, else in its less special forms (de-AT, de), else the first that there is; as texts of one language. */
export function inLanguage(texts: Texts, language: string): Texts {
  const known = new Map(Object.entries(texts).map(([name, text]) => [name.toLowerCase(), { name, text }]));
  for (let range = language.toLowerCase(); range !== ''; range = range.slice(0, Math.max(0, range.lastIndexOf('-')))) {
    const found = known.get(range) ?? [...known].find(([name]) => name.startsWith(`${range}-`))?.[1];
    if (found !== undefined) return { [found.name]: found.text };
  }
  return Object.fromEntries(Object.entries(texts).slice(0, 1));
}
