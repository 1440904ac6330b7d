// The guide as XMLTV, valid by the format's DTD (xmltv.dtd; G4): channels and programmes, what XMLTV has no place for left out.

import type { GuideHead, GuidePart } from './guide-view.ts';
import { type Programme, programmeIdOf, type Service } from './schedule.ts';
import { element, escapeXml, textElements } from './xml-writing.ts';
import { PROGRAMME_ID_SYSTEM } from './xmltv-entry.ts';

/** The document in pieces; `head.since` must be absent, for XMLTV can't tell what is deleted. */
export async function* writeXmltv(head: GuideHead, parts: AsyncIterable<GuidePart>): AsyncGenerator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv generator-info-name="pocketmeter version ${head.version}">\n`;
  for await (const part of parts) {
    if (part.kind === 'service') yield channel(part.service);
    if (part.kind === 'schedule') yield part.programmes.map(programmeXml).join('');
  }
  yield '</tv>\n';
}

function channel({ id, names, logo }: Service): string {
  const icon = logo === undefined ? '' : `<icon src="${escapeXml(logo)}"/>`;
  return `<channel id="${escapeXml(id)}">${textElements('display-name', names)}${icon}</channel>\n`;
}

/** Children in the order that the DTD asks for. */
function programmeXml(programme: Programme): string {
  const {
    id,
    service,
    startAt,
    stopAt,
    titles,
    descriptions = {},
    categories = [],
    episode,
    series,
    rating,
  } = programme;
  const number = (system: string, text: string | undefined): string =>
    text === undefined ? '' : `<episode-num system="${system}">${escapeXml(text)}</episode-num>`;
  const own = id === programmeIdOf(service, startAt) ? undefined : id;
  const children = [
    textElements('title', titles),
    textElements('desc', descriptions),
    ...categories.map((category) => element('category', category)),
    number('onscreen', episode),
    number('dd_progid', series),
    number(PROGRAMME_ID_SYSTEM, own),
    rating === undefined ? '' : `<rating>${element('value', rating)}</rating>`,
  ];
  const times = `start="${timeOf(startAt)}" stop="${timeOf(stopAt)}"`;
  return `<programme ${times} channel="${escapeXml(service)}">${children.join('')}</programme>\n`;
}

/** `YYYYMMDDhhmmss +0000`. */
const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')} +0000`;
