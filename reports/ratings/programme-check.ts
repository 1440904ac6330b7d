// How often the programme that a handset names isn't the scheduled one (ratings R1).

import { type GuideProgramme, placeAt, scheduleOf } from '../breakdown/broadcasts.ts';
import type { ViewingBatch } from '../viewing/viewing-batch.ts';

interface ProgrammeCounts {
  /** Sessions that name a programme and begin where one is scheduled. */
  programmesCompared: number;
  programmesDisagreeing: number;
}

/** Sees sessions that begin in [from, through), epoch ms. */
export function createProgrammeCheck(
  { from, through }: { from: number; through: number },
  programmes: readonly GuideProgramme[],
) {
  const counts: ProgrammeCounts = { programmesCompared: 0, programmesDisagreeing: 0 };
  const byService = Map.groupBy(programmes, ({ service }) => service);
  const openLane = (service: string) => {
    const schedule = scheduleOf(byService.get(service) ?? []);
    return { schedule, agreeing: new Int32Array(schedule.programmes.length).fill(-1) }; // names by number: most are the scheduled one
  };
  const lanes: ReturnType<typeof openLane>[] = []; // by the source's number of a service
  return {
    counts,
    see(batch: ViewingBatch, services: readonly string[], names: readonly string[]): void {
      const { count, startedAt, service, programme } = batch;
      for (let row = 0; row < count; row++) {
        const at = startedAt[row] as number;
        const named = programme[row] as number;
        if (at < from || at >= through || names[named] === '') continue;
        const number = service[row] as number;
        lanes[number] ??= openLane(services[number] as string);
        const { schedule, agreeing } = lanes[number];
        const place = placeAt(schedule, at);
        if (place < 0) continue;
        counts.programmesCompared++;
        if (agreeing[place] === named) continue;
        if (schedule.programmes[place]?.id === names[named]) agreeing[place] = named;
        else counts.programmesDisagreeing++;
      }
    },
  };
}
