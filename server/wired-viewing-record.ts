// Viewing for figures, with what it needs of the measuring: its corner of products.ts (ratings R18).

import { randomBytes } from 'node:crypto';
import { createHourSealing, type HourSealing } from '../reports/viewing/hour-sealing.ts';
import { createReadViewing } from '../reports/viewing/read-viewing.ts';
import type { SealedHourStore } from '../reports/viewing/sealed-hour-store.ts';
import type { SessionHours } from '../reports/viewing/session-hours.ts';
import type { ReadViewing } from '../reports/viewing/viewing-batch.ts';
import type { Config } from './config.ts';
import type { Jobs } from './jobs.ts';
import type { SessionStore } from './viewing/session-store.ts';

export interface ViewingRecord {
  readViewing: ReadViewing;
  sealHours: HourSealing['sealHours'];
  /** The store of sessions; what it removes goes from the seals as well. */
  sessions: SessionStore;
}

export function wireViewingRecord(deps: {
  store: { sessions: SessionStore; sessionHours: SessionHours; sealedHours: SealedHourStore };
  settled(): Promise<void>;
  config: Pick<Config, 'rawRetentionMs'>;
  clock: () => number;
}): ViewingRecord {
  const { store, settled, clock } = deps;
  const ports = { sessions: store.sessionHours, sealed: store.sealedHours, settled, clock };
  const sealing = createHourSealing({
    ...ports,
    retentionMs: deps.config.rawRetentionMs,
    newId: () => randomBytes(9).toString('base64url'),
  });
  return {
    readViewing: createReadViewing(ports),
    sealHours: sealing.sealHours,
    sessions: {
      ...store.sessions,
      async removeOfViewer(viewer) {
        const removal = await store.sessions.removeOfViewer(viewer);
        await sealing.eraseViewer(viewer, removal.moves);
        return removal;
      },
      async removeEndedBefore(at) {
        await sealing.removeBefore(at); // first: until it is done, the rest of its hours is read session by session
        return store.sessions.removeEndedBefore(at);
      },
    },
  };
}

/** An hour that changed is sealed anew within an hour: each time costs as much as reading it some times session by session. */
export function defineSealingJob(jobs: Pick<Jobs, 'define'>, { sealHours }: Pick<ViewingRecord, 'sealHours'>): void {
  jobs.define({ name: 'seal-viewing-hours', schedule: '5 * * * *', catchUp: true, run: sealHours });
}
