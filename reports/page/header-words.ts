// The header of a report in words: a label, a value with its unit, and what it means, for each field (ratings R5).

import { type Zone, zoneNamed } from '../../sg/zone-time.ts';
import { HEADER_COLUMNS, type ReportHeader } from '../ratings/rating-report.ts';
import { instantText, lengthText, numberText, utcText } from './page-numbers.ts';

export interface HeaderLine {
  key: keyof ReportHeader;
  label: string;
  text: string;
  /** What it means. */
  meaning?: string;
}

type Line<Value> = readonly [label: string, textOf: (value: Value, zone: Zone) => string, meaning?: string];

const asIs = (value: string): string => value;
const people = (value: number): string => `${numberText(value, Number.isInteger(value) ? 0 : 1)} people`;
const percent = (value: number): string => `${numberText(value, 2)} %`;
const count = (value: number): string => numberText(value, 0);
const seconds = (value: number): string => `${numberText(value, 0)} s (${lengthText(value)} h:mm:ss)`;
const instant = (at: number, zone: Zone): string => `${instantText(at, zone)} = ${utcText(at)}`;
const hour = (value: number): string => `${String(value).padStart(2, '0')}:00`;

const BASES = { second: 'the second', minute: 'the clock minute, which goes to the service watched longest in it' };
const BASES_OF_PEOPLE = {
  census: 'census: everybody counts one',
  sample: 'sample: a part of the users stands for all',
  weighted: 'weighted: each user counts by a weight',
};
const STATUS: Readonly<Record<ReportHeader['status'], readonly [name: string, meaning: string]>> = {
  live: ['live', 'The window is not over. Figures cover what has passed of it, and will change.'],
  preliminary: [
    'preliminary',
    'The window is over, but late reports and corrected schedules may still change figures.',
  ],
  final: ['final', 'Late reports and corrected schedules no longer change these figures.'],
};

const LINES: { readonly [Key in keyof ReportHeader]-?: Line<NonNullable<ReportHeader[Key]>> } = {
  hash: ['Hash', asIs, 'SHA-256 of criteria, rules and revisions: the same hash, the same figures'],
  from: ['Window from', instant],
  to: ['Window to', instant, 'not included'],
  through: ['Figures through', instant, 'not included'],
  by: ['Rows by', (value) => value.split(',').join(', ')],
  services: ['Services', asIs],
  programme: ['Programme', asIs],
  provider: ['Provider', asIs, 'services of this provider alone'],
  base: ['Counted by', (value) => BASES[value]],
  basis: ['Basis', (value) => BASES_OF_PEOPLE[value]],
  reachSeconds: ['Threshold of reach', seconds, 'who watched for at least so long is reached'],
  reachKind: [
    'Kind of reach',
    (value) => (value === 'consecutive' ? 'consecutive: in one piece' : 'cumulative: in all'),
  ],
  dwellSeconds: ['Dwell', seconds, 'shorter viewing is surfing, no audience'],
  zone: ['Time zone', asIs, 'of broadcast days, weeks and hours'],
  dayStartHour: ['Broadcast day begins', hour, 'hours after midnight go on past 24'],
  universe: ['Universe', people],
  effectiveSample: ['Effective sample', people, '(Σw)² ÷ Σw²'],
  status: ['Status', (value) => STATUS[value][0]],
  revision: ['Revision', count, 'of the reports made to these criteria'],
  guideRevision: ['Revision of the schedule', asIs],
  dataRevision: ['Revision of the viewing data', asIs],
  rulesRevision: ['Revision of the rules', asIs],
  suppressBelow: ['Cells left out below', (value) => (value === 0 ? 'off' : people(value))],
  sessions: ['Viewing sessions used', count],
  imputedPercent: ['Time imputed', percent, 'of sessions whose end was never reported'],
  programmesCompared: ['Programmes compared', count, 'sessions that began while a programme was scheduled'],
  programmesDisagreeing: ['Of these disagreeing', count, 'named another programme than the schedule'],
  madeAt: ['Made', instant],
};

/** What a status means for who reads the figures. */
export const statusMeaning = (status: ReportHeader['status']): string => STATUS[status][1];

export const zoneOf = ({ zone }: ReportHeader): Zone => zoneNamed(undefined, zone);

/** Every field that is there, in the order of all formats. */
export function headerLines(header: ReportHeader): HeaderLine[] {
  const zone = zoneOf(header);
  return HEADER_COLUMNS.flatMap(([key]) => lineOf(header, key, zone));
}

function lineOf<Key extends keyof ReportHeader>(header: ReportHeader, key: Key, zone: Zone): HeaderLine[] {
  const value = header[key];
  if (value === undefined || value === null) return [];
  const [label, textOf, meaning] = LINES[key] as Line<NonNullable<ReportHeader[Key]>>;
  const text = textOf(value, zone);
  return [{ key, label, text, ...(meaning === undefined ? {} : { meaning }) }];
}

const DIMENSIONS: Readonly<Record<string, string>> = {
  all: 'all services together',
  shift: 'live and time-shifted viewing',
  device: 'kind of device',
  day: 'broadcast day',
};

/** "Audience by service and quarter-hour". */
export function titleOf({ by }: ReportHeader): string {
  const words = by.split(',').map((word) => DIMENSIONS[word] ?? word.replace(/^group:/, ''));
  if (by === 'all') return 'Audience of all services together';
  const last = words.pop() ?? '';
  return `Audience by ${words.length === 0 ? last : `${words.join(', ')} and ${last}`}`;
}

/** Whose figures they are. */
export function whoseText({ services, programme, provider }: ReportHeader): string {
  const parts = [
    programme === undefined ? undefined : `programme ${programme}`,
    services === undefined ? undefined : `service ${services.split(' ').join(', ')}`,
    provider === undefined ? undefined : `services of provider ${provider}`,
  ].filter((part) => part !== undefined);
  const text = parts.length === 0 ? 'all services' : parts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
