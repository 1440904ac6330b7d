// The feed for networks as XML, valid by schemas/ResourceFeed.xsd (ratings R17).

import { create } from 'xmlbuilder2';
import type { ResourceEntry, ResourceFeed } from './resource-feed.ts';

/** The document; what is absent has no attribute. Characters that XML forbids are left out. */
export function writeResourceFeedXml({ at, hours, entries }: ResourceFeed): string {
  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' });
  const root = document.ele('urn:pocketmeter:resource-feed:1', 'ResourceFeed', {
    at: new Date(at).toISOString(),
    hoursFrom: new Date(hours.from).toISOString(),
    hoursTo: new Date(hours.to).toISOString(),
  });
  for (const entry of entries) {
    const element = root.ele(entry.of === 'service' ? 'Service' : 'Programme', attributesOf(entry));
    if (entry.next === undefined) continue;
    const { startAt, ...next } = entry.next;
    element.ele('Next', { ...next, startAt: new Date(startAt).toISOString() });
  }
  return document.end();
}

function attributesOf({ of: _of, devices, next: _next, ...rest }: ResourceEntry): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...rest, ...devices }).map(([key, value]) => [key, String(value)]));
}
