// What a report's address asks for: window, day, rows, reach, whose (ratings R3, R14; platform O11).

import type { Caller } from '../../server/http/caller.ts';
import { type Query, readChoice, readInstant, readText, readTexts, readWhole } from '../../server/http/query.ts';
import { Problem } from '../../server/problem.ts';
import { zoneNamed } from '../../sg/zone-time.ts';
import { type Breakdown, isOfProgrammes, readBreakdown } from '../breakdown/breakdown.ts';
import { broadcastDays, dateOf } from '../breakdown/broadcast-calendar.ts';
import type { Reach } from '../figures/cell-sums.ts';
import { type RatingCriteria, REACH_BOUNDS_S } from './rating-criteria.ts';
import { DEFAULT_REACH_S, type RatingRules } from './rules.ts';

const DAY_MS = 86_400_000;

export type CalendarRules = Pick<RatingRules, 'zone' | 'dayStartHour'>;

/** The criteria of a rating report. Problem `invalid` with the parameter, `forbidden` for a provider's account without provider. */
export function readCriteria(query: Query, now: number, caller: Caller, rules: CalendarRules): RatingCriteria {
  const services = readTexts(query, 'service');
  const programme = readText(query, 'programme');
  return {
    ...readWindow(query, now, rules),
    ...(services === undefined ? {} : { services }),
    ...(programme === undefined ? {} : { programme }),
    by: readRows(query, programme),
    base: readChoice(query, 'base', ['second', 'minute']),
    reach: readReach(query),
    ...ownOnly(caller),
  };
}

export function readReach(query: Query): Reach {
  return {
    kSeconds: readWhole(query, 'reach', REACH_BOUNDS_S) ?? DEFAULT_REACH_S,
    kind: readChoice(query, 'kind', ['consecutive', 'cumulative']),
  };
}

/** A provider's own. Problem `forbidden` for a provider's account that is of none. */
export function ownOnly({ role, provider }: Caller): { provider?: string } {
  if (role === 'administrator') return {};
  if (provider === undefined) throw new Problem('forbidden', 'the account belongs to no provider');
  return { provider };
}

/** `date` is a broadcast day; without it and without `from` and `to` it is the last whole day in UTC. */
export function readWindow(query: Query, now: number, rules: CalendarRules): { from: number; to: number } {
  const date = readText(query, 'date');
  const from = readInstant(query, 'from');
  const to = readInstant(query, 'to');
  if (date !== undefined) {
    if (from !== undefined || to !== undefined) throw wrongDate('a date has no from and to besides');
    return dayNamed(date, rules);
  }
  const end = to ?? (from === undefined ? Math.floor(now / DAY_MS) * DAY_MS : from + DAY_MS);
  return { from: from ?? end - DAY_MS, to: end };
}

/** Epoch ms of a broadcast day. Problem `invalid` for what is no date. */
function dayNamed(date: string, { zone, dayStartHour }: CalendarRules): { from: number; to: number } {
  const noon = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T12:00:00Z`) / 1000 : Number.NaN;
  if (Number.isNaN(noon) || dateOf(Math.floor(noon / 86_400)) !== date) {
    throw wrongDate('date must be a day such as 2026-07-20');
  }
  const near = broadcastDays({ from: noon - 86_400, to: noon + 86_400 }, zoneNamed(undefined, zone), dayStartHour);
  const day = near.find(({ number }) => dateOf(number) === date);
  if (day === undefined) throw new Error(`no broadcast day ${date} in ${zone}`);
  return { from: day.from * 1000, to: day.to * 1000 };
}

const wrongDate = (detail: string): Problem =>
  new Problem('invalid', detail, { faults: [{ element: 'date', rule: 'date' }] });

/** Problem `invalid` for the programme of rows that are none. */
function readRows(query: Query, programme: string | undefined): Breakdown {
  const by = readBreakdown(readText(query, 'by') ?? (programme === undefined ? 'service' : 'programme'));
  if (programme === undefined || isOfProgrammes(by.content)) return by;
  throw new Problem('invalid', 'a programme has rows by programme, episode, series or genre', {
    faults: [{ element: 'by', rule: 'choice' }],
  });
}
