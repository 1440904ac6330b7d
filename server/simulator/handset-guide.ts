// A handset's copy of its guide, as the server gives it over the wire: what of each service is measured for this user (G4, G5, G6).

import { XMLParser } from 'fast-xml-parser';
import type { HandsetClient } from './handset-client.ts';
import type { Windows } from './plan.ts';

export interface HandsetGuide {
  /** Whether what a service shows at `at`, epoch ms, is measured; a service that the guide does not know is. */
  isMeasured(service: string, at: number): boolean;
}

interface ServiceElement {
  '@id': string;
  PrivateExt: { Channel_stat: { '@Channel_stat_Type': string }[] };
}

const LISTS = new Set(['Service', 'Channel_stat']);
const WINDOW = /^TRUE (\d{4}-\d\d-\d\d)T([\d:]+)(Z|[+-]\d\d:\d\d)~(?:(\d{4}-\d\d-\d\d)T)?([\d:]+)(Z|[+-]\d\d:\d\d)?$/;

/** Of programmes in [from, to), epoch ms; undefined where there is no guide to be had: then everything is reported. */
export async function fetchHandsetGuide(
  client: Pick<HandsetClient, 'get'>,
  window: { from: number; to: number },
): Promise<HandsetGuide | undefined> {
  const [from, to] = [new Date(window.from).toISOString(), new Date(window.to).toISOString()];
  const answer = await client.get({ path: `/sg?from=${from}&to=${to}` });
  return answer.status === 200 ? readHandsetGuide(answer.body) : undefined;
}

/** Of a ServiceGuide document. */
function readHandsetGuide(xml: string): HandsetGuide {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    isArray: (name) => LISTS.has(name),
  });
  const { ServiceGuide: guide } = parser.parse(xml) as {
    ServiceGuide: { Service?: ServiceElement[] };
  };
  const windowsOf = new Map(
    (guide.Service ?? []).map((service) => [
      service['@id'],
      service.PrivateExt.Channel_stat.flatMap((mark) => windowOf(mark['@Channel_stat_Type'])),
    ]),
  );
  return {
    isMeasured(service, at) {
      const windows = windowsOf.get(service);
      return windows === undefined || windows.some((one) => one.from <= at && at < one.to);
    },
  };
}

function windowOf(mark: string): Windows[number][] {
  if (mark === 'TRUE') return [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }];
  const [, day = '', start = '', zone = '', endDay = day, end = '', endZone = zone] = WINDOW.exec(mark) ?? [];
  const [from, to] = [Date.parse(`${day}T${start}${zone}`), Date.parse(`${endDay}T${end}${endZone}`)];
  return Number.isNaN(from) || Number.isNaN(to) ? [] : [{ from, to }];
}
