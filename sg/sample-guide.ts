// A guide to try things with: ten services of three providers, and their programmes around any day (G1). Pure but for renewing.

import { Problem } from '../server/problem.ts';
import type { Guide } from './guide.ts';
import { DAY_MS, dayOf, type Programme, programmeIdOf, type Service } from './schedule.ts';

const MINUTE_MS = 60_000;
/** Kept present around today: the last week's figures and a week to look forward to. */
const DAYS_BEFORE = 8;
const DAYS_AFTER = 7;

/** [title, minutes, category, series]; a day is the list over and over, cut at midnight. */
type Slot = readonly [title: string, minutes: number, category: string, series?: string];

const NEWS: Slot[] = [
  ['Morning Briefing', 120, 'News', 'briefing'],
  ['Headlines', 15, 'News', 'headlines'],
  ['The Harbour Report', 45, 'Current affairs', 'harbour'],
  ['Markets Now', 30, 'Business', 'markets'],
  ['World in an Hour', 60, 'News', 'world'],
  ['Weather and Tides', 10, 'Weather', 'weather'],
  ['Question of the Day', 50, 'Debate', 'question'],
];
const DRAMA: Slot[] = [
  ['Lantern Street', 45, 'Drama', 'lantern'],
  ['The Long Ferry', 100, 'Film'],
  ['Inspector Moreau', 90, 'Crime', 'moreau'],
  ['Second Spring', 25, 'Soap', 'spring'],
  ['Night at the Observatory', 115, 'Film'],
  ['Both Sides of the River', 60, 'Drama', 'river'],
];
const SPORT: Slot[] = [
  ['Football: Live from the League', 135, 'Football'],
  ['Half-Time Talk', 30, 'Sport', 'talk'],
  ['Table Tennis Masters', 90, 'Table tennis'],
  ['Cycling: the Mountain Stage', 240, 'Cycling'],
  ['The Week in Goals', 45, 'Football', 'goals'],
];
const FAMILY: Slot[] = [
  ['Paper Boats', 15, 'Children', 'boats'],
  ['Milo and the Moon', 25, 'Children', 'milo'],
  ['How Does It Work?', 30, 'Education', 'how'],
  ['Kitchen Gardens', 50, 'Cookery', 'gardens'],
  ['Islands of the South', 60, 'Nature', 'islands'],
  ['Quiz Before Tea', 45, 'Quiz', 'quiz'],
  ['Songs We Know', 75, 'Music', 'songs'],
];

type LineUp = readonly [name: string, genre: string, provider: string, slots: Slot[]];
const LINE_UP: readonly LineUp[] = [
  ['Demo One', 'General', 'demo', [...NEWS, ...DRAMA]],
  ['Demo News', 'News', 'demo', NEWS],
  ['Demo Drama', 'Drama', 'demo', DRAMA],
  ['Demo Family', 'Family', 'demo', FAMILY],
  ['Arena 1', 'Sport', 'arena', SPORT],
  ['Arena 2', 'Sport', 'arena', [...SPORT].reverse()],
  ['Arena Magazine', 'Sport', 'arena', [...SPORT, ...NEWS]],
  ['Harbour TV', 'Regional', 'harbour', [...NEWS, ...FAMILY]],
  ['Harbour Film', 'Film', 'harbour', [...DRAMA].reverse()],
  ['Harbour Nature', 'Nature', 'harbour', [...FAMILY].reverse()],
];

/**
 * Services `01` to `10` and their programmes of `days` UTC days from `dayStartMs` (epoch ms, midnight UTC): without gaps, the same
 * day always the same.
 */
export function sampleGuide(dayStartMs: number, days: number): { services: Service[]; programmes: Programme[] } {
  const services: Service[] = [];
  const programmes: Programme[] = [];
  LINE_UP.forEach(([name, genre, provider, slots], index) => {
    const order = index + 1;
    const id = String(order).padStart(2, '0');
    services.push({ id, names: { en: name }, genre, provider, order, measured: [] });
    for (let day = 0; day < days; day += 1) programmes.push(...dayOfProgrammes(id, slots, dayStartMs + day * DAY_MS));
  });
  return { services, programmes };
}

function dayOfProgrammes(service: string, slots: readonly Slot[], dayStartMs: number): Programme[] {
  const programmes: Programme[] = [];
  const end = dayStartMs + DAY_MS;
  const day = dayOf(dayStartMs);
  let at = dayStartMs;
  for (let slot = day; at < end; slot += 1) {
    const [title, minutes, category, series] = slots[slot % slots.length] as Slot;
    const stopAt = Math.min(at + minutes * MINUTE_MS, end);
    const id = programmeIdOf(service, at);
    const more = series === undefined ? {} : { episode: `${day}-${programmes.length + 1}`, series };
    programmes.push({ id, service, startAt: at, stopAt, titles: { en: title }, categories: [category], ...more });
    at = stopAt;
  }
  return programmes;
}

/**
 * Puts the sample services if they are missing, and their programmes from yesterday to seven days ahead where there are none.
 * Again on the same day it changes nothing; what was corrected or measured stays. Answers the revision; of several processes that
 * start at once one does it.
 */
export async function renewSampleGuide(guide: Guide, clock: () => number): Promise<number> {
  const today = dayOf(clock()) * DAY_MS;
  const from = today - DAYS_BEFORE * DAY_MS;
  const sample = sampleGuide(from, DAYS_BEFORE + DAYS_AFTER + 1);
  const known = new Set((await guide.listServices()).map((service) => service.id));
  const ids = sample.services.map((service) => service.id);
  const to = today + (DAYS_AFTER + 1) * DAY_MS;
  const present = known.size === 0 ? [] : await guide.listProgrammes({ services: ids, from, to });
  const filled = new Set(present.map((programme) => `${programme.service} ${dayOf(programme.startAt)}`));
  const missing = sample.programmes.filter((one) => !filled.has(`${one.service} ${dayOf(one.startAt)}`));
  const byDay = Map.groupBy(missing, (programme) => `${programme.service} ${dayOf(programme.startAt)}`);
  const schedules = [...byDay.values()].map((programmes) => {
    const first = programmes[0] as Programme;
    return { service: first.service, window: { from: first.startAt, to: first.startAt + DAY_MS }, programmes };
  });
  const services = sample.services.filter((service) => !known.has(service.id));
  try {
    return await guide.revise({ role: 'administrator' }, { services, schedules });
  } catch (error) {
    if (error instanceof Problem && error.code === 'conflict') return await guide.revision();
    throw error;
  }
}
