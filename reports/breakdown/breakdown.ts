// What the rows of a report are of: `by=service,quarter-hour,region` (ratings R3).

import { Problem } from '../../server/problem.ts';

/** `all`: what all services show, together. `programme`: one broadcast on one service. */
export const CONTENT_DIMENSIONS = ['all', 'service', 'programme', 'episode', 'series', 'genre', 'provider'] as const;

/** `day`: the broadcast day; `week` and `weekday` are of broadcast days, too. */
export const TIME_DIMENSIONS = ['minute', 'quarter-hour', 'hour', 'daypart', 'day', 'week', 'weekday'] as const;

export type Content = (typeof CONTENT_DIMENSIONS)[number];
export type TimeDimension = (typeof TIME_DIMENSIONS)[number];
/** `shift`: live or time-shifted. `group:age`: the groups of people that the key `age` tells apart. */
export type PeopleDimension = 'region' | 'device' | 'shift' | `group:${string}`;

/** Without `time` a row is of the whole window, without `people` of everybody. */
export interface Breakdown {
  content: Content;
  time?: TimeDimension;
  people?: PeopleDimension;
}

const CHOICES = `at most one each of ${CONTENT_DIMENSIONS.join(', ')}; ${TIME_DIMENSIONS.join(', ')}; region, device, shift, group:<key>`;

/** Words between commas, in any order; none is `all`. Problem `invalid`, which lists what there is. */
export function readBreakdown(text: string): Breakdown {
  const read: Partial<Breakdown> = {};
  for (const word of text === '' ? [] : text.split(',')) {
    const content = CONTENT_DIMENSIONS.find((each) => each === word);
    const time = TIME_DIMENSIONS.find((each) => each === word);
    if (content !== undefined && read.content === undefined) read.content = content;
    else if (time !== undefined && read.time === undefined) read.time = time;
    else if (isOfPeople(word) && read.people === undefined) read.people = word;
    else
      throw new Problem('invalid', `the parameter by may have ${CHOICES}`, {
        faults: [{ element: 'by', rule: 'choice' }],
      });
  }
  return { content: 'all', ...read };
}

/** Whether rows are made of broadcasts, less their breaks. */
export const isOfProgrammes = (content: Content): boolean =>
  content === 'programme' || content === 'episode' || content === 'series' || content === 'genre';

/** The same words again, in one order. */
export function breakdownText({ content, time, people }: Breakdown): string {
  const words = [content === 'all' ? undefined : content, time, people].filter((word) => word !== undefined);
  return words.length === 0 ? 'all' : words.join(',');
}

function isOfPeople(word: string): word is PeopleDimension {
  return /^(region|device|shift|group:[\w.-]{1,60})$/.test(word);
}
