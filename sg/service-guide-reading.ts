// A Service or PurchaseItem as its provider sends it in XML, valid by schemas/ServiceGuide.xsd: read to the fields of the JSON (G3).

import { XmlElement } from 'libxml2-wasm';
import { createXsdValidator } from '../schemas/xsd-validator.ts';
import { Problem } from '../server/problem.ts';
import type { Texts } from './schedule.ts';

const validator = createXsdValidator(new URL('../schemas/ServiceGuide.xsd', import.meta.url));

type Fields = Record<string, unknown>;

/**
 * The fields of the document, whose root is the named fragment with this id. Problem `invalid` with line, element and rule;
 * `unsupported` for another encoding than UTF-8.
 */
export function readFragment(bytes: Uint8Array, name: 'Service' | 'PurchaseItem', id: string): Fields {
  return validator.readValid(bytes, (root) => {
    const refuse = (element: string, rule: string): never => {
      throw new Problem('invalid', rule, { faults: [{ line: root.line, element, rule }] });
    };
    if (root.name !== name) return refuse(root.name, `the root must be ${name}`);
    if (root.attr('id')?.value !== id) return refuse(name, 'the id must be that of the address');
    const fields = name === 'Service' ? serviceFields(root) : itemFields(root);
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  });
}

/** Marks are left to measured-windows, as in JSON. */
function serviceFields(root: XmlElement): Fields {
  const own = child(root, 'PrivateExt');
  return {
    names: textsOf(root, 'Name'),
    order: numberOf(root.attr('weight')?.value),
    genre: child(root, 'Genre')?.content,
    provider: child(own, 'Provider')?.content,
    logo: child(own, 'Logo')?.content,
    zone: child(own, 'Zone')?.content,
    dwellMs: numberOf(child(own, 'Dwell')?.content),
  };
}

function itemFields(root: XmlElement): Fields {
  const idsOf = (name: string): string[] => children(root, name).map((one) => one.attr('idRef')?.value ?? '');
  const priceInfo = child(child(root, 'PurchaseData'), 'PriceInfo');
  const price = child(priceInfo, 'MonetaryPrice');
  return {
    names: textsOf(root, 'Name'),
    descriptions: textsOf(root, 'Description'),
    services: idsOf('ServiceReference'),
    parts: idsOf('PurchaseItemReference'),
    price: { amount: price?.content.trim(), currency: price?.attr('currency')?.value },
    period: child(priceInfo, 'SubscriptionPeriod')?.content.trim(),
    provider: child(child(root, 'PrivateExt'), 'Provider')?.content,
    validFrom: root.attr('validFrom')?.value,
    validTo: root.attr('validTo')?.value,
  };
}

function children(element: XmlElement | undefined, name: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (let node = element?.firstChild ?? null; node !== null; node = node.next)
    if (node instanceof XmlElement && node.name === name) found.push(node);
  return found;
}

const child = (element: XmlElement | undefined, name: string): XmlElement | undefined => children(element, name)[0];

/** The first text of each language; undefined where there is none. */
function textsOf(element: XmlElement, name: string): Texts | undefined {
  const texts = new Map<string, string>();
  for (const one of children(element, name)) {
    const language = one.attr('lang')?.value || 'und';
    if (!texts.has(language)) texts.set(language, one.content);
  }
  return texts.size === 0 ? undefined : Object.fromEntries(texts);
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
