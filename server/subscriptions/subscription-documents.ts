// Subscriptions on the wire, in XML (schemas/Subscriptions.xsd) and JSON, both ways (G7, G8, O11).

import { XmlElement, XmlXPath } from 'libxml2-wasm';
import { create } from 'xmlbuilder2';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { isObject } from '../http/json-body.ts';
import { readInstant } from '../http/query.ts';
import { type Fault, Problem } from '../problem.ts';
import type { Cancelled, ListedItem, Ordered } from './ordering.ts';
import { MOST_HELD, type Subscription, type TableView } from './subscription.ts';
import type { Written } from './subscriptions.ts';

/** The times of an order, epoch ms. */
export interface OrderTimes {
  since?: number;
  until?: number;
}

/** A device's list and the version that it has. */
export interface DeviceList {
  basis: number;
  items: ListedItem[];
}

const NAMESPACE = 'urn:pocketmeter:subscriptions:1';
const CHILDREN = XmlXPath.compile('*');
const validator = createXsdValidator(new URL('../../schemas/Subscriptions.xsd', import.meta.url));
const iso = (at: number): string => new Date(at).toISOString();

export function subscriptionJson({ item, since, until, bought, orderedAt }: Subscription): Record<string, string> {
  const times = { since: iso(since), ...(until === undefined ? {} : { until: iso(until) }) };
  return { item, ...times, bought, orderedAt: iso(orderedAt) };
}

export const viewJson = ({ version, since, items, removed }: TableView): object => ({
  version,
  ...(since === undefined ? {} : { since }),
  items: items.map(subscriptionJson),
  removed: removed.map(({ at, ...rest }) => ({ ...rest, at: iso(at) })),
});

export const orderedJson = ({ version, isChanged, subscription, coveredBy }: Written<Ordered>): object => ({
  version,
  changed: isChanged,
  subscription: subscriptionJson(subscription),
  coveredBy,
});

export const cancelledJson = ({ version, isChanged, stillEntitled }: Written<Cancelled>): object => ({
  version,
  changed: isChanged,
  stillEntitled,
});

export function viewXml({ version, since, items, removed }: TableView): string {
  const attributes = { version: String(version), ...(since === undefined ? {} : { since: String(since) }) };
  return documentOf('Subscriptions', attributes, [
    ...items.map((each) => ['Subscription', attributesOf(each)] as const),
    ...removed.map(({ item, reason, at }) => ['Removed', { idRef: item, reason, at: iso(at) }] as const),
  ]);
}

export function orderedXml({ version, isChanged, subscription, coveredBy }: Written<Ordered>): string {
  return documentOf('Ordered', { version: String(version), changed: String(isChanged) }, [
    ['Subscription', attributesOf(subscription)],
    ...coveredBy.map((idRef) => ['CoveredBy', { idRef }] as const),
  ]);
}

export function cancelledXml({ version, isChanged, stillEntitled }: Written<Cancelled>): string {
  const services = stillEntitled.map((idRef) => ['StillEntitled', { idRef }] as const);
  return documentOf('Cancelled', { version: String(version), changed: String(isChanged) }, services);
}

/** Problem `invalid` with line, element and rule, or `unsupported` (encoding); so with the other readers. */
export const readOrderXml = (body: Uint8Array): OrderTimes =>
  validator.readValid(body, (root) => {
    expectRoot(root, 'Order');
    return timesOf({ since: root.attr('since')?.value, until: root.attr('until')?.value });
  });

export const readListXml = (body: Uint8Array): DeviceList =>
  validator.readValid(body, (root) => {
    expectRoot(root, 'Subscriptions');
    const items = root
      .find(CHILDREN)
      .filter((node) => node instanceof XmlElement && node.name === 'Subscription')
      .map((node) => {
        const element = node as XmlElement;
        const { since } = timesOf({ since: element.attr('since')?.value });
        const item = element.attr('idRef')?.value ?? '';
        return { item, line: element.line, ...(since === undefined ? {} : { since }) };
      });
    return { basis: Number(root.attr('version')?.value), items };
  });

export const readOrderJson = ({ since, until }: Readonly<Record<string, unknown>>): OrderTimes =>
  timesOf({ since, until });

/** Fields of items besides `item` and `since` are for the device to keep, as it got them. */
export function readListJson({ version, items }: Readonly<Record<string, unknown>>): DeviceList {
  const faults: Fault[] = [];
  const isWhole = typeof version === 'number' && Number.isSafeInteger(version) && version >= 0;
  if (!isWhole) faults.push({ element: 'version', rule: 'the version that the device has, a whole number' });
  const list: unknown[] = Array.isArray(items) ? items : [];
  if (!Array.isArray(items) || list.length > MOST_HELD)
    faults.push({ element: 'items', rule: `a list of at most ${MOST_HELD} items` });
  const seen = new Set<string>();
  const read = list.slice(0, MOST_HELD).flatMap((each, at): ListedItem[] => {
    const fields = isObject(each) ? each : {};
    const { item } = fields;
    if (typeof item !== 'string' || item === '' || item.length > 64 || seen.has(item)) {
      faults.push({ element: `items[${at}].item`, rule: 'the id of a purchase item, each once' });
      return [];
    }
    seen.add(item);
    const { since } = timesOf({ since: fields.since }, `items[${at}].`);
    return [{ item, ...(since === undefined ? {} : { since }) }];
  });
  if (faults.length > 0 || !isWhole) throw new Problem('invalid', 'the list cannot be read', { faults });
  return { basis: version, items: read };
}

function documentOf(
  name: string,
  attributes: Record<string, string>,
  children: readonly (readonly [name: string, attributes: Record<string, string>])[],
): string {
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele(NAMESPACE, name, attributes);
  for (const [child, its] of children) root.ele(NAMESPACE, child, its);
  return `${root.end({ prettyPrint: true })}\n`;
}

function attributesOf(subscription: Subscription): Record<string, string> {
  const { item, ...rest } = subscriptionJson(subscription);
  return { idRef: String(item), ...rest };
}

function expectRoot({ name, line }: XmlElement, expected: string): void {
  if (name === expected) return;
  throw new Problem('invalid', `the document is ${name}`, {
    faults: [{ line, element: name, rule: `${expected} is expected` }],
  });
}

function timesOf(given: Record<string, unknown>, within = ''): OrderTimes {
  const times: Record<string, number> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const at = readInstant({ [`${within}${name}`]: typeof value === 'string' ? value.trim() : '' }, `${within}${name}`);
    if (at !== undefined) times[name] = at;
  }
  return times;
}
