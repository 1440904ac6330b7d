// A page as a browser parses it, by parse5 (HTML Standard 13.2), for tests that look into it.

import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
export type Element = DefaultTreeAdapterTypes.Element;

export interface HtmlDocument {
  /** Codes of the parser's errors, with their lines. */
  errors: string[];
  root: Node;
}

export function parseHtml(text: string): HtmlDocument {
  const errors: string[] = [];
  const root = parse(text, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startLine }) => errors.push(`${code} in line ${startLine}`),
  });
  return { errors, root };
}

/** Elements of that name in or below a node, in the order of the document; of all names without one. */
export function elementsIn(node: Node, name?: string): Element[] {
  const children = 'childNodes' in node ? node.childNodes : [];
  const own = defaultTreeAdapter.isElementNode(node) && (name === undefined || node.tagName === name) ? [node] : [];
  return [...own, ...children.flatMap((child) => elementsIn(child, name))];
}

export const attributeOf = (element: Element, name: string): string | undefined =>
  element.attrs.find((attribute) => attribute.name === name)?.value;

export const hasClass = (element: Element, name: string): boolean =>
  attributeOf(element, 'class')?.split(' ').includes(name) === true;

export function textOf(node: Node): string {
  if (defaultTreeAdapter.isTextNode(node)) return node.value;
  return ('childNodes' in node ? node.childNodes : []).map(textOf).join('');
}

/** A table's rows as the texts of their cells, those of its head, body and foot one after the other. */
export const cellsOf = (table: Element): string[][] =>
  elementsIn(table, 'tr').map((row) =>
    elementsIn(row)
      .filter(({ tagName }) => tagName === 'th' || tagName === 'td')
      .map(textOf),
  );
