// One channel or programme of XMLTV, as text, to what the guide keeps; what is wrong with it is a fault (G2).

import type { StagedProgramme } from './guide-store.ts';
import { programmeIdOf, type Texts } from './schedule.ts';
import { parseXmltvTime } from './xmltv-time.ts';

/** A child of `tv` with its own children; text of anything deeper belongs to the child. */
export interface EntryText {
  name: string;
  line: number;
  attributes: Map<string, string>;
  children: { name: string; attributes: Map<string, string>; text: string }[];
}

/** What is wrong with one entry. `lost`: a programme that is not taken over for it. */
interface EntryFault {
  line: number;
  rule: string;
  message: string;
  lost: boolean;
}

export type XmltvItem =
  | { kind: 'channel'; line: number; id: string; names: Texts; logo?: string }
  | { kind: 'programme'; line: number; programme: StagedProgramme['programme'] }
  | ({ kind: 'fault' } & EntryFault);

/** The `system` of an episode-num that holds a programme's own id, as we write it: the DTD has no attribute for it. */
export const PROGRAMME_ID_SYSTEM = 'urn:pocketmeter:programme-id';

/** Ids travel in URLs, XML attributes and the method's Service_ID: printable, and short enough for a key. */
export const isId = (id: string): boolean => /^[^\s/\p{C}]([^/\p{C}]{0,62}[^\s/\p{C}])?$/u.test(id);

const fault = (entry: EntryText, rule: string, message: string, lost: boolean): XmltvItem => ({
  kind: 'fault',
  line: entry.line,
  rule,
  message,
  lost,
});

/** The channel, or why not. A channel without a name is called by its id. */
export function channelOf(entry: EntryText): XmltvItem[] {
  const id = (entry.attributes.get('id') ?? '').trim();
  if (!isId(id))
    return [fault(entry, 'bad_id', `the channel's id "${id.slice(0, 80)}" is missing or can't be used`, false)];
  const named = textsOf(entry, 'display-name');
  const items: XmltvItem[] = [];
  if (named === undefined) items.push(fault(entry, 'no_name', `channel ${id} has no display-name`, false));
  const logo = entry.children.find((child) => child.name === 'icon')?.attributes.get('src');
  const channel = { kind: 'channel', line: entry.line, id, names: named ?? { und: id } } as const;
  items.push(logo === undefined ? channel : { ...channel, logo });
  return items;
}

/**
 * The programme, or why not. XMLTV names programmes not at all: our attributes `id` and `series` on `programme` are understood,
 * else that in an episode-num of our own system, or the id is made of channel and start. Our child `break` (start, stop) says when there is advertising.
 */
export function programmeOf(entry: EntryText): XmltvItem[] {
  const channel = (entry.attributes.get('channel') ?? '').trim();
  if (!isId(channel)) return [fault(entry, 'bad_id', 'the programme names no channel', true)];
  const start = entry.attributes.get('start') ?? '';
  const startAt = parseXmltvTime(start);
  if (startAt === undefined) return [fault(entry, 'bad_time', `start "${start.slice(0, 40)}" is no time`, true)];
  const stop = entry.attributes.get('stop')?.trim() ?? '';
  const stopAt = parseXmltvTime(stop);
  const items: XmltvItem[] = [];
  if (stopAt === undefined && stop !== '') {
    items.push(fault(entry, 'bad_time', `stop "${stop.slice(0, 40)}" is no time; the next start is taken`, false));
  }
  if (stopAt === startAt) return [fault(entry, 'zero_length', 'the programme stops when it starts', true)];
  if (stopAt !== undefined && stopAt < startAt) {
    return [fault(entry, 'ends_before_start', 'the programme stops before it starts', true)];
  }
  const titles = textsOf(entry, 'title');
  if (titles === undefined) items.push(fault(entry, 'no_title', 'the programme has no title', false));
  const numbered = entry.children.find((child) => child.attributes.get('system') === PROGRAMME_ID_SYSTEM);
  const own = (entry.attributes.get('id') ?? numbered?.text ?? '').trim();
  if (own !== '' && !isId(own)) items.push(fault(entry, 'bad_id', "the programme's id can't be used", false));
  const programme: StagedProgramme['programme'] = {
    id: own !== '' && isId(own) ? own : programmeIdOf(channel, startAt),
    service: channel,
    startAt,
    titles: titles ?? { und: '' },
    ...(stopAt === undefined ? {} : { stopAt }),
    ...detailsOf(entry),
  };
  return [...items, { kind: 'programme', line: entry.line, programme }];
}

type Details = Omit<StagedProgramme['programme'], 'id' | 'service' | 'startAt' | 'stopAt' | 'titles'>;

function detailsOf(entry: EntryText): Details {
  const details: Details = {};
  const descriptions = textsOf(entry, 'desc');
  if (descriptions !== undefined) details.descriptions = descriptions;
  const named = (name: string): EntryText['children'] =>
    entry.children.filter((child) => child.name === name && child.text.trim() !== '');
  const categories = [...new Set(named('category').map((child) => child.text.trim()))];
  if (categories.length > 0) details.categories = categories;
  const rating = named('rating')[0]?.text.trim();
  if (rating !== undefined) details.rating = rating;
  const numbers = named('episode-num').filter((child) => child.attributes.get('system') !== PROGRAMME_ID_SYSTEM);
  const number =
    numbers.find((child) => child.attributes.get('system') === 'onscreen') ??
    numbers.find((child) => child.attributes.get('system') !== 'dd_progid');
  if (number !== undefined) details.episode = number.text.trim();
  // dd_progid is SERIES.EPISODE
  const id = numbers.find((child) => child.attributes.get('system') === 'dd_progid')?.text;
  const series = entry.attributes.get('series') ?? id?.trim().split('.')[0];
  if (series !== undefined && series !== '') details.series = series;
  const breaks = breaksOf(entry);
  if (breaks.length > 0) details.breaks = breaks;
  return details;
}

function breaksOf(entry: EntryText): { from: number; to: number }[] {
  const breaks: { from: number; to: number }[] = [];
  for (const { name, attributes } of entry.children) {
    if (name !== 'break') continue;
    const from = parseXmltvTime(attributes.get('start') ?? '');
    const to = parseXmltvTime(attributes.get('stop') ?? '');
    if (from !== undefined && to !== undefined && from < to) breaks.push({ from, to });
  }
  return breaks.sort((a, b) => a.from - b.from);
}

/** The first text of each language. */
function textsOf(entry: EntryText, name: string): Texts | undefined {
  const texts = new Map<string, string>();
  for (const child of entry.children) {
    const text = child.name === name ? child.text.trim() : '';
    const language = child.attributes.get('lang') || 'und';
    if (text !== '' && !texts.has(language)) texts.set(language, text);
  }
  return texts.size === 0 ? undefined : Object.fromEntries(texts);
}
