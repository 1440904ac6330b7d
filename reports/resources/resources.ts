// The use case of the feed for networks: live figures at once, those of the finished hours once an hour (ratings R17).

import type { Live } from '../live/live.ts';
import { type Drawn, type DrawnInHours, type ResourceFeed, resourceFeed, type ServiceOnAir } from './resource-feed.ts';

export interface Resources {
  /** Entries down to the rank `limit`. */
  feed(limit: number): Promise<ResourceFeed>;
}

const HOUR_MS = 3_600_000;
const HOURS = 3;

export function createResources(deps: {
  live: Pick<Live, 'view'>;
  /** From memory. */
  listOnAir(): Promise<readonly ServiceOnAir[]>;
  /** Services or programmes by the time that they draw in a window, epoch ms, most first. */
  listDrawn(window: { from: number; to: number; of: 'service' | 'programme' }): Promise<readonly Drawn[]>;
  clock: () => number;
}): Resources {
  let kept: DrawnInHours | undefined;
  let reading: Promise<DrawnInHours> | undefined;

  const read = async (to: number): Promise<DrawnInHours> => {
    const window = { from: to - HOURS * HOUR_MS, to };
    const services = await deps.listDrawn({ ...window, of: 'service' });
    const programmes = await deps.listDrawn({ ...window, of: 'programme' });
    kept = { ...window, drawn: [...services, ...programmes] };
    return kept;
  };

  /** While those of a new hour are read, which takes a pass over its sessions, and if they can't be, those of the hour before serve. */
  const finishedHours = (): DrawnInHours | Promise<DrawnInHours> => {
    const to = Math.floor(deps.clock() / HOUR_MS) * HOUR_MS;
    if (kept?.to === to) return kept;
    reading ??= read(to).finally(() => {
      reading = undefined;
    });
    if (kept === undefined || Math.abs(to - kept.to) > HOUR_MS) return reading;
    reading.catch(() => undefined); // asked again at the next look
    return kept;
  };

  return {
    async feed(limit) {
      const hours = await finishedHours();
      return resourceFeed(deps.live.view(), await deps.listOnAir(), hours, limit);
    },
  };
}
