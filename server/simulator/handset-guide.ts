// A handset's copy of its guide, as the server gives it over the wire: what is measured for this user, and what is on offer (G4-G6).

import { XMLParser } from 'fast-xml-parser';
import type { HandsetClient } from './handset-client.ts';
import type { Windows } from './plan.ts';

export interface HandsetGuide {
  /** Whether what a service shows at `at`, epoch ms, is measured; a service that the guide does not know is. */
  isMeasured(service: string, at: number): boolean;
  /** What can be bought. */
  items(): string[];
  /** The version that is held. */
  version(): string;
  /** Fetches what changed since the version that is held; whole where that is not told. Answers whether there was an answer. */
  refresh(): Promise<boolean>;
}

interface GuideDocument {
  '@version': string;
  '@marks': string;
  Service?: { '@id': string; PrivateExt: { Channel_stat: { '@Channel_stat_Type': string }[] } }[];
  PurchaseItem?: { '@id': string }[];
  Deleted?: { '@fragment': string; '@idRef': string }[];
}

const LISTS = new Set(['Service', 'Channel_stat', 'PurchaseItem', 'Deleted']);
const WINDOW = /^TRUE (\d{4}-\d\d-\d\d)T([\d:]+)(Z|[+-]\d\d:\d\d)~(?:(\d{4}-\d\d-\d\d)T)?([\d:]+)(Z|[+-]\d\d:\d\d)?$/;

/** Of programmes in [from, to), epoch ms; undefined where there is no guide to be had: then everything is reported. */
export async function fetchHandsetGuide(
  client: Pick<HandsetClient, 'get'>,
  window: { from: number; to: number },
): Promise<HandsetGuide | undefined> {
  const [from, to] = [new Date(window.from).toISOString(), new Date(window.to).toISOString()];
  const path = `/sg?from=${from}&to=${to}`;
  const windowsOf = new Map<string, Windows>();
  const items = new Set<string>();
  let held = { version: '', marks: '' };
  let last: { path: string; etag: string } | undefined;

  /** Undefined: it is as it was when the same was asked for last; false: there is no answer. */
  const ask = async (asked: string): Promise<GuideDocument | undefined | false> => {
    const { status, body, etag } = await client.get({
      path: asked,
      ...(last?.path === asked ? { etag: last.etag } : {}),
    });
    if (status === 304) return undefined;
    if (status !== 200) return false;
    last = etag === undefined ? undefined : { path: asked, etag };
    return read(body);
  };

  const take = (guide: GuideDocument): void => {
    for (const { '@fragment': fragment, '@idRef': id } of guide.Deleted ?? []) {
      if (fragment === 'Service') windowsOf.delete(id);
      if (fragment === 'PurchaseItem') items.delete(id);
    }
    for (const { '@id': id, PrivateExt: own } of guide.Service ?? [])
      windowsOf.set(
        id,
        own.Channel_stat.flatMap((mark) => windowOf(mark['@Channel_stat_Type'])),
      );
    for (const { '@id': id } of guide.PurchaseItem ?? []) items.add(id);
    held = { version: guide['@version'], marks: guide['@marks'] };
  };
  const fetchWhole = async (): Promise<boolean> => {
    const guide = await ask(path);
    if (guide === false || guide === undefined) return guide === undefined;
    windowsOf.clear();
    items.clear();
    take(guide);
    return true;
  };

  if (!(await fetchWhole())) return undefined;
  return {
    isMeasured(service, at) {
      const windows = windowsOf.get(service);
      return windows === undefined || windows.some((one) => one.from <= at && at < one.to);
    },
    items: () => [...items],
    version: () => held.version,
    async refresh() {
      const changes = await ask(`${path}&since=${held.version}`);
      if (changes === undefined) return true;
      // With another set of marks than the copy has, all of it is another.
      if (changes === false || changes['@marks'] !== held.marks) return await fetchWhole();
      take(changes);
      return true;
    },
  };
}

/** Of a ServiceGuide document. */
function read(xml: string): GuideDocument {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    isArray: (name) => LISTS.has(name),
  });
  return (parser.parse(xml) as { ServiceGuide: GuideDocument }).ServiceGuide;
}

function windowOf(mark: string): Windows[number][] {
  if (mark === 'TRUE') return [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }];
  const [, day = '', start = '', zone = '', endDay = day, end = '', endZone = zone] = WINDOW.exec(mark) ?? [];
  const [from, to] = [Date.parse(`${day}T${start}${zone}`), Date.parse(`${endDay}T${end}${endZone}`)];
  return Number.isNaN(from) || Number.isNaN(to) ? [] : [{ from, to }];
}
