// The keys that a subscriber gets, in XML (schemas/Keys.xsd) and JSON (G11).

import { create } from 'xmlbuilder2';
import type { KeyRing } from './keys.ts';

const NAMESPACE = 'urn:pocketmeter:keys:1';
const iso = (at: number): string => new Date(at).toISOString();

export const keysJson = ({ keys, renewAt }: KeyRing): object => ({
  ...(renewAt === undefined ? {} : { renewAt: iso(renewAt) }),
  items: keys.map(({ service, key, from, until }) => ({ service, key, from: iso(from), until: iso(until) })),
});

export function keysXml({ keys, renewAt }: KeyRing): string {
  const attributes = renewAt === undefined ? {} : { renewAt: iso(renewAt) };
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele(NAMESPACE, 'Keys', attributes);
  for (const { service, key, from, until } of keys)
    root.ele(NAMESPACE, 'Key', { service, from: iso(from), until: iso(until) }).txt(key);
  return `${root.end({ prettyPrint: true })}\n`;
}
