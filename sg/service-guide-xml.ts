// The guide as XML, valid by schemas/ServiceGuide.xsd (G4, G5).

import type { GuideHead, GuidePart } from './guide-view.ts';
import type { MarkClass } from './mark-classes.ts';
import type { PurchaseItem } from './purchase-item.ts';
import type { Programme, Service } from './schedule.ts';
import { element, escapeXml, isoOf, textElements } from './xml-writing.ts';

const NAMESPACE = 'urn:pocketmeter:service-guide:1';
/** What the root of a document of one fragment has. */
export const ROOT_NAMESPACE = ` xmlns="${NAMESPACE}"`;

/** The document in pieces. */
export async function* writeServiceGuideXml(
  head: GuideHead,
  parts: AsyncIterable<GuidePart>,
  marks: MarkClass,
): AsyncGenerator<string> {
  const since = head.since === undefined ? '' : ` since="${head.since}"`;
  const to = head.to === undefined ? '' : ` validTo="${isoOf(head.to)}"`;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<ServiceGuide xmlns="${NAMESPACE}" version="${head.version}"${since} marks="${marks.name}" validFrom="${isoOf(head.from)}"${to}>\n`;
  for await (const part of parts) {
    if (part.kind === 'schedule') yield schedule(part.service, part.day, part.programmes);
    else if (part.kind === 'service') yield serviceXml(part.service, marks.marksOf(part.service, head.from));
    else if (part.kind === 'item') yield itemXml(part.item);
    else {
      const content =
        part.fragment === 'Content' ? ` service="${escapeXml(part.service)}" startTime="${isoOf(part.startAt)}"` : '';
      yield `<Deleted fragment="${part.fragment}" idRef="${escapeXml(part.id)}"${content}/>\n`;
    }
  }
  yield '</ServiceGuide>\n';
}

/** A Service element; with `namespace` as the root of a document. */
export function serviceXml(service: Service, marks: readonly string[], namespace = ''): string {
  const { id, names, order, genre, provider, logo, zone, dwellMs } = service;
  const dwell = dwellMs === undefined ? undefined : String(dwellMs);
  const stats = marks.map((mark) => `<Channel_stat Channel_stat_Type="${mark}"/>`).join('');
  const own = `${element('Provider', provider)}${element('Logo', logo)}${element('Zone', zone)}${element('Dwell', dwell)}${stats}`;
  return `<Service${namespace} id="${escapeXml(id)}" weight="${order}">${textElements('Name', names)}${element('Genre', genre)}<PrivateExt>${own}</PrivateExt></Service>\n`;
}

/** A PurchaseItem element; with `namespace` as the root of a document. */
export function itemXml(item: PurchaseItem, namespace = ''): string {
  const { id, names, descriptions = {}, provider, services, parts, price, period, validFrom, validTo } = item;
  const valid = `${validFrom === undefined ? '' : ` validFrom="${isoOf(validFrom)}"`}${validTo === undefined ? '' : ` validTo="${isoOf(validTo)}"`}`;
  const references = `${services.map((one) => reference('ServiceReference', one)).join('')}${parts.map((one) => reference('PurchaseItemReference', one)).join('')}`;
  const data = `<PurchaseData><PriceInfo><MonetaryPrice currency="${price.currency}">${price.amount}</MonetaryPrice>${element('SubscriptionPeriod', period)}</PriceInfo></PurchaseData>`;
  return `<PurchaseItem${namespace} id="${escapeXml(id)}"${valid}>${references}${textElements('Name', names)}${textElements('Description', descriptions)}${data}<PrivateExt>${element('Provider', provider)}</PrivateExt></PurchaseItem>\n`;
}

function schedule(service: string, day: number, programmes: readonly Programme[]): string {
  let references = '';
  let contents = '';
  for (const programme of programmes) {
    const window = `<PresentationWindow startTime="${isoOf(programme.startAt)}" endTime="${isoOf(programme.stopAt)}"/>`;
    references += `<ContentReference idRef="${escapeXml(programme.id)}">${window}</ContentReference>`;
    contents += contentXml(programme);
  }
  return `<Schedule id="${escapeXml(service)}/${day}">${reference('ServiceReference', service)}${references}</Schedule>\n${contents}`;
}

/** A Content element. */
export function contentXml(programme: Programme): string {
  const { id, service, titles, descriptions = {}, startAt, stopAt } = programme;
  const times = `<StartTime>${isoOf(startAt)}</StartTime><EndTime>${isoOf(stopAt)}</EndTime>`;
  return `<Content id="${escapeXml(id)}">${reference('ServiceReference', service)}${textElements('Name', titles)}${textElements('Description', descriptions)}${times}${detailsOf(programme)}</Content>\n`;
}

function detailsOf({ rating, categories = [], episode, series, breaks = [] }: Programme): string {
  const genres = categories.map((category) => element('Genre', category)).join('');
  const pauses = breaks.map(({ from, to }) => `<Break startTime="${isoOf(from)}" endTime="${isoOf(to)}"/>`).join('');
  const own = `${element('Episode', episode)}${element('Series', series)}${pauses}`;
  return `${element('ParentalRating', rating)}${genres}${own === '' ? '' : `<PrivateExt>${own}</PrivateExt>`}`;
}

const reference = (name: string, id: string): string => `<${name} idRef="${escapeXml(id)}"/>`;
