// What a row of a report is of, and why it has no figures, in words (ratings R3, R4, R14).

import { wallTextOf, type Zone } from '../../sg/zone-time.ts';
import type { RatingReport, RatingRow } from '../ratings/rating-report.ts';
import { dateText, lengthText, numberText } from './page-numbers.ts';

/** What tells a reader about rows of one report. */
export interface Reading {
  zone: Zone;
  suppressBelow: number;
}

/** A column of keys: its heading and what a row has in it, the second part of which is smaller print. */
export interface KeyColumn {
  heading: string;
  textOf(row: RatingRow): readonly [text: string, detail?: string] | undefined;
  /** Its texts are dates, times and numbers: never broken. */
  isShort?: true;
}

const plain =
  (key: 'series' | 'episode' | 'genre' | 'week' | 'daypart' | 'region' | 'device' | 'shift' | 'group') =>
  (row: RatingRow): readonly [string] | undefined => {
    const value = row[key];
    return value === undefined ? undefined : [value];
  };

/** The columns that some row has something in, in the order of a report's columns. */
export function keyColumnsOf({ items }: RatingReport, reading: Reading): KeyColumn[] {
  const all: KeyColumn[] = [
    { heading: 'Service', textOf: named('serviceName', 'service') },
    { heading: 'Provider', textOf: ({ provider }) => (provider === undefined ? undefined : [provider]) },
    { heading: 'Programme', textOf: named('title', 'programme') },
    { heading: 'Series', textOf: plain('series') },
    { heading: 'Episode', textOf: plain('episode') },
    { heading: 'Genre', textOf: plain('genre') },
    { heading: 'Week', isShort: true, textOf: plain('week') },
    {
      heading: 'Broadcast day',
      isShort: true,
      textOf: ({ broadcastDay }) => (broadcastDay === undefined ? undefined : [broadcastDay]),
    },
    {
      heading: 'Weekday',
      isShort: true,
      textOf: ({ weekdayName }) => (weekdayName === undefined ? undefined : [weekdayName]),
    },
    { heading: 'Daypart', textOf: plain('daypart') },
    { heading: 'Time', isShort: true, textOf: (row) => timeText(row, reading) },
    { heading: 'Region', textOf: plain('region') },
    { heading: 'Device', textOf: plain('device') },
    { heading: 'Live or later', textOf: plain('shift') },
    { heading: 'Group', textOf: plain('group') },
    {
      heading: 'Broadcasts',
      isShort: true,
      textOf: ({ broadcasts }) => (broadcasts === undefined ? undefined : [numberText(broadcasts, 0)]),
    },
  ];
  const isOfOne = items.every(({ broadcasts = 1 }) => broadcasts === 1);
  return all.filter(
    ({ heading, textOf }) => !(heading === 'Broadcasts' && isOfOne) && items.some((row) => textOf(row) !== undefined),
  );
}

function named(name: 'serviceName' | 'title', id: 'service' | 'programme'): KeyColumn['textOf'] {
  return (row) => {
    const [text, detail] = [row[name], row[id]];
    if (text === undefined) return detail === undefined ? undefined : [detail];
    return detail === undefined ? [text] : [text, detail];
  };
}

/** "20:15–21:00", past 24 after midnight; with the date where no broadcast day is told. */
function timeText(
  { startAt, stopAt, broadcastTime, broadcastDay, week }: RatingRow,
  { zone }: Reading,
): readonly [string] | undefined {
  if (startAt === undefined) return broadcastTime === undefined ? undefined : [broadcastTime];
  if (broadcastTime === undefined && (broadcastDay !== undefined || week !== undefined)) return undefined;
  const from = wallTextOf(startAt, zone);
  const start = broadcastTime ?? `${from.date} ${from.time}`;
  return [stopAt === undefined ? start : `${start}–${wallTextOf(stopAt, zone).time}`];
}

/** What of a row is no time: "One · region north". Empty where rows are of all services together. */
export function contentName(row: RatingRow): string {
  const { serviceName, service, provider, title, programme, series, episode, genre } = row;
  const own = title ?? programme ?? series ?? genre ?? serviceName ?? service ?? provider;
  const also = [title === undefined ? undefined : serviceName, episode];
  return [own, ...also].filter((text) => text !== undefined).join(' · ');
}

/** Of which people it is, or undefined for everybody. */
export const peopleName = ({ region, device, shift, group }: RatingRow): string | undefined =>
  region ?? device ?? shift ?? group;

/** The part of time that rows of whole days and dayparts are of. */
export const partOfTime = ({ daypart, weekdayName, week, broadcastDay }: RatingRow): string | undefined =>
  daypart ?? weekdayName ?? week ?? (broadcastDay === undefined ? undefined : dateText(broadcastDay));

/** In few words, for where there is little room. */
export const leftOutShort = ({ suppressBelow }: Reading): string => `left out: fewer than ${suppressBelow} people`;

export const leftOutText = (reading: Reading): string => `${leftOutShort(reading)}, or would tell of them`;

/** Why a row has fewer figures than others; undefined where all is there. */
export function noteOf(row: RatingRow): string | undefined {
  const { measuredSeconds, ofSeconds, notAvailable } = row;
  const parts = [
    notAvailable,
    measuredSeconds > 0 && measuredSeconds < ofSeconds
      ? `measured for ${lengthText(measuredSeconds)} of ${lengthText(ofSeconds)}`
      : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('; ');
}
