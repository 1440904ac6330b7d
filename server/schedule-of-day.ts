// What the guide says of a day's sessions, for the report on their quality (R1, R16; V12).

import { scheduleLookup } from '../reports/breakdown/broadcasts.ts';
import type { DaySchedule } from '../reports/quality/day-tally.ts';
import type { Guide } from '../sg/guide.ts';

const DAY_MS = 86_400_000;

/** By the present guide; times in epoch ms. Known are programmes within a day of this one. `dwellMs` is for services without their own. */
export async function scheduleOfDay(
  guide: Pick<Guide, 'listServices' | 'listProgrammes'>,
  { from, to }: { from: number; to: number },
  dwellMs: number,
): Promise<DaySchedule> {
  const services = new Map((await guide.listServices()).map((service) => [service.id, service]));
  const programmes = await guide.listProgrammes({ from: from - DAY_MS, to: to + DAY_MS });
  const named = new Map<string, Set<string>>();
  for (const { service, id } of programmes) named.set(service, (named.get(service) ?? new Set()).add(id));
  return {
    isKnownService: (service) => services.has(service),
    dwellMsOf: (service) => services.get(service)?.dwellMs ?? dwellMs,
    hasProgramme: (service, programme) => named.get(service)?.has(programme) ?? false,
    scheduledAt: scheduleLookup(programmes.map((programme) => ({ ...programme, title: '' }))),
  };
}
