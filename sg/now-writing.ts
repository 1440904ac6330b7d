// What is on now and next, as XML (valid by schemas/ServiceGuide.xsd) and as JSON (G4).

import { programmeOut } from './guide-json.ts';
import type { NowBoard, NowRow } from './now-next.ts';
import type { Programme } from './schedule.ts';
import { contentXml } from './service-guide-xml.ts';
import { inLanguage } from './text-language.ts';
import { escapeXml, isoOf, textElements } from './xml-writing.ts';

/** The document in pieces. */
export async function* writeNowXml(board: NowBoard, language?: string): AsyncGenerator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<NowAndNext xmlns="urn:pocketmeter:service-guide:1" version="${board.version}" validFrom="${isoOf(board.changedAt)}" validTo="${isoOf(board.changesAt)}">\n`;
  for (const row of board.rows) {
    const { service, now, next } = inItsLanguage(row, language);
    const shown = (name: string, programme: Programme | undefined): string =>
      programme === undefined ? '' : `<${name}>${contentXml(programme)}</${name}>`;
    yield `<Service id="${escapeXml(service.id)}">${textElements('Name', service.names)}${shown('Now', now)}${shown('Next', next)}</Service>\n`;
  }
  yield '</NowAndNext>\n';
}

/** The object in pieces. */
export async function* writeNowJson(board: NowBoard, language?: string): AsyncGenerator<string> {
  const { version, changedAt, changesAt, rows } = board;
  const head = { version, from: new Date(changedAt).toISOString(), to: new Date(changesAt).toISOString() };
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
  for (const [index, row] of rows.entries()) {
    const { service, now, next } = inItsLanguage(row, language);
    const shown = {
      service: service.id,
      names: service.names,
      ...(now === undefined ? {} : { now: programmeOut(now) }),
      ...(next === undefined ? {} : { next: programmeOut(next) }),
    };
    yield `${index === 0 ? '' : ','}\n${JSON.stringify(shown)}`;
  }
  yield ']}\n';
}

function inItsLanguage({ service, now, next }: NowRow, language: string | undefined): NowRow {
  if (language === undefined) return { service, ...(now && { now }), ...(next && { next }) };
  const told = (programme: Programme): Programme => ({
    ...programme,
    titles: inLanguage(programme.titles, language),
    ...(programme.descriptions && { descriptions: inLanguage(programme.descriptions, language) }),
  });
  return {
    service: { ...service, names: inLanguage(service.names, language) },
    ...(now && { now: told(now) }),
    ...(next && { next: told(next) }),
  };
}
