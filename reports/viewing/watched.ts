// What each user watched, second for second once, in order to sum it up (R1, V12).

import { cleanViewing } from '../figures/clean-viewing.ts';
import { createStretches } from '../figures/stretches.ts';
import { endOfViewer, type ViewingBatch, type ViewingSource } from './viewing-batch.ts';

/** Viewing of one service, [from, to) in epoch seconds. */
export interface Watched {
  service: string;
  from: number;
  to: number;
  /** How far behind the broadcast; 0 is live. */
  timeShiftS: number;
}

const stretches = createStretches(); // used within one call

/** Of the viewer whose rows are [first, end). `dwellMs` by the number of the service is the shortest session that counts. */
export function watchedIn(
  batch: ViewingBatch,
  first: number,
  end: number,
  services: readonly string[],
  dwellMs: readonly number[],
): Watched[] {
  cleanViewing(batch, first, end, services, dwellMs, stretches);
  return Array.from({ length: stretches.count }, (_, place) => ({
    service: services[stretches.service[place] as number] as string,
    from: stretches.from[place] as number,
    to: stretches.to[place] as number,
    timeShiftS: Math.max(0, batch.timeShiftS[stretches.row[place] as number] as number),
  }));
}

/** Viewer by viewer. */
export async function* watchedByViewer(
  { services, batches }: ViewingSource,
  dwellMsOf: (service: string) => number,
): AsyncGenerator<[viewer: number, watched: Watched[]]> {
  const dwellMs: number[] = [];
  for await (const batch of batches) {
    for (const service of services.slice(dwellMs.length)) dwellMs.push(dwellMsOf(service));
    for (let first = 0, end = 0; first < batch.count; first = end) {
      const viewer = batch.viewer[first] as number;
      end = endOfViewer(batch, first);
      yield [viewer, watchedIn(batch, first, end, services, dwellMs)];
    }
  }
}
