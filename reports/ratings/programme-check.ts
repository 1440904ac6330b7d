// How often the programme that a handset names isn't the scheduled one (ratings R1).

import { type GuideProgramme, scheduleLookup } from '../breakdown/broadcasts.ts';
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
  const scheduledAt = scheduleLookup(programmes);
  return {
    counts,
    see(batch: ViewingBatch, services: readonly string[], names: readonly string[]): void {
      for (let row = 0; row < batch.count; row++) {
        const at = batch.startedAt[row] as number;
        const named = names[batch.programme[row] as number];
        if (at < from || at >= through || named === '') continue;
        const scheduled = scheduledAt(services[batch.service[row] as number] as string, at);
        if (scheduled === undefined) continue;
        counts.programmesCompared++;
        if (scheduled !== named) counts.programmesDisagreeing++;
      }
    },
  };
}
