// Preferences on the wire, in XML (schemas/Preferences.xsd) and JSON with the same fields (R12, O11).

import { create } from 'xmlbuilder2';
import type { PreferenceView } from './preferences.ts';

const NAMESPACE = 'urn:pocketmeter:preferences:1';

export function preferencesJson(view: PreferenceView): Record<string, unknown> {
  const { asOf, erasedAt, ...rest } = view;
  return {
    ...(asOf === undefined ? {} : { asOf: iso(asOf) }),
    ...rest,
    ...(erasedAt === undefined ? {} : { erasedAt: iso(erasedAt) }),
  };
}

export function preferencesXml(view: PreferenceView): string {
  const { preferences, ...header } = preferencesJson(view);
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele(NAMESPACE, 'Preferences', texts(header));
  for (const preference of view.preferences) root.ele(NAMESPACE, 'Preference', texts({ ...preference }));
  return `${root.end({ prettyPrint: true })}\n`;
}

const iso = (at: number): string => new Date(at).toISOString();

const texts = (fields: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
