// A Service or PurchaseItem as its provider sends it in XML, valid by schemas/ServiceGuide.xsd: read to the fields of the JSON (G3).

import { XmlElement } from 'libxml2-wasm';
import { createXsdValidator } from '../schemas/xsd-validator.ts';
import { Problem } from '../server/problem.ts';
import type { Texts } from './schedule.ts';

const validator = createXsdValidator(new URL('../schemas/ServiceGuide.xsd', import.meta.url));

type Fields = Record<string, unknown>;
/** What a field of the JSON is called, the element that says it, and what it says; undefined where it is part of another field. */
type Place = readonly [field: string, element: XmlElement | undefined, value: unknown];

/**
 * Gives `take` the fields of the document, whose root is the named fragment with this id. Problem `invalid` with line, element and
 * rule, also for what `take` finds wrong; `unsupported` for another encoding than UTF-8.
 */
export async function takeFragment<Result>(
  bytes: Uint8Array,
  { name, id }: { name: 'Service' | 'PurchaseItem'; id: string },
  take: (fields: Fields) => Promise<Result>,
): Promise<Result> {
  const { fields, placeOf } = validator.readValid(bytes, (root) => {
    const refuse = (element: string, rule: string): never => {
      throw new Problem('invalid', rule, { faults: [{ line: root.line, element, rule }] });
    };
    if (root.name !== name) return refuse(root.name, `the root must be ${name}`);
    if (root.attr('id')?.value !== id) return refuse(name, 'the id must be that of the address');
    const places = name === 'Service' ? servicePlaces(root) : itemPlaces(root);
    const said = places.filter(([, , value]) => value !== undefined);
    const found = new Map(
      places.map(([field, element = root]) => [field, { line: element.line, element: element.name }]),
    );
    const whole = { line: root.line, element: root.name };
    return {
      fields: Object.fromEntries(said.map(([field, , value]) => [field, value])),
      placeOf: (field = ''): { line: number; element: string } => found.get(field) ?? whole,
    };
  });
  try {
    return await take(fields);
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'invalid') throw cause;
    const [{ element } = {}, ...others] = cause.faults;
    const faults = [
      { ...placeOf(element), rule: cause.detail },
      ...others.map(({ element: field, rule }) => ({ ...placeOf(field), rule })),
    ];
    throw new Problem('invalid', cause.detail, { faults, cause });
  }
}

/** Marks are left to measured-windows, as in JSON. */
function servicePlaces(root: XmlElement): Place[] {
  const own = child(root, 'PrivateExt');
  const text = (field: string, element: XmlElement | undefined): Place => [field, element, element?.content];
  const dwell = child(own, 'Dwell');
  return [
    ['names', child(root, 'Name'), textsOf(root, 'Name')],
    ['order', root, numberOf(root.attr('weight')?.value)],
    text('genre', child(root, 'Genre')),
    text('provider', child(own, 'Provider')),
    text('logo', child(own, 'Logo')),
    text('zone', child(own, 'Zone')),
    ['dwellMs', dwell, numberOf(dwell?.content)],
  ];
}

function itemPlaces(root: XmlElement): Place[] {
  const references = (field: string, name: string): Place => {
    const elements = children(root, name);
    return [field, elements[0], elements.map((one) => one.attr('idRef')?.value ?? '')];
  };
  const priceInfo = child(child(root, 'PurchaseData'), 'PriceInfo');
  const price = child(priceInfo, 'MonetaryPrice');
  const period = child(priceInfo, 'SubscriptionPeriod');
  const provider = child(child(root, 'PrivateExt'), 'Provider');
  return [
    ['names', child(root, 'Name'), textsOf(root, 'Name')],
    ['descriptions', child(root, 'Description'), textsOf(root, 'Description')],
    references('services', 'ServiceReference'),
    references('parts', 'PurchaseItemReference'),
    ['price', price, { amount: price?.content.trim(), currency: price?.attr('currency')?.value }],
    ['amount', price, undefined],
    ['currency', price, undefined],
    ['period', period, period?.content.trim()],
    ['provider', provider, provider?.content],
    ['validFrom', root, root.attr('validFrom')?.value],
    ['validTo', root, root.attr('validTo')?.value],
  ];
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
